"""Mends what moto does otherwise than AWS or too slowly, where a provider or a test of this repository meets it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from moto.iam.models import IAMBackend, ManagedPolicy
from moto.iam.responses import IamResponse
from moto.kms.models import KmsBackend
from moto.s3.models import S3Backend

from sandbox.cloud import KEY_ID_TAG

Moto = Any
"""An object of moto, which has no types."""

_ENCRYPTION: Final = {
    "Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
}
"""What every bucket has since January 2023 where nobody chose another."""
_managed: Final[dict[str, list[Any]]] = {}
"""AWS's managed policies by partition."""


def install() -> None:
    """Replace the methods of moto that are wrong."""
    _around(IAMBackend, "_init_aws_policies", _read_managed_policies_once)
    _around(IamResponse, "update_role", _keep_what_is_not_sent)
    _around(IAMBackend, "tag_role", _replace_tags_of_another_case)
    _around(IAMBackend, "update_user", _keep_tags_of_a_renamed_user)
    _around(IAMBackend, "update_group", _move_without_renaming)
    _around(ManagedPolicy, "attach_to", _attach_once)
    _around(KmsBackend, "create_key", _encrypt_by_default)
    _around(KmsBackend, "create_key", _take_the_id_from_a_tag)
    for method in ("enable_key", "disable_key", "schedule_key_deletion"):
        _around(KmsBackend, method, _find_by_arn_too)
    _around(S3Backend, "get_bucket_encryption", lambda get, *arguments: get(*arguments) or _ENCRYPTION)


def _around(kind: type, method: str, instead: Callable[..., Any]) -> None:
    """Call `instead` with moto's own method before its arguments."""
    theirs = getattr(kind, method)

    @wraps(theirs)
    def mended(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever moto gives
        return instead(theirs, *arguments, **named)

    setattr(kind, method, mended)


def _read_managed_policies_once(read: Callable[..., Any], iam: Moto) -> list[Any]:
    """Copy AWS's managed policies: moto reads fifteen hundred for each partition and account, at each reset too."""
    if iam.region_name not in _managed:
        _managed[iam.region_name] = read(iam)
    mine = [copy.copy(policy) for policy in _managed[iam.region_name]]
    for policy in mine:
        policy.account_id = iam.account_id
    return mine


def _keep_what_is_not_sent(update: Callable[..., Any], response: Moto) -> object:
    """Let UpdateRole change only what it names: moto erases the description and resets the duration beside it."""
    role = response.backend.get_role(response.params["RoleName"])
    kept = {"Description": role.description, "MaxSessionDuration": role.max_session_duration}
    response.params = {**kept, **response.params}
    return update(response)


def _replace_tags_of_another_case(tag: Callable[..., Any], iam: Moto, name: str, tags: list[dict[str, str]]) -> None:
    """Replace a role's tag whose key differs in case only: moto keeps both."""
    role, keys = iam.get_role(name), {item["Key"].lower() for item in tags}
    role.tags = [item for item in role.tags if item["Key"].lower() not in keys]
    tag(iam, name, tags)


def _keep_tags_of_a_renamed_user(
    update: Callable[..., Any], iam: Moto, user_name: str, new_path: str | None = None, new_user_name: str | None = None
) -> None:
    """Keep tags when UpdateUser changes the ARN, by which moto remembers them."""
    user = iam.get_user(user_name)
    before, tags = user.arn, iam.list_user_tags(user_name)
    update(iam, user_name, new_path, new_user_name)
    iam.tagger.delete_all_tags_for_resource(before)
    iam.tagger.tag_resource(user.arn, tags)


def _move_without_renaming(
    update: Callable[..., Any], iam: Moto, group_name: str, new_group_name: str | None, new_path: str | None
) -> None:
    """Let UpdateGroup give another path alone, which moto ignores, or the old name again, which moto refuses."""
    if new_group_name in {None, group_name}:
        group = iam.get_group(group_name)
        group.path = new_path or group.path
    else:
        update(iam, group_name, new_group_name, new_path)


def _attach_once(attach: Callable[..., Any], policy: Moto, holder: Moto) -> None:
    """Attach a policy once only: moto counts it twice, and then cannot delete it."""
    if policy.arn not in holder.managed_policies:
        attach(policy, holder)


def _find_by_arn_too(change: Callable[..., Any], kms: Moto, key_id: str, *more: object) -> object:
    """Find a key by its ARN too: moto breaks on it."""
    return change(kms, kms.get_key_id(key_id), *more)


def _encrypt_by_default(
    create: Callable[..., Any], kms: Moto, policy: str | None, key_usage: str | None, *more: object, **named: object
) -> object:
    """Make a key without a use to encrypt with: moto leaves the use out."""
    return create(kms, policy, key_usage or "ENCRYPT_DECRYPT", *more, **named)


def _take_the_id_from_a_tag(create: Callable[..., Any], kms: Moto, *arguments: object, **named: object) -> Moto:
    """Give a key the id that its tag says: a configuration names a key before it is made."""
    key = create(kms, *arguments, **named)
    for tag in kms.list_resource_tags(key.id)["Tags"]:
        if tag["TagKey"] == KEY_ID_TAG:
            del kms.keys[key.id]
            key.id, key.arn = tag["TagValue"], key.arn.replace(key.id, tag["TagValue"])
            kms.keys[key.id] = key
    return key
