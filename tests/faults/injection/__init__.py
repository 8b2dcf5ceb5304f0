"""Faults between the AWS plugin and moto: a proxy on loopback that answers, loses and kills as a test's plan says."""

from __future__ import annotations

from tests.faults.injection.answers import KILLS, Fault
from tests.faults.injection.calls import Call
from tests.faults.injection.plans import FirstOf, Plan, Rule, Storm, Tally
from tests.faults.injection.proxy import FaultyCloud

__all__ = ["KILLS", "Call", "Fault", "FaultyCloud", "FirstOf", "Plan", "Rule", "Storm", "Tally"]
