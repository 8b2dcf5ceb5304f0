"""What a preview calls a violation is one, whatever the values that are not known yet turn out to be."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from personalize_guardrails.configuration import PackConfig
from personalize_guardrails.extraction.unknowns import UNKNOWN, has_unknown
from personalize_guardrails.resource_check import check_resource
from personalize_guardrails.trust import Finding

OURS, THEIRS = "123456789012", "210987654321"
ACCOUNTS = [OURS, THEIRS, "*"]
ARNS = [f"arn:aws:personalize:us-east-1:{OURS}:*", f"arn:aws:personalize:eu-west-1:{THEIRS}:*", "arn:aws:personalize:*"]
GUARD = {"StringEquals": {"aws:SourceAccount": OURS}, "ArnLike": {"aws:SourceArn": ARNS[0]}}
PERSONALIZE, OTHER = {"Service": "personalize.amazonaws.com"}, {"Service": "ec2.amazonaws.com"}
DENIAL = {"Effect": "Deny", "Principal": "*", "Action": "*"}
GUARDED = {"Effect": "Allow", "Principal": PERSONALIZE, "Action": "sts:AssumeRole", "Condition": GUARD}
DENIALS = [
    DENIAL,
    {**DENIAL, "Condition": {"StringNotEquals": {"aws:SourceAccount": OURS}}},
    {**DENIAL, "Condition": {"ArnNotLike": {"aws:SourceArn": ARNS[0]}}},
]
CAN_BE: dict[str, list[Any]] = {
    "document": [[DENIAL], [GUARDED], DENIALS],
    "statement": [*DENIALS, GUARDED],
    "Version": ["2012-10-17", "2008-10-17"],
    "Sid": ["Name"],
    "Effect": ["Allow", "Deny"],
    "Principal": [PERSONALIZE, OTHER, "*"],
    "Service": [*PERSONALIZE.values(), *OTHER.values()],
    "Action": ["sts:AssumeRole", "sts:TagSession"],
    "Condition": [GUARD, {}, {"StringLike": {"aws:SourceAccount": "*"}}],
    "block": [{"aws:SourceAccount": OURS, "aws:SourceArn": ARNS[0]}, {"aws:PrincipalTag/team": "x"}],
    "value": [*ACCOUNTS, *ARNS],
}
"""What can be at each place, some of it guarding and some not."""


def known_or_not(known: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Known mostly: who reaches a role at all is decided by everything in a statement at once."""
    return st.integers(0, 7).flatmap(lambda chance: known if chance else st.just(UNKNOWN))


VALUE = known_or_not(st.sampled_from(CAN_BE["value"]))
BLOCK = st.dictionaries(st.sampled_from(["aws:SourceAccount", "AWS:SourceArn", "sts:ExternalId"]), VALUE | st.lists(VALUE, min_size=1, max_size=3), min_size=1, max_size=2)  # fmt: skip
OPERATORS = [
    "StringEquals",
    "StringLike",
    "ArnLike",
    "StringNotLike",
    "StringEqualsIfExists",
    "ForAllValues:StringLike",
]
OPTIONAL = {
    "Sid": known_or_not(st.just("Name")),
    "Condition": known_or_not(st.dictionaries(st.sampled_from(OPERATORS), known_or_not(BLOCK), max_size=2)),
}
REACHING = st.fixed_dictionaries(
    {key: st.just(value) for key, value in GUARDED.items() if key != "Condition"}, optional=OPTIONAL
)
ANY = st.fixed_dictionaries(
    {
        "Effect": known_or_not(st.sampled_from(["Allow", "Deny"])),
        "Principal": known_or_not(st.sampled_from([PERSONALIZE, {"Service": UNKNOWN}, OTHER])),
        "Action": known_or_not(st.just("sts:AssumeRole")),
    },
    optional=OPTIONAL,
)
DOCUMENT = st.fixed_dictionaries(
    {"Statement": st.tuples(REACHING, st.lists(known_or_not(ANY), max_size=1)).map(lambda both: [both[0], *both[1]])},
    optional={"Version": known_or_not(st.just("2012-10-17"))},
)
SETTINGS = [{}, {"accounts": [OURS]}, {"accounts": [OURS, THEIRS], "sourceArns": [ARNS[1]]}, {"sourceArns": ARNS[:1]}]
INSIDE = {"document": "statement", "Condition": "block", "block": "value"}


def turned_out(value: Any, place: str, draw: Any) -> Any:
    """The value with something possible in place of what is not known."""
    if value is UNKNOWN:
        return draw(st.sampled_from(CAN_BE[place]))
    if isinstance(value, dict):
        inside = INSIDE.get(place)
        return {key: turned_out(item, inside or key, draw) for key, item in value.items()}
    return [turned_out(item, INSIDE.get(place, place), draw) for item in value] if isinstance(value, list) else value


def findings(document: Any, config: PackConfig) -> list[Finding]:
    check = check_resource("aws:iam/role:Role", "urn", "name", {"assumeRolePolicy": document}, config)
    return [finding for _, finding in check.findings]


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(DOCUMENT, st.sampled_from(SETTINGS), st.data())
def test_what_is_certain_in_a_preview_stays_so(document: Any, written: dict[str, Any], data: st.DataObject) -> None:
    config = PackConfig.read(written)
    assume(has_unknown(document))
    certain = [finding for finding in findings(document, config) if finding.witness]
    assume(certain)
    whole = {**document, "Statement": turned_out(document["Statement"], "document", data.draw)}
    if "Version" in document:
        whole["Version"] = turned_out(document["Version"], "Version", data.draw)
    for finding in certain:
        assert finding.witness
        open_one = whole["Statement"][finding.witness.statement]
        alone = [open_one, *(each for each in whole["Statement"] if each["Effect"] == "Deny")]
        # If only because it contradicts itself: then it can never match, and that is reported where it is alone.
        assert findings({**whole, "Statement": alone}, config)
