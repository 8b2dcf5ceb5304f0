"""What should stand, worked out from AWS's guide and nothing of the component: no table or document of it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tests.engine.programs import ACCOUNT
from tests.lifecycle.account import PEOPLE, Standing
from tests.lifecycle.policy_lines import condition, line, statement_lines

Args = Mapping[str, Any]

SERVICE: Final = "Service:personalize.amazonaws.com"
FULL_ACCESS: Final = "arn:aws:iam::aws:policy/service-role/AmazonPersonalizeFullAccess"
CLOUDWATCH: Final = {
    "none": [],
    "full-access": ["arn:aws:iam::aws:policy/CloudWatchFullAccess"],
    "full-access-v2": ["arn:aws:iam::aws:policy/CloudWatchFullAccessV2"],
}
ON_OBJECTS: Final = {
    "import": {"s3:GetObject"},
    "deletion": {"s3:GetObject"},
    "batch": {"s3:GetObject", "s3:PutObject"},
    "export": {"s3:PutObject"},
    "metrics": {"s3:PutObject"},
}
LISTED_BY: Final = {"import", "deletion", "batch", "export"}
ON_KEYS: Final = ("kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey", "kms:ListGrants")


def expected(
    args: Args | None,
    role_arn: str,
    region: str,
    left: Mapping[str, list[str]],
    foreign: Mapping[str, list[dict[str, Any]]],
    attached: Mapping[str, list[str]],
) -> Standing:
    """The account, with a stack of those arguments or (None) without one.

    `left` is what former entries left in policies, `foreign` what others stated there, `attached` what they attached.
    """
    standing: Standing = {}
    for kind, names in PEOPLE.items():
        for name in names:
            ours = _of_people(args, role_arn) if args and name in args.get(kind, ()) else []
            standing[f"{kind[:-1]} {name}"] = sorted([*ours, *attached.get(name, ())])
    standing |= _role(args, region) if args is not None else {}
    standing["policies made"] = _made(args, role_arn) if args is not None else []
    for thing in foreign:
        ours = in_policy(args, thing, role_arn, region)
        theirs = [each for statement in foreign[thing] for each in statement_lines(statement)]
        standing[f"policy of {thing}"] = sorted([*(left[thing] if ours is None else ours), *theirs])
    return standing


def in_policy(args: Args | None, thing: str, role_arn: str, region: str) -> list[str] | None:
    """What the component itself states in the policy of a bucket or of a key; None where it writes none."""
    if args is None:
        return None
    confined = condition(_source(args, region)) if args.get("confine_to_source") else ""
    for entry in args["buckets"]:
        if entry["bucket"] == thing and entry.get("bucket_policy") != "statements":
            return sorted(line(*each, SERVICE, confined) for each in _on_bucket(entry))
    for entry in args["keys"]:
        if entry["key_arn"] == thing and entry.get("key_policy") != "statements":
            actions = [*_on_key(entry), "kms:CreateGrant"]
            return sorted(
                [line(action, "*", SERVICE, confined) for action in actions]
                + [line(action, "*", f"AWS:{role_arn}") for action in actions]
            )
    return None


def _of_people(args: Args, role_arn: str) -> list[str]:
    return [_policy(args, role_arn), *CLOUDWATCH[args.get("cloudwatch", "none")], *_of_keys(args)]


def _of_keys(args: Args) -> list[str]:
    """The policy for each key, of people and of the service role."""
    return ["; ".join(sorted(line(action, entry["key_arn"]) for action in _on_key(entry))) for entry in args["keys"]]


def _policy(args: Args, passed: str) -> str:
    """The policy of people; with `passed` empty, that of the service role."""
    match args.get("policy", "custom"):
        case "managed":
            return FULL_ACCESS
        case "custom":
            passed = "*"
    passing = condition({"StringEquals": {"iam:PassedToService": "personalize.amazonaws.com"}})
    granted = [line("personalize:*", "*"), *([line("iam:PassRole", passed, "", passing)] if passed else [])]
    return "; ".join(sorted(granted))


def _role(args: Args, region: str) -> Standing:
    settings = args.get("service_role", {})
    usual = "Assumed by Amazon Personalize, on behalf of the accounts and resources in its trust policy"
    return {
        "service role": [
            f"path {settings.get('path', '/')}",
            f"session {settings.get('max_session_duration', 3600)}",
            f"described {settings.get('description', usual)}",
            f"bounded by {settings.get('permissions_boundary')}",
            f"tagged {_tags(args)}",
        ],
        "trust of the service role": [line("sts:AssumeRole", "", SERVICE, condition(_source(args, region)))],
        "policies of the service role": [_policy(args, "")],
        "inline policies of the service role": sorted(
            [
                "; ".join(
                    sorted(
                        [line(*each) for each in _on_bucket(entry)]
                        + ([line("cloudwatch:PutMetricData", "*")] if "metrics" in entry["uses"] else [])
                    )
                )
                for entry in args["buckets"]
            ]
            + _of_keys(args)
        ),
    }


def _made(args: Args, role_arn: str) -> list[str]:
    policies = {
        "managed": [],
        "custom": [_policy(args, "*")],
        "least-privilege": [_policy(args, role_arn), _policy(args, "")],
    }[args.get("policy", "custom")]
    if any(args.get(kind) for kind in PEOPLE):
        policies += _of_keys(args)
    path = args.get("policy_path", "/")
    return sorted(f"{policy} at {path} tagged {_tags(args)}" for policy in policies)


def _tags(args: Args) -> dict[str, str]:
    return dict(sorted(args.get("tags", {}).items()))


def _source(args: Args, region: str) -> dict[str, dict[str, list[str]]]:
    accounts = args.get("source_accounts", [ACCOUNT])
    arns = args.get("source_arns") or [f"arn:aws:personalize:{region}:{account}:*" for account in accounts]
    return {"StringEquals": {"aws:SourceAccount": accounts}, "ArnLike": {"aws:SourceArn": arns}}


def _on_bucket(entry: Args) -> list[tuple[str, str]]:
    arn = f"arn:aws:s3:::{entry['bucket']}"
    objects = set().union(*(ON_OBJECTS[use] for use in entry["uses"]))
    listed = [("s3:ListBucket", arn)] if LISTED_BY & set(entry["uses"]) else []
    return [*((action, f"{arn}/{entry.get('prefix', '')}*") for action in sorted(objects)), *listed]


def _on_key(entry: Args) -> list[str]:
    return [*ON_KEYS, *(["kms:GenerateDataKeyWithoutPlaintext"] if entry.get("dataset_export") else [])]
