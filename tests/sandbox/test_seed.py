"""What the configuration of the reference stack names is there before the stack."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from sandbox import seed
from sandbox.cloud import Cloud

OWNER = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}}
BUCKET_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{**OWNER, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::new-data/*"}],
    }
)
KEY_POLICY = {"Version": "2012-10-17", "Statement": [{**OWNER, "Action": "kms:*", "Resource": "*"}]}
BAD = {"bucket": "bad-policy", "existingPolicy": "{}"}
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def configuration(folder: Path, region: str = "us-east-1", **config: object) -> Path:
    file = folder / "Pulumi.sandbox.yaml"
    settings = {f"personalize-permissions:{name}": value for name, value in config.items()}
    file.write_text(yaml.safe_dump({"config": {"aws:region": region, **settings}}))
    return file


def test_the_reference_stack_names_people_buckets_and_a_key() -> None:
    kinds = {thing.kind for thing in seed.named()}
    assert kinds == {"user", "group", "role", "bucket", "key"}


@pytest.mark.parametrize(
    "config",
    [
        {"users": "alice"},
        {"applications": {"roles": ["shop"]}, "readers": ["auditors"], "dataScientists": [{"groups": "search"}]},
        {"users": [{"secure": "v1:x"}], "buckets": ["data"]},
        {"buckets": [{"uses": ["import"]}], "keys": [{"keyArn": "alias/shop"}, {"keyArn": 7}]},
        {"keys": [{"keyArn": KEY.replace("123456789012", "210987654321")}]},
    ],
    ids=["no list", "no entries", "no names", "no arn", "another account"],
)
def test_what_is_not_written_as_it_should_be_is_left_to_the_component(
    config: dict[str, object], tmp_path: Path
) -> None:
    assert seed.named(configuration(tmp_path, **config)) == []


def test_the_users_groups_and_roles_of_every_identity_are_named(tmp_path: Path) -> None:
    config = configuration(
        tmp_path,
        applications=[{"label": "shop", "roles": ["storefront"]}, {"label": "clicks", "roles": ["click-stream"]}],
        readers=[{"label": "auditors", "users": ["eve"]}],
        dataScientists=[{"label": "search", "groups": ["search"]}],
    )
    assert {(thing.kind, thing.name) for thing in seed.named(config)} == {
        ("role", "storefront"),
        ("role", "click-stream"),
        ("user", "eve"),
        ("group", "search"),
    }


def test_what_a_user_adds_to_the_configuration_is_made_and_removed_again(account: Cloud, tmp_path: Path) -> None:
    account.reset()
    record = tmp_path / "seeded.json"
    seed.sow(account, record, seed.named(configuration(tmp_path, users=["alice"])))
    added = configuration(
        tmp_path,
        "eu-west-1",
        users=["alice", "carol"],
        groups=["science"],
        roles=["analyst"],
        buckets=[{"bucket": "new-data", "existingPolicy": BUCKET_POLICY}, {"bucket": "Not A Name"}, BAD],
        keys=[{"keyArn": KEY, "existingPolicy": KEY_POLICY}],
    )
    for _ in range(2):  # again: what is there stays as it is
        seed.sow(account, record, seed.named(added))
    assert {user["UserName"] for user in account.iam().list_users()["Users"]} == {"alice", "carol"}
    assert account.s3().get_bucket_policy(Bucket="new-data")["Policy"] == BUCKET_POLICY
    assert account.s3().get_bucket_location(Bucket="new-data")["LocationConstraint"] == "eu-west-1"
    kms = account.kms("eu-west-1")
    assert [key["KeyArn"] for key in kms.list_keys()["Keys"]] == [KEY]
    assert kms.describe_key(KeyId=KEY)["KeyMetadata"]["Arn"] == KEY
    assert json.loads(kms.get_key_policy(KeyId=KEY, PolicyName="default")["Policy"]) == KEY_POLICY
    account.iam().create_user(UserName="mallory")
    assert seed.reap(account, record) == ["user mallory"]
    assert not record.exists()
