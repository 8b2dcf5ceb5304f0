"""The reference permission sets whose resources are written down."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from personalize_permissions import (
    PersonalizeAccess,
    PersonalizeApplicationAccess,
    PersonalizeBucketAccess,
    PersonalizeDataScientistAccess,
    PersonalizeKeyAccess,
    PersonalizePermissions,
    PersonalizeReaderAccess,
    PersonalizeServiceRole,
)
from tests.engine.programs import ACCOUNT, KEY_ADMINISTRATION, foreign_policy

KEY: Final = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
CAMPAIGN: Final = f"arn:aws:personalize:us-east-1:{ACCOUNT}:campaign/shop"
ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/recommender"


def everything(key: str) -> dict[str, Any]:
    """Every argument of the whole, and every way in which a bucket or a key is given."""
    return {
        "users": ["alice"],
        "groups": ["group-alice"],
        "roles": ["role-alice"],
        "policy": "custom",
        "policy_name": "people-of-personalize",
        "policy_path": "/shop/",
        "cloudwatch": "full-access-v2",
        "service_role": {
            "path": "/service-role/",
            "description": "Recommends",
            "permissions_boundary": f"arn:aws:iam::{ACCOUNT}:policy/boundary",
            "max_session_duration": 7200,
        },
        "source_accounts": [ACCOUNT, "210987654321"],
        "source_arns": [f"arn:aws:personalize:us-east-1:{account}:*" for account in (ACCOUNT, "210987654321")],
        "buckets": [
            {"bucket": "shop-training", "uses": ["import", "deletion"], "prefix": "in/"},
            {
                "bucket": "shop-results",
                "uses": ["batch", "metrics"],
                "label": "results",
                "existing_policy": foreign_policy("shop-results"),
            },
            {"bucket": "shop-reports", "uses": ["export"], "bucket_policy": "statements"},
        ],
        "keys": [{"key_arn": key, "label": "key", "existing_policy": KEY_ADMINISTRATION, "dataset_export": True}],
        "confine_to_source": True,
        "tags": {"team": "shop"},
    }


def sets() -> Mapping[str, Callable[[], object]]:
    """Programs by name."""
    return {
        "default": lambda: PersonalizePermissions("recs", {"users": ["alice"]}),
        "everything": lambda: PersonalizePermissions("recs", json.loads(json.dumps(everything(KEY)))),
        "managed": lambda: PersonalizePermissions("recs", {"users": ["alice"], "policy": "managed"}),
        "least-privilege": lambda: PersonalizePermissions(
            "recs",
            {
                "users": ["alice"],
                "policy": "least-privilege",
                "service_role": {"name": "recommender"},
                "keys": [{"key_arn": KEY, "key_policy": "statements"}],
            },
        ),
        "identities": lambda: PersonalizePermissions(
            "recs",
            {
                "applications": [
                    {"label": "storefront", "roles": ["storefront"], "campaigns": [CAMPAIGN], "record_events": True}
                ],
                "readers": [{"label": "auditors", "groups": ["auditors"]}],
                "data_scientists": [{"label": "science", "groups": ["science"], "resource_tags": {"team": "science"}}],
            },
        ),
        "application alone": lambda: PersonalizeApplicationAccess(
            "application", {"roles": ["storefront"], "campaigns": [CAMPAIGN]}
        ),
        "readers alone": lambda: PersonalizeReaderAccess("readers", {"users": ["alice"]}),
        "data scientists alone": lambda: PersonalizeDataScientistAccess(
            "science", {"groups": ["science"], "service_role_arn": ROLE}
        ),
        "people alone": lambda: PersonalizeAccess("people", {"groups": ["group-alice"], "cloudwatch": "full-access"}),
        "service role alone": lambda: PersonalizeServiceRole("role", {}),
        "bucket alone": lambda: PersonalizeBucketAccess(
            "bucket", {"bucket": "shop-training", "uses": ["import"], "service_role_name": "recommender"}
        ),
        "key alone": lambda: PersonalizeKeyAccess(
            "key",
            {
                "key_arn": KEY,
                "service_role_arn": ROLE,
                "users": ["alice"],
                "existing_policy": KEY_ADMINISTRATION,
            },
        ),
    }
