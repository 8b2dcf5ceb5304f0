"""Answers the calls of Terraform's protocol, in the place of a process of terraform-provider-aws."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from sandbox.bridge.process import RefusedError
from sandbox.bridge.protocol import MESSAGES, Message
from sandbox.bridge.values import pack, unpack
from sandbox.bridge.wire import UNKNOWN
from sandbox.emulator import cloudcontrol, grants, iam, kms, lookups, plans, rules, s3
from sandbox.emulator.resource import Resource, retry
from sandbox.emulator.session import Account, AwsError

if TYPE_CHECKING:
    from sandbox.emulator.plans import Values
    from sandbox.emulator.rules import Rule

_RESOURCES: Final[Mapping[str, Resource]] = {
    "aws_cloudcontrolapi_resource": cloudcontrol.ControlledRole("Cloud Control API Resource"),
    "aws_iam_group": iam.Person("Group"),
    "aws_iam_group_policy": grants.Inline("group"),
    "aws_iam_group_policy_attachment": grants.Attachment("group"),
    "aws_iam_policy": iam.Policy("IAM Policy"),
    "aws_iam_role": iam.Role("IAM Role"),
    "aws_iam_role_policy": grants.Inline("role"),
    "aws_iam_role_policy_attachment": grants.Attachment("role"),
    "aws_iam_user": iam.Person("User"),
    "aws_iam_user_policy": grants.Inline("user"),
    "aws_iam_user_policy_attachment": grants.Attachment("user"),
    "aws_kms_key": kms.Key("KMS Key"),
    "aws_kms_key_policy": kms.KeyPolicy("KMS Key Policy"),
    "aws_s3_bucket": s3.Bucket("S3 Bucket"),
    "aws_s3_bucket_policy": s3.BucketPolicy("S3 Bucket Policy"),
}
_UNHEARD: Final = frozenset({"Stop", "ValidateDataSourceConfig"})
"""Calls that there is nothing to do for."""


class Provider:
    """A provider that is called as `sandbox.bridge.process.Process` is."""

    def __init__(self) -> None:
        self._account: Account | None = None

    def call(self, name: str, **fields: Any) -> Message:  # noqa: ANN401 - fields of any message
        """Answer a call; RefusedError with the errors that it meets."""
        request = MESSAGES[name](**fields)
        method = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
        answer = None if name in _UNHEARD else getattr(self, method)
        try:
            return MESSAGES[f"{name}Answer"](**(answer(request) if answer else {}))
        except AwsError as error:
            raise RefusedError([_diagnostic(str(error))]) from error

    def stop(self) -> None:
        """Do nothing: calls to moto are short, and end by themselves."""

    def prepare_provider_config(self, request: Message) -> dict[str, Any]:
        """Take the configuration as it is."""
        return {"prepared_config": request.config}

    def configure(self, request: Message) -> dict[str, Any]:
        """Find region and account, roles assumed one after another."""
        config = unpack(request.config)
        if not config["region"]:
            raise AwsError("invalid AWS Region: set aws:region or AWS_REGION")
        keys = {"access_key": "aws_access_key_id", "secret_key": "aws_secret_access_key", "token": "aws_session_token"}
        credentials = {theirs: config[ours] for ours, theirs in keys.items() if config[ours]}
        tags = config["default_tags"][0]["tags"] if config["default_tags"] else None
        retries = 3 if config["max_retries"] is None else config["max_retries"]
        account = Account(config["region"], credentials, tags or {}, retries)
        for role in config["assume_role"]:
            if role["role_arn"]:
                account = account.assume(role["role_arn"], role["session_name"])
        allowed, forbidden = config["allowed_account_ids"], config["forbidden_account_ids"]
        number = account.identity["Account"] if allowed or forbidden else ""
        if (allowed and number not in allowed) or (forbidden and number in forbidden):
            raise AwsError(f"AWS account ID not allowed: {number}")
        self._account = account
        return {}

    def validate_resource_type_config(self, request: Message) -> dict[str, Any]:
        """Check a configuration as the provider's schema does in a preview."""
        found = plans.failures(_rules(request), unpack(request.config))
        if errors := [_diagnostic(reason, name) for name, reason in found]:
            raise RefusedError(errors)
        return {}

    def upgrade_resource_state(self, request: Message) -> dict[str, Any]:
        """Take the state as it is: there is one version of it."""
        return {"upgraded_state": pack(json.loads(request.raw_state.json))}

    def plan_resource_change(self, request: Message) -> dict[str, Any]:
        """Plan a creation or an update."""
        prior, config = unpack(request.prior_state), unpack(request.config)
        planned, replacing = plans.plan(_rules(request), prior, config, dict(self._known.default_tags))
        paths = [{"steps": [{"attribute_name": name}]} for name in replacing]
        return {"planned_state": pack(planned), "requires_replace": paths}

    def apply_resource_change(self, request: Message) -> dict[str, Any]:
        """Create, update or delete; what is left of a failed one comes with the error."""
        prior, planned = unpack(request.prior_state), unpack(request.planned_state)
        resource = _RESOURCES[request.type_name]
        verb = "create" if prior is None else "delete" if planned is None else "update"
        state = prior
        try:
            if planned is None:
                resource.delete(self._known, prior["id"], prior)
                state = None
            elif prior is None:
                wanted = _known(planned)
                state = {**wanted, "id": resource.create(self._known, wanted)}
                resource.complete(self._known, state["id"], wanted)
            else:
                names = {rule.name for rule in _rules(request).values()}
                changed = {name for name in names if not plans.same(_rules(request)[name], prior[name], planned[name])}
                wanted = _known(planned)
                resource.update(self._known, prior["id"], prior, wanted, frozenset(changed))
                state = wanted
            return {"new_state": pack(self._seen(request, state, verb))}
        except AwsError as error:
            reason = f"{resource.doing(verb, (prior or {}).get('id', ''), planned or prior)}: {error}"
            return {"new_state": pack(state), "diagnostics": [_diagnostic(reason)]}

    def read_resource(self, request: Message) -> dict[str, Any]:
        """Return the state as AWS has it, nothing where it is gone."""
        return {"new_state": pack(self._read(request, unpack(request.current_state)))}

    def import_resource_state(self, request: Message) -> dict[str, Any]:
        """Return what an id tells."""
        state = dict.fromkeys(_rules(request)) | _RESOURCES[request.type_name].adopt(request.id)
        return {"imported_resources": [{"type_name": request.type_name, "state": pack(state)}]}

    def read_data_source(self, request: Message) -> dict[str, Any]:
        """Answer a lookup."""
        names = rules.table("data_sources")[request.type_name]
        found = lookups.look_up(self._known, request.type_name, unpack(request.config))
        return {"state": pack({name: found.get(name) for name in names})}

    @property
    def _known(self) -> Account:
        if self._account is None:
            raise AwsError("the provider is used before its region and account are known")
        return self._account

    def _seen(self, request: Message, state: Values | None, verb: str) -> Values | None:
        """Return the state after an apply, once AWS shows it."""
        if state is None:
            return None
        seen = retry(lambda: self._read(request, state)) if verb == "create" else self._read(request, state)
        if seen is None:
            raise AwsError("couldn't find resource")
        return seen

    def _read(self, request: Message, known: Values) -> Values | None:
        resource, identity = _RESOURCES[request.type_name], known["id"]
        try:
            found = resource.read(self._known, identity, known)
        except AwsError as error:
            raise AwsError(f"{resource.doing('read', identity, known)}: {error}", error.code) from error
        if found is None:
            return None
        everything = found.get("tags_all") or {}
        asked, defaults = known.get("tags") or {}, self._known.default_tags
        own = {name: text for name, text in everything.items() if name in asked or defaults.get(name) != text}
        return plans.keep_words(_rules(request), {"id": identity, **found, "tags": own or None}, known)


def _rules(request: Message) -> Mapping[str, Rule]:
    return rules.table("resources")[request.type_name]


def _known(planned: Values) -> Values:
    """Return a plan without what only the apply will tell."""
    return {name: None if value is UNKNOWN else value for name, value in planned.items()}


def _diagnostic(reason: str, attribute: str = "") -> Message:
    path = {"steps": [{"attribute_name": attribute}]} if attribute else None
    return MESSAGES["Diagnostic"](severity=1, summary=reason, attribute=path)
