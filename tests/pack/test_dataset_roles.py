"""The roles of dataset groups and import jobs, however these are written."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import Any

import pytest

from personalize_guardrails.guide import KEY_ACTIONS
from personalize_permissions.testing import UNKNOWN
from sandbox.paths import REPOSITORY
from tests.docs.pages import rows
from tests.pack.spellings import ROLE_ARN, resource
from tests.pack.test_bucket_encryption import BY_ACCOUNT, BY_KEY, ELSEWHERE, KEY, READS, messages_of, role
from tests.pack.test_companions import allow

NAME = "dataset-role-access"
LISTS = allow("s3:ListBucket", "arn:aws:s3:::data")
USES = allow(list(KEY_ACTIONS), KEY)
GROUP = {"Name": "shop", "RoleArn": ROLE_ARN, "KmsKeyArn": KEY}
JOB = {"JobName": "first", "RoleArn": ROLE_ARN, "DataSource": {"DataLocation": "s3://data/in/interactions.csv"}}
DATASET = {"Name": "clicks", "DatasetImportJob": JOB}


def camel(value: Any) -> Any:
    return {k[0].lower() + k[1:]: camel(v) for k, v in value.items()} if isinstance(value, dict) else value


def cloud_control(kind: str, properties: dict[str, Any]) -> Any:
    state = json.dumps(properties)
    return resource("aws:cloudcontrol/resource:Resource", typeName=f"AWS::Personalize::{kind}", desiredState=state)


def template(kind: str, properties: dict[str, Any]) -> Any:
    body = {"Resources": {"It": {"Type": f"AWS::Personalize::{kind}", "Properties": properties}}}
    return resource("aws:cloudformation/stack:Stack", templateBody=json.dumps(body))


SPELLINGS = {
    "native": lambda kind, properties: resource(f"aws-native:personalize:{kind}", **camel(properties)),
    "cloud control": cloud_control,
    "template": template,
}


messages = partial(messages_of, policy=NAME)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_role_that_does_not_fit_is_reported(spelling: str) -> None:
    group, dataset = SPELLINGS[spelling]("DatasetGroup", GROUP), SPELLINGS[spelling]("Dataset", DATASET)
    [of_group, of_data] = messages(group, dataset, *role(READS))
    assert of_group == (
        f"Dataset group shop has a KMS key that service role service may not use: it lacks {' and '.join(KEY_ACTIONS)}."
    )
    assert of_data == "Dataset clicks imports from bucket data, and service role service lacks s3:ListBucket there."
    assert messages(group, dataset, *role(READS, LISTS, USES)) == []
    refused = messages(group, dataset, *role(READS, LISTS, USES, trust=ELSEWHERE))
    assert [message.split(" has ")[0] for message in refused] == ["Dataset group shop", "Dataset clicks"]
    assert all("role service, which Personalize may not assume" in message for message in refused)


def group(**changed: Any) -> Any:
    fields = {key: value for key, value in {**GROUP, **changed}.items() if value is not None}
    return resource("aws-native:personalize:DatasetGroup", **camel(fields))


def test_a_key_that_a_template_leaves_out_is_none() -> None:
    without = {"Name": "shop", "KmsKeyArn": {"Ref": "AWS::NoValue"}}
    assert messages(template("DatasetGroup", without), *role(READS)) == []


def data(location: Any) -> Any:
    job = {**JOB, "DataSource": {"DataLocation": location}}
    return resource("aws-native:personalize:Dataset", **camel({"Name": "clicks", "DatasetImportJob": job}))


@pytest.mark.parametrize(
    ("why", "resources", "count"),
    [
        ("a role of another stack", [group(RoleArn=f"{ROLE_ARN}-2"), *role()], 0),
        ("a role that is not known yet", [group(RoleArn=UNKNOWN), *role()], 0),
        ("a key that is not known yet", [group(KmsKeyArn=UNKNOWN), *role()], 0),
        ("an alias", [group(KmsKeyArn="arn:aws:kms:us-east-1:1:alias/shop"), *role()], 0),
        ("neither role nor key", [group(RoleArn=None, KmsKeyArn=None), *role()], 0),
        ("the key names the role", [group(), *role(allow(list(KEY_ACTIONS[1:]), KEY)), resource("aws:kms/key:Key", policy=json.dumps(BY_KEY))], 0),
        ("the key leaves it to IAM", [group(), *role(), resource("aws:kms/key:Key", policy=json.dumps(BY_ACCOUNT))], 1),
        ("a policy that is not known yet", [group(), *role(), resource("aws:iam/rolePolicy:RolePolicy", role="service", policy=UNKNOWN)], 0),
        ("a folder", [data("s3://data/in"), *role(LISTS, allow("s3:GetObject", "arn:aws:s3:::data/in/*"))], 0),
        ("another folder", [data("s3://data/in/"), *role(LISTS, allow("s3:GetObject", "arn:aws:s3:::data/out/*"))], 1),
        ("a whole bucket", [data("s3://data"), *role(LISTS, READS)], 0),
        ("a place that is not known yet", [data(UNKNOWN), *role()], 0),
        ("a dataset without a job", [resource("aws-native:personalize:Dataset", name="clicks"), *role()], 0),
        ("a state that is not JSON", [resource("aws:cloudcontrol/resource:Resource", typeName="AWS::Personalize::DatasetGroup", desiredState="{"), *role()], 0),
        ("a state that is not known yet", [resource("aws:cloudcontrol/resource:Resource", typeName="AWS::Personalize::DatasetGroup", desiredState=UNKNOWN), *role()], 0),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_only_what_is_known_not_to_fit_is_reported(why: str, resources: list[Any], count: int) -> None:
    assert len(messages(*resources)) == count, why


def test_the_page_tells_the_cases() -> None:
    cases = list(rows(REPOSITORY / f"docs/policies/{NAME}.md", "resource"))
    assert len(cases) == 8
    for kind, has, reported in cases:
        missing = (
            {"RoleArn": None} if "without a role" in has else {"KmsKeyArn": None} if "without a key" in has else {}
        )
        given = group(**missing) if kind == "dataset group" else data("s3://data/in/interactions.csv")
        granted = [] if "may not" in has else [READS, USES] if "but not list" in has else [READS, LISTS, USES]
        found = messages(given, *role(*granted, **({"trust": ELSEWHERE} if "Lambda" in has else {})))
        [quoted] = re.findall("`(.*)`", reported) or [""]
        assert bool(found) is reported.startswith("yes"), has
        assert all(quoted in message for message in found)
