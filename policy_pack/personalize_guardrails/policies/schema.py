"""The schema by which the engine checks a policy's configuration before the policy sees it."""

from __future__ import annotations

from typing import Final

from pulumi_policy import PolicyConfigSchema

from personalize_guardrails.guide import SERVICE

_STRINGS: Final = {"type": "array", "items": {"type": "string", "minLength": 1}}
_PATTERN: Final = {"type": "string", "minLength": 1}
SCHEMA: Final = PolicyConfigSchema(
    properties={
        # No defaults here: the engine would fill them into each companion policy's configuration, over what it shares.
        "services": {**_STRINGS, "description": f"Service principals that are checked. Default: {SERVICE}."},
        "accounts": {
            "type": "array",
            "items": {"type": "string", "pattern": "^[0-9]{12}$"},
            "description": "Trusted accounts, of twelve digits. Default: those in the trust policy's conditions.",
        },
        "sourceArns": {
            **_STRINGS,
            "description": "Patterns of ARNs. aws:SourceArn must match one of them and name a trusted account.",
        },
        "exemptions": {
            "type": "array",
            "description": "Roles that the rule does not report until a date. Every selector that is given must match.",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["reason", "expires"],
                "properties": {
                    "service": {**_PATTERN, "description": "The service principal that may stay unguarded."},
                    "urn": {**_PATTERN, "description": "Pattern of the resource's URN, with * and ?."},
                    "name": {**_PATTERN, "description": "Pattern of the resource's logical name, with * and ?."},
                    "path": {**_PATTERN, "description": "Pattern of the role's IAM path, with * and ?."},
                    "reason": {**_PATTERN, "description": "Why the role is exempt."},
                    "expires": {
                        "type": "string",
                        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
                        "description": "The last day of the exemption, such as 2027-01-31.",
                    },
                },
            },
        },
    }
)
