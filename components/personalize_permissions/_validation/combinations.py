"""Which arguments do not go together: reported where they are plain, and by components once they are known."""

from collections.abc import Mapping, Sequence
from typing import Final, TypeGuard

from personalize_guardrails.iam import account_in
from personalize_permissions._documents import limits
from personalize_permissions._validation.arn_validators import source_arn
from personalize_permissions._validation.report import Path, Report
from personalize_permissions.choices import CloudWatchChoice, Delivery, PolicyChoice


def check_policy_name(values: Mapping[str, object], path: Path, report: Report) -> None:
    """Report a name for a policy that is not created."""
    if values.get("policy_name") is not None and values.get("policy") == PolicyChoice.MANAGED.value:
        report.add(
            (*path, "policy_name"), 'has no effect with `policy` "managed", which creates no policy; leave it out'
        )


def check_sources(values: Mapping[str, object], path: Path, report: Report) -> None:
    """Report ARN patterns of accounts that are not source accounts."""
    accounts, arns = values.get("source_accounts"), values.get("source_arns")
    if _is_list_of_strings(accounts) and _is_list_of_strings(arns):
        for index, reason in source_faults(accounts, arns):
            report.add((*path, "source_arns", index), f"{report.quote(arns[index])} {reason}")


def source_faults(accounts: Sequence[str], arns: Sequence[str]) -> list[tuple[int, str]]:
    """Return the index of each ARN pattern of an account that is not among `accounts`, and what to write."""
    return [
        (
            index,
            "is an ARN of an account that is not a source account, so it never matches; add it to `source_accounts`",
        )
        for index, arn in enumerate(arns)
        if source_arn(arn) is None and account_in(arn) not in accounts
    ]


def check_managed_policies(values: Mapping[str, object], path: Path, report: Report) -> None:
    """Report more managed policies for each person than AWS allows."""
    keys = values.get("keys")
    cloudwatch = values.get("cloudwatch") not in (None, CloudWatchChoice.NONE.value)
    per_person = 1 + cloudwatch + (len(keys) if _is_list(keys) else 0)
    for people in limits.RAISED_MANAGED_POLICIES:
        if values.get(people) and (reason := quota_fault(people, per_person, values.get("managed_policies_quota"))):
            report.add(
                (*path, people), f"would get {per_person} managed policies each, including one for each key; {reason}"
            )


def quota_fault(people: str, attached: int, quota: object) -> str | None:
    """Return what to write where so many managed policies are too many for each of `people`; else None."""
    most = limits.RAISED_MANAGED_POLICIES[people]
    allowed = min(int(quota) if isinstance(quota, int | float) else limits.MANAGED_POLICIES, most)
    if attached <= allowed:
        return None
    groups = "write several groups" if people == "groups" else "write groups instead"
    more = f", or ask AWS for up to {most} and set `managed_policies_quota`" if allowed < most else ""
    return f"AWS allows {allowed}: {groups}, with a permission set for each, and divide the keys between them{more}"


def check_service_role(values: Mapping[str, object], path: Path, report: Report) -> None:
    """Report the service role among the people."""
    role, roles = values.get("service_role"), values.get("roles")
    made = role.get("name") if isinstance(role, Mapping) else None
    for index, name in enumerate(roles if _is_list(roles) else ()):
        if isinstance(name, str) and isinstance(made, str) and name.casefold() == made.casefold():
            report.add(
                (*path, "roles", index),
                f"{report.quote(name)} is the service role, which has its policy already; leave it out",
            )


def check_passed_role(values: Mapping[str, object], path: Path, report: Report) -> None:
    """Report a role to pass that is missing, or has no effect."""
    least, given = values.get("policy") == PolicyChoice.LEAST_PRIVILEGE.value, values.get("service_role_arn")
    if least and given is None:
        report.add((*path, "service_role_arn"), "is missing; least-privilege lets people pass this role only")
    if not least and given is not None:
        report.add((*path, "service_role_arn"), "has no effect here; set `policy` to least-privilege, or leave it out")


def check_key_policy(values: Mapping[str, object], path: Path, report: Report) -> None:
    """Report a key policy that would replace one that is not given."""
    attach = values.get("key_policy") in (None, Delivery.ATTACH.value)
    if attach and values.get("existing_policy") is None:
        report.add(
            (*path, "existing_policy"),
            "is missing; attaching replaces the key's whole policy, so write the JSON of the policy that it has "
            '(aws kms get-key-policy), or set `key_policy` to "statements" and add the statements in the output '
            "yourself",
        )


def check_adoption(values: Mapping[str, object], path: Path, report: Report) -> None:
    """Report a resource to take the place of, where no policy is written."""
    handed_out = Delivery.STATEMENTS.value in (values.get("bucket_policy"), values.get("key_policy"))
    if handed_out and values.get("adopt_policy_from") is not None:
        report.add(
            (*path, "adopt_policy_from"), 'has no effect with "statements", which writes no policy; leave it out'
        )


def check_application(values: Mapping[str, object], path: Path, report: Report) -> None:
    """Report an application that is granted nothing."""
    if not any(map(values.get, ("campaigns", "recommenders", "datasets", "record_events"))):
        report.add((*path, "campaigns"), NOTHING_GRANTED)


NOTHING_GRANTED: Final = (
    "is empty, and so are `recommenders` and `datasets`, and `record_events` is not true: the application could do "
    "nothing; write at least one of them"
)


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _is_list_of_strings(value: object) -> TypeGuard[Sequence[str]]:
    return _is_list(value) and all(isinstance(item, str) for item in value)
