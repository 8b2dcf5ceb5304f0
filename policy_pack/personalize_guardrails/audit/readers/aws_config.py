"""Reads what AWS Config recorded about roles.

Source: AWS Config API Reference, SelectResourceConfig, BatchGetResourceConfig, GetResourceConfigHistory; snapshots.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from personalize_guardrails.audit.subjects import Reader, Subject, role_subject
from personalize_guardrails.extraction.duplicate_keys import DUPLICATES, has_duplicate_keys, parsed
from personalize_guardrails.extraction.resource_types import ROLE

_ARRAYS: Final = frozenset({"Results", "configurationItems", "baseConfigurationItems"})


def _item(item: object) -> Iterable[Subject]:
    """Yield the role of a configuration item; `select-resource-config` gives each as text."""
    item = parsed(item)
    if not isinstance(item, Mapping):
        yield Subject("", fault="an item is not a JSON object")
        return
    configuration = parsed(item.get("configuration"))
    if has_duplicate_keys([item, configuration]):
        yield Subject("", str(item.get("resourceName") or ""), fault=DUPLICATES)
        return
    if not isinstance(configuration, Mapping):
        configuration = item
    kind, status = str(item.get("resourceType", ROLE)), str(item.get("configurationItemStatus"))
    is_role = kind == ROLE or "assumeRolePolicyDocument" in configuration
    if not is_role or status in {"ResourceDeleted", "ResourceDeletedNotRecorded"}:
        return
    subject = role_subject(configuration, "assumeRolePolicyDocument")
    arn = str(item.get("arn") or item.get("ARN") or subject.identity)
    account = str(item.get("accountId") or item.get("awsAccountId") or subject.account)
    name = subject.name or str(item.get("resourceName") or "")
    paths = {"assumeRolePolicy": "configuration"}
    yield replace(subject, name=name, identity=arn or name, account=account, paths=paths)


READER: Final = Reader(
    file="AWS Config: `select-resource-config` (and of an aggregator), `batch-get-resource-config`, "
    "`get-resource-config-history`, a snapshot",
    checked="every role that is not deleted",
    not_checked="resources of other types; a role that is selected without its `configuration`, and any item "
    "without its `resourceType`, is a fault",
    arrays=dict.fromkeys(_ARRAYS, _item),
    recognizes=lambda found: bool(_ARRAYS & found.keys()),
)
