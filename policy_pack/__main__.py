"""The policy pack, as the Pulumi engine runs it."""

from pulumi_policy import EnforcementLevel, PolicyPack

from personalize_guardrails.policies import pack_policies, read_types
from personalize_guardrails.policies.sdk import speed_up

if __name__ == "__main__":
    speed_up(read_types())
    PolicyPack("personalize-guardrails", pack_policies(), EnforcementLevel.ADVISORY)
