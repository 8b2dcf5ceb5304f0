"""Faults between the AWS plugin and moto: a proxy on loopback that answers, loses and kills as a test's plan says."""

from __future__ import annotations

from sandbox.faults.answers import KILLS, Fault
from sandbox.faults.calls import Call
from sandbox.faults.plans import FirstOf, Plan, Rule, Storm, Tally
from sandbox.faults.proxy import FaultyCloud

__all__ = ["KILLS", "Call", "Fault", "FaultyCloud", "FirstOf", "Plan", "Rule", "Storm", "Tally"]
