"""The picture of what a stack grants can be read: no label stands on another."""

from __future__ import annotations

import itertools
from xml.etree import ElementTree as ET

from sandbox.granted import SERVICE, Grant
from sandbox.show import picture

THINGS = ("bucket a", "bucket b", "key 1", "everything")
GRANTS = [
    Grant(SERVICE, ("sts:AssumeRole",), "role service", "trust policy", "aws:SourceAccount is 123456789012"),
    *(
        Grant(who, ("kms:CreateGrant", "kms:Decrypt"), on, "policy")
        for who in ("role service", SERVICE)
        for on in THINGS
    ),
    *(Grant(f"user {name}", ("s3:GetObject",), on, "policy") for name in ("a", "b", "c") for on in THINGS),
]


def test_no_label_stands_on_another() -> None:
    texts = [each for each in ET.fromstring(picture(GRANTS, "Grants")).iter() if each.get("class") == "action"]
    assert len(texts) == len(GRANTS)
    spots = [(int(each.attrib["x"]), int(each.attrib["y"]), len(each.text or "")) for each in texts]
    for (x, y, long), (others_x, others_y, others_long) in itertools.combinations(spots, 2):
        assert abs(y - others_y) >= 10 or abs(x - others_x) >= (long + others_long) * 2.5
