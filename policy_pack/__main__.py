"""The policy pack, as the Pulumi engine runs it."""

from pulumi_policy import EnforcementLevel, PolicyPack

from personalize_guardrails.policies import pack_policies

if __name__ == "__main__":
    PolicyPack("personalize-guardrails", pack_policies(), EnforcementLevel.ADVISORY)
