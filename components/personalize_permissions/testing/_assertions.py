"""Assertions whose failures print the statement that is missing, or the one that is too wide."""

from personalize_guardrails import Kind, TrustSettings
from personalize_guardrails.configuration import PackConfig
from personalize_guardrails.guide import SERVICE
from personalize_guardrails.resource_check import check_located
from personalize_permissions._documents.requests import NO_KEYS, SOME_OBJECT, Values
from personalize_permissions.choices import BucketUse
from personalize_permissions.testing._decisions import Decision, show_statement
from personalize_permissions.testing._errors import InvalidQuestionError
from personalize_permissions.testing._names import Identity
from personalize_permissions.testing._recorded import Account, Recorded, Source

# A failure shows the line of the test, and none of this module: to pytest, and to unittest.
__tracebackhide__ = True
__unittest = True


def assert_may(recorded: Recorded, who: Identity, *actions: str, on: str = "*", context: Values = NO_KEYS) -> None:
    """Assert that a user, group or role may do every one of `actions` on `on` (`Recorded.may`)."""
    _all(_several(recorded, who, actions, on, context))


def assert_may_not(recorded: Recorded, who: Identity, *actions: str, on: str = "*", context: Values = NO_KEYS) -> None:
    """Assert that a user, group or role may do none of `actions` on `on`, an ARN or a logical name."""
    _none(_several(recorded, who, actions, on, context))


def assert_may_assume(
    recorded: Recorded,
    role: str,
    *,
    account: Account = Source.OWN,
    source_arn: Account = Source.OWN,
    service: str = SERVICE,
) -> None:
    """Assert that Personalize may assume a role of the program on behalf of an account (`Recorded.may_assume`)."""
    _all([recorded.may_assume(role, account=account, source_arn=source_arn, service=service)])


def assert_may_not_assume(
    recorded: Recorded,
    role: str,
    *,
    account: Account = Source.OWN,
    source_arn: Account = Source.OWN,
    service: str = SERVICE,
) -> None:
    """Assert that Personalize may not assume a role of the program on behalf of an account."""
    _none([recorded.may_assume(role, account=account, source_arn=source_arn, service=service)])


def assert_admits(
    recorded: Recorded,
    bucket: str,
    *uses: str | BucketUse,
    key: str = SOME_OBJECT,
    account: Account = Source.OWN,
    source_arn: Account = Source.OWN,
    policy: str | None = None,
) -> None:
    """Assert that a bucket's policy admits Personalize for every one of `uses` (`Recorded.admits`)."""
    _all(_admissions(recorded, bucket, uses, key, policy, account=account, source_arn=source_arn))


def assert_does_not_admit(
    recorded: Recorded,
    bucket: str,
    *uses: str | BucketUse,
    key: str = SOME_OBJECT,
    account: Account = Source.OWN,
    source_arn: Account = Source.OWN,
    policy: str | None = None,
) -> None:
    """Assert that a bucket's policy admits Personalize for none of `uses`."""
    _none(_admissions(recorded, bucket, uses, key, policy, account=account, source_arn=source_arn))


def assert_admits_to_key(
    recorded: Recorded,
    key: str,
    *,
    dataset_export: bool = False,
    account: Account = Source.OWN,
    source_arn: Account = Source.OWN,
    policy: str | None = None,
) -> None:
    """Assert that a KMS key's policy admits Personalize (`Recorded.admits_to_key`)."""
    sent = {"account": account, "source_arn": source_arn}
    _all([recorded.admits_to_key(key, dataset_export=dataset_export, policy=policy, **sent)])


def assert_guarded(recorded: Recorded, settings: TrustSettings | None = None) -> None:
    """Assert that the pack's own rule finds nothing in any trust policy of the program.

    It looks wherever the pack does: roles of the classic and the native provider, Cloud Control, CloudFormation
    templates; service-linked roles are left out. Without `settings` the trusted accounts are, as in the pack, those
    that each document names. Roles that the service can never assume fail too. A program without a trust policy
    fails: nothing would be asserted.
    """
    config = PackConfig(settings or TrustSettings())
    trusts = recorded.trust_policies()
    if not trusts:
        raise AssertionError("the program makes no IAM role, so there is no trust policy to guard")
    lines = []
    for made, found in trusts:
        for place, finding in check_located(found, urn="", name=made.name, config=config).findings:
            kind = "can never be assumed" if finding.kind is Kind.UNSATISFIABLE else finding.kind.value
            lines.append(f"{made} ({kind}): {finding.message} ({place})")
            lines += _guilty(recorded, made.name, found.document, finding.path)
    if lines:
        raise AssertionError("\n".join(dict.fromkeys(lines)))


def _guilty(recorded: Recorded, name: str, document: object, path: str) -> list[str]:
    """Return the statements that a finding's path names, for a message."""
    try:
        statements = recorded.policies.statements(document, f"the trust policy of {name}")
    except ValueError:
        return []
    guilty = (each for each in statements if path == "Statement" or path.startswith(f"Statement[{each.index}]"))
    return [show_statement(each) for each in guilty]


def _several(recorded: Recorded, who: Identity, actions: tuple[str, ...], on: str, context: Values) -> list[Decision]:
    if not actions:
        raise InvalidQuestionError("name at least one action, such as 'personalize:CreateDataset'")
    return [recorded.may(who, action, on, context) for action in actions]


def _admissions(
    recorded: Recorded, bucket: str, uses: tuple[str | BucketUse, ...], key: str, policy: str | None, **sent: Account
) -> list[Decision]:
    if not uses:
        raise InvalidQuestionError("name at least one use of the bucket, such as 'import'")
    return [recorded.admits(bucket, use, key=key, policy=policy, **sent) for use in uses]


def _all(decisions: list[Decision]) -> None:
    if refused := [each for each in decisions if not each]:
        raise AssertionError("\n\n".join(str(each) for each in refused))


def _none(decisions: list[Decision]) -> None:
    if allowed := [each for each in decisions if each]:
        lines = [f"{each}\nThat is too wide: no statement should allow it, or one should deny it." for each in allowed]
        raise AssertionError("\n\n".join(lines))
