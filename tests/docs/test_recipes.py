"""What recipes say beside their programs: who may do what, who warns of a Deny, and which hooks there are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi
import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from personalize_guardrails.configuration import RULE, PackConfig
from personalize_guardrails.guide import SERVICE
from personalize_guardrails.policies import pack_policies
from personalize_permissions._documents.identities import DATASET_ACTIONS, EVENT_ACTIONS
from personalize_permissions._documents.personalize_actions import ACTIONS, SERVING_ACTIONS
from personalize_permissions.testing import (
    PermissionsMocks,
    Recorded,
    assert_may,
    assert_may_not,
    explain,
    role,
    run,
    user,
)
from tests.docs.pages import DOCS, Block, blocks
from tests.docs.test_pages import KEY_POLICY

if TYPE_CHECKING:
    from pathlib import Path

SAGEMAKER = "AmazonSageMakerFullAccess"
MANAGED = {f"arn:aws:iam::aws:policy/{SAGEMAKER}": json.loads(aws_managed_policies_data)[SAGEMAKER]["Document"]}
WRANGLER = role("sagemaker-execution")
EXCEPTIONS = (
    '            "aws:PrincipalServiceName": "personalize.amazonaws.com",\n',
    '        "ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{account}:role/recommender"},\n',
)


def of(page: str, language: str = "python") -> list[Block]:
    return [block for block in blocks(DOCS / f"recipes/{page}.md") if block.language == language]


def executed(text: str) -> Recorded:
    return run(lambda: exec(compile(text, "recipe", "exec"), {}), PermissionsMocks(managed_policies=MANAGED))


@pytest.fixture(scope="module")
def wrangler() -> Recorded:
    return executed(of("data-wrangler")[0].text)


def test_data_wrangler_may_do_what_the_guide_asks_for(wrangler: Recorded) -> None:
    created = [name for name in ACTIONS if name.startswith("personalize:Create")]
    read = [name for name in ACTIONS if name.startswith(("personalize:List", "personalize:Describe"))]
    refused = {name for name in created if not may(wrangler, name)}
    assert refused == {"personalize:CreateDataDeletionJob"}
    assert [name for name in read if not may(wrangler, name)] == []
    context = {"iam:PassedToService": SERVICE}
    assert_may(wrangler, WRANGLER, "iam:PassRole", on="recs-service-role", context=context)
    assert_may_not(wrangler, WRANGLER, "iam:PassRole", on="arn:aws:iam::123456789012:role/another", context=context)


def may(recorded: Recorded, action: str) -> bool:
    """Whether Data Wrangler may do it on a resource of each type that the action takes."""
    own = "arn:aws:personalize:us-east-1:123456789012"
    return bool(recorded.may(WRANGLER, action, on=f"{own}:anything/shop" if ACTIONS[action].resources else "*"))


def test_data_wrangler_writes_to_buckets_of_sagemaker_and_no_bucket_policy(wrangler: Recorded) -> None:
    assert_may(wrangler, WRANGLER, "s3:PutObject", on="arn:aws:s3:::shop-sagemaker-prepared/items.csv")
    assert_may_not(wrangler, WRANGLER, "s3:PutObject", on="arn:aws:s3:::shop-prepared/items.csv")
    assert_may_not(wrangler, WRANGLER, "s3:PutBucketPolicy", on="arn:aws:s3:::shop-sagemaker-prepared")


def test_the_unit_test_of_data_wrangler_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, test = of("data-wrangler")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "__main__.py").write_text(program.text)
    names: dict[str, Any] = {}
    exec(compile(test.text, str(test), "exec"), names)
    names["test_data_wrangler"]()


@pytest.mark.parametrize("missing", [(), EXCEPTIONS[:1], EXCEPTIONS[1:]], ids=["none", "service", "role"])
def test_who_names_a_vpc_only_deny(missing: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    warnings: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda message, *_: warnings.append(message))
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: True)
    text = of("vpc-endpoint")[0].text
    for exception in missing:
        assert exception in text
        text = text.replace(exception, "")
    diagnosis = explain(executed(text), use="import", bucket="shop-private")
    assert bool(diagnosis) is not bool(missing)
    assert ("VpcOnly" in str(diagnosis)) is bool(missing)
    assert any("denies what the component grants, in Statement[0]" in warning for warning in warnings) is (
        missing == EXCEPTIONS[:1]
    )


def test_the_shorter_exception_for_services_works_too(monkeypatch: pytest.MonkeyPatch) -> None:
    shorter = '        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},\n'
    assert shorter.strip(" ,\n") in (DOCS / "recipes/vpc-endpoint.md").read_text()
    text = of("vpc-endpoint")[0].text.replace(EXCEPTIONS[0], "").replace(EXCEPTIONS[1], EXCEPTIONS[1] + shorter)
    assert explain(executed(text), use="import", bucket="shop-private")


def test_each_endpoint_admits_what_it_serves() -> None:
    recorded = executed(of("vpc-endpoint")[1].text)
    made = {
        name: [each["Action"] for each in json.loads(endpoint.inputs["policy"])["Statement"]]
        for name, endpoint in recorded.of("VpcEndpoint").items()
    }
    assert made.pop("personalize") == [["personalize:*"], ["iam:PassRole"]]
    assert sorted(*made.pop("personalize-runtime")) == sorted(SERVING_ACTIONS)
    assert sorted(*made.pop("personalize-events")) == sorted((*EVENT_ACTIONS, *DATASET_ACTIONS))
    assert made == {}
    assert_may(recorded, user("alice"), "personalize:CreateDataset")


def test_the_configuration_beside_exceptions_is_the_packs() -> None:
    [shown] = of("policy-exceptions", "json")
    written = json.loads(shown.text)
    assert set(written) <= {policy.name for policy in pack_policies()}
    assert PackConfig.read(written.pop(RULE)).exemptions
    assert set(written.values()) <= {"advisory", "mandatory", "remediate", "disabled"}


def test_the_dataset_group_has_the_hooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key-policy.json").write_text(KEY_POLICY)
    monkeypatch.chdir(tmp_path)
    bound: list[list[str]] = []
    register = pulumi.runtime.mocks.MockMonitor.RegisterResource

    def noted(monitor: Any, request: Any) -> Any:
        if request.type == "aws:cloudcontrol/resource:Resource":
            bound.append(list(request.hooks.on_error))
        return register(monitor, request)

    monkeypatch.setattr(pulumi.runtime.mocks.MockMonitor, "RegisterResource", noted)
    executed(of("fresh-role")[0].text)
    assert bound == [["personalize-permissions:until-assumable-1"]]
