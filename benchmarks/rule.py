"""check_trust_policy against json.loads of the same text, against parliament, and its growth."""

from __future__ import annotations

import importlib.util
import json
from typing import TYPE_CHECKING, Any

from benchmarks.longest import ACCOUNT, ALLOW, longest_documents
from benchmarks.measure import Row, fastest, seconds
from personalize_guardrails import TrustSettings, check_trust_policy

if TYPE_CHECKING:
    from collections.abc import Iterator

CONDITION = {
    "StringEquals": {"aws:SourceAccount": ACCOUNT},
    "StringLike": {"aws:SourceArn": f"arn:aws:personalize:us-east-1:{ACCOUNT}:*"},
}
_TIMES = 500


def text(*statements: dict[str, Any]) -> str:
    """Return a trust policy of some statements, as JSON."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


GUIDE = text({**ALLOW, "Condition": CONDITION})
UNGUARDED = text(ALLOW)
WIDE = text({**ALLOW, "Condition": {**CONDITION, "StringLike": {"aws:SourceArn": "arn:aws:personalize:*:*:*"}}})


def rows(*, small: bool = False) -> Iterator[Row]:
    """Give the rows of the rule."""
    repeats, times = (1, 1) if small else (10, _TIMES)
    for name, document in (("the guide's document", GUIDE), ("no conditions", UNGUARDED), ("an open ARN", WIDE)):
        ours = fastest(lambda document=document: [check_trust_policy(document) for _ in range(times)], repeats) / times  # type: ignore[misc] # the loop's own document
        peer = fastest(lambda document=document: [json.loads(document) for _ in range(times)], repeats) / times  # type: ignore[misc] # the same
        goal = "<= 15" if document is GUIDE else "-"
        yield Row(f"check_trust_policy, {name}", seconds(ours), f"json.loads {seconds(peer)}", ours / peer, goal)
    if importlib.util.find_spec("parliament"):
        yield _against_parliament("the guide's document", [GUIDE], ">= 10")
        yield _against_parliament("the same with a Resource, which it reads", [_with_resource(GUIDE)], ">= 10")
        yield _against_parliament("no conditions, an open ARN", [UNGUARDED, WIDE], "-")
    yield from _within_limits(1 if small else 20)
    yield from _growth()


def _within_limits(repeats: int) -> Iterator[Row]:
    """Yield documents beside the guide's, each with the time that it may take."""
    of_account, of_arn = CONDITION["StringEquals"], CONDITION["StringLike"]
    thousands = frozenset(f"{number:012d}" for number in range(100_000_000_000, 100_000_002_000))
    one_line = text({**ALLOW, "Condition": {"StringLike": {**of_arn, "aws:SourceAccount": "1*"}}})
    all_of = text(
        {
            **ALLOW,
            "Condition": {
                "StringLike": {"aws:SourceAccount": "100000000???"},
                "ArnLike": {"aws:SourceArn": "arn:aws:personalize:*:100000000???:*"},
            },
        }
    )
    third = text({**ALLOW, "Condition": {**CONDITION, "Bool": {"aws:SecureTransport": "true"}}})
    for name, document, limit, accounts in (
        ("a third key", third, 0.0002, None),
        ("the account alone", text({**ALLOW, "Condition": {"StringEquals": of_account}}), 0.0002, None),
        ("the ARN alone", text({**ALLOW, "Condition": {"StringLike": of_arn}}), 0.0002, None),
        ("one line, 2,000 trusted accounts", one_line, 0.25, thousands),
        ("a pattern of 1,000 among 2,000 trusted accounts", all_of, 0.25, thousands),
        *((f"4,096 characters, {name}", document, 0.25, None) for name, document in longest_documents().items()),
    ):
        settings = TrustSettings(accounts=accounts)
        ours = fastest(lambda: check_trust_policy(document, settings), repeats)  # noqa: B023 - called at once
        yield Row(f"check_trust_policy, {name}", seconds(ours), f"limit {seconds(limit)}", ours / limit, "<= 1")


def _with_resource(document: str) -> str:
    """Return the document as parliament wants it: without a Resource it looks no further."""
    body = json.loads(document)
    return text(*({**statement, "Resource": "*"} for statement in body["Statement"]))


def _against_parliament(name: str, documents: list[str], goal: str) -> Row:
    import parliament  # noqa: PLC0415 - where it is installed

    parliament.analyze_policy_string(GUIDE, ignore_private_auditors=True)
    count = len(documents)
    ours = fastest(lambda: [check_trust_policy(document) for document in documents * 50], 5) / (50 * count)
    peer = fastest(lambda: [parliament.analyze_policy_string(document) for document in documents * 5], 5) / (5 * count)
    return Row(f"check_trust_policy, {name}", seconds(ours), f"parliament {seconds(peer)}", peer / ours, goal)


def _growth() -> Iterator[Row]:
    def statements(count: int) -> str:
        return text(*[{**ALLOW, "Condition": CONDITION}] * count)

    def values(count: int) -> str:
        accounts = [f"{index:012d}" for index in range(count)]
        arns = [f"arn:aws:personalize:us-east-1:{account}:*" for account in accounts]
        return text(
            {
                **ALLOW,
                "Condition": {"StringEquals": {"aws:SourceAccount": accounts}, "ArnLike": {"aws:SourceArn": arns}},
            }
        )

    def pattern(count: int) -> str:
        arn = f"arn:aws:personalize:us-east-1:{ACCOUNT}:campaign/{'a' * count}*"
        return text({**ALLOW, "Condition": {"StringLike": {"aws:SourceAccount": "1*", "aws:SourceArn": arn}}})

    for name, make, small in (
        ("statements", statements, 50),
        ("values", values, 50),
        ("letters of a pattern", pattern, 100),
    ):
        few, many = make(small), make(small * 10)
        a = fastest(lambda few=few: check_trust_policy(few), 5)  # type: ignore[misc] # the loop's own document
        b = fastest(lambda many=many: check_trust_policy(many), 5)  # type: ignore[misc] # the same
        yield Row(f"growth with {name}, 10 times as many", seconds(b), seconds(a), b / a, "about 10")
