"""The schema by which the engine checks a policy's configuration before the policy sees it."""

from __future__ import annotations

from typing import Final

from pulumi_policy import PolicyConfigSchema

from personalize_guardrails.guide import SERVICE

_TEXTS: Final = {"type": "array", "items": {"type": "string", "minLength": 1}}
_PATTERN: Final = {"type": "string", "minLength": 1}
SCHEMA: Final = PolicyConfigSchema(
    properties={
        # No defaults here: the engine would write them over what the policies that share a configuration were given.
        "services": {**_TEXTS, "description": f"Service principals that are checked. Left out: {SERVICE}."},
        "accounts": {
            "type": "array",
            "items": {"type": "string", "pattern": "^[0-9]{12}$"},
            "description": "Accounts that are trusted, of twelve digits. Left out: those that a document names.",
        },
        "sourceArns": {
            **_TEXTS,
            "description": "Patterns that an aws:SourceArn must match besides naming a trusted account.",
        },
        "exemptions": {
            "type": "array",
            "description": "Roles that the rule leaves alone until a date. Every selector that is given must match.",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["reason", "expires"],
                "properties": {
                    "service": {**_PATTERN, "description": "The service principal that may stay unguarded."},
                    "urn": {**_PATTERN, "description": "Pattern of the resource's URN, with * and ?."},
                    "name": {**_PATTERN, "description": "Pattern of the resource's logical name, with * and ?."},
                    "path": {**_PATTERN, "description": "Pattern of the role's IAM path, with * and ?."},
                    "reason": {**_PATTERN, "description": "Why."},
                    "expires": {
                        "type": "string",
                        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
                        "description": "The last day, as 2027-01-31.",
                    },
                },
            },
        },
    }
)
