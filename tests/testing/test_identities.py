"""The kit answers for applications, readers and data scientists, whose campaigns are outputs of the same program."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from personalize_permissions import PersonalizePermissions
from personalize_permissions.testing import (
    InvalidQuestionError,
    PermissionsMocks,
    Recorded,
    assert_may,
    assert_may_not,
    group,
    role,
    run,
)

CAMPAIGN = "arn:aws:personalize:us-east-1:123456789012:campaign/shop"


class Campaigns(pulumi.runtime.Mocks):
    """A team's own resource, such as a dynamic one, that makes a campaign."""

    def new_resource(self, args: Any) -> tuple[str, dict[str, Any]]:
        return f"{args.name}-id", {"arn": CAMPAIGN} if args.typ == "shop:index:Campaign" else {}

    def call(self, args: Any) -> dict[str, Any]:
        return {}


def made(kind: str, name: str, output: str, inputs: dict[str, Any] | None = None) -> Any:
    return getattr(pulumi.CustomResource(kind, name, {**(inputs or {}), output: None}), output)


def program() -> None:
    group_arn = made("aws-native:personalize:DatasetGroup", "shop-group", "datasetGroupArn", {"name": "shop"})
    PersonalizePermissions(
        "recs",
        {
            "applications": [
                {
                    "label": "storefront",
                    "roles": ["storefront"],
                    "campaigns": [made("shop:index:Campaign", "shop-campaign", "arn")],
                },
                {
                    "label": "catalog",
                    "roles": ["catalog"],
                    "datasets": [
                        made(
                            "aws-native:personalize:Dataset",
                            "shop-items",
                            "datasetArn",
                            {"datasetGroupArn": group_arn, "datasetType": "Items"},
                        )
                    ],
                },
            ],
            "readers": [{"label": "auditors", "groups": ["auditors"]}],
            "data_scientists": [{"label": "search", "groups": ["search"], "resource_tags": {"team": "search"}}],
        },
    )


@pytest.fixture(scope="module")
def recorded() -> Recorded:
    return run(program, PermissionsMocks(Campaigns()))


@pytest.mark.parametrize("on", [CAMPAIGN, "shop-campaign"])
def test_an_application_may_get_recommendations_from_its_campaign(on: str, recorded: Recorded) -> None:
    assert_may(recorded, role("storefront"), "personalize:GetRecommendations", on=on)
    assert_may_not(recorded, role("storefront"), "personalize:PutEvents")
    assert_may_not(recorded, role("catalog"), "personalize:GetRecommendations", on=on)
    assert_may_not(recorded, group("auditors"), "personalize:GetRecommendations", on=on)
    assert_may(recorded, group("auditors"), "personalize:DescribeCampaign", on=on)


def test_a_dataset_of_the_same_program_has_the_arn_that_aws_gives_it(recorded: Recorded) -> None:
    items = "arn:aws:personalize:us-east-1:123456789012:dataset/shop/ITEMS"
    assert_may(recorded, role("catalog"), "personalize:PutItems", on="shop-items")
    assert_may(recorded, role("catalog"), "personalize:PutItems", on=items)
    assert_may_not(recorded, role("catalog"), "personalize:PutItems", on=f"{items}-2")


def test_a_question_may_say_which_tags_a_resource_has(recorded: Recorded) -> None:
    tagged = {"aws:ResourceTag/team": "search"}
    assert_may(recorded, group("search"), "personalize:UpdateCampaign", on="shop-campaign", context=tagged)
    assert_may_not(recorded, group("search"), "personalize:UpdateCampaign", on="shop-campaign")
    assert_may_not(recorded, group("search"), "personalize:DeleteCampaign", on="shop-campaign", context=tagged)


def test_a_name_that_nothing_has_is_no_question(recorded: Recorded) -> None:
    with pytest.raises(InvalidQuestionError, match='"shop-campain" is not an ARN'):
        recorded.may(role("storefront"), "personalize:GetRecommendations", "shop-campain")
