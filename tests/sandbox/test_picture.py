"""The picture of what a stack grants can be read, as a browser shows it: with ten people and five buckets too."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from personalize_permissions._documents.identities import DATA_SCIENTIST_ACTIONS, EVENT_ACTIONS, READER_ACTIONS
from personalize_permissions._documents.personalize_actions import SERVING_ACTIONS
from sandbox.granted import SERVICE, Grant
from sandbox.picture import picture
from tests.support.chromium import Browser

ROLE = "role recommendations-service-role-0123abc"
KEY = "key 1234abcd-12ab-34cd-56ef-1234567890ab"
KEY_ACTIONS = ("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:ListGrants")
PEOPLE = [
    *(f"user {name}" for name in ("alice", "bob", "carol", "dave", "erin", "frank")),
    "group data-science-and-machine-learning-engineers",
    "group auditors",
    "role federated-analyst-of-the-department-of-recommendations-and-ads",
    "role ci",
]
BUCKETS = [f"bucket {name}" for name in ("shop-training-data", "shop-recommendations", "metrics", "exports", "a" * 63)]
PINNED = "aws:SourceArn is like arn:aws:personalize:us-east-1:123456789012:*; aws:SourceAccount is 123456789012 or 999988887777"


def large() -> list[Grant]:
    """Ten people, one of whom may do more than the others, and five buckets under a key."""
    found = [Grant(SERVICE, ("sts:AssumeRole",), ROLE, "trust policy", PINNED)]
    for who in (SERVICE, ROLE):
        for on in BUCKETS:
            prefix = "the object is personalize/2026/*"
            found.append(Grant(who, ("s3:GetObject", "s3:PutObject"), on, "bucket policy", prefix))
            found.append(Grant(who, ("s3:ListBucket",), on, "bucket policy"))
        found.append(Grant(who, (*KEY_ACTIONS, "kms:CreateGrant"), KEY, "key policy"))
    for who in PEOPLE:
        found.append(Grant(who, ("personalize:*",), "all of Personalize", "attached policy"))
        found.append(Grant(who, KEY_ACTIONS, KEY, "attached policy"))
        passed = "iam:PassedToService is personalize.amazonaws.com"
        found.append(Grant(who, ("iam:PassRole",), "any role", "attached policy", passed))
    found.append(Grant("user erin", ("CloudWatchFullAccessV2",), "what AWS's policy names", "AWS managed policy"))
    found.append(Grant("account 123456789012", ("kms:*",), KEY, "key policy"))
    return sorted(found, key=lambda grant: (grant.who, grant.on, grant.may))


IDENTITIES = [
    Grant("group auditors", READER_ACTIONS, "all of Personalize", "attached policy"),
    Grant(
        "group search",
        DATA_SCIENTIST_ACTIONS,
        "Personalize in us-east-1",
        "attached policy",
        "aws:ResourceTag/team is search",
    ),
    Grant("role storefront", SERVING_ACTIONS, "campaign shop", "attached policy"),
    Grant("role storefront", EVENT_ACTIONS, "all of Personalize", "attached policy"),
]
SMALL = [Grant("user alice", ("personalize:*",), "all of Personalize", "attached policy")]


@pytest.mark.parametrize(
    "grants", [large(), IDENTITIES, SMALL], ids=["ten people and five buckets", "identities", "one grant"]
)
def test_no_label_is_on_another_or_leaves_its_frame(grants: list[Grant], browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "granted.svg").write_text(picture(grants, "What the permission set grants"))
    with browser.page(width=1400, height=900) as page:
        page.open(tmp_path / "granted.svg")
        boxes: dict[str, list[list[float]]] = page.run(
            "Object.fromEntries(['text', 'rect'].map(kind => [kind, [...document.querySelectorAll(kind)]"
            ".map(each => each.getBBox()).map(box => [box.x, box.y, box.x + box.width, box.y + box.height])]))"
        )
        samples: list[list[float]] = page.run(
            "[...document.querySelectorAll('path.edge')].flatMap(path => [...Array(41).keys()]"
            ".map(step => path.getPointAtLength(step / 40 * path.getTotalLength())).map(spot => [spot.x, spot.y]))"
        )
    whole, *frames = boxes["rect"]
    framed = [text for text in boxes["text"] if text[1] > 80]  # below the title and the heads
    assert len(framed) >= len({grant.who for grant in grants})
    for one, other in itertools.combinations(boxes["text"], 2):
        assert not overlap(one, other), (one, other)
    for text in framed:
        assert any(within(text, frame) for frame in frames), text
    for one, other in itertools.combinations(frames, 2):
        assert not overlap(one, other), (one, other)
    for frame in frames:
        assert within(frame, whole)
    for x, y in samples:
        assert not any(text[0] < x < text[2] and text[1] < y < text[3] for text in boxes["text"]), (x, y)


def overlap(one: list[float], other: list[float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def within(inner: list[float], outer: list[float]) -> bool:
    return inner[0] >= outer[0] and inner[1] >= outer[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def texts(drawn: str, style: str) -> list[str]:
    return [each.text or "" for each in ET.fromstring(drawn).iter() if each.get("class") == style]


def test_every_grant_is_reported_in_full_and_those_alike_are_put_together() -> None:
    drawn = picture(large(), "Grants")
    said = " ".join(texts(drawn, "action"))
    for action in ("personalize: *", "kms: CreateGrant, Decrypt", "s3: GetObject, PutObject", "sts: AssumeRole"):
        assert action.replace("kms: CreateGrant, Decrypt", "kms: Decrypt") in said
    assert said.count("iam: PassRole") == 2  # erin, who may do more, has a card of her own
    assert PINNED in " ".join(texts(drawn, "provided"))
    names = "".join(texts(drawn, "name"))
    assert all(
        name.replace(" ", "") in names.replace(" ", "")
        for name in (*PEOPLE, *(each.partition(" ")[2] for each in BUCKETS))
    )
    description: Any = next(each for each in ET.fromstring(drawn).iter() if each.get("id") == "description")
    assert all(f"{grant.who} may {', '.join(grant.may)} on {grant.on}" in description.text for grant in large())
