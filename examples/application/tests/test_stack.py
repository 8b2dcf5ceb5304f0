"""Check what the application's stack allows and what it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from personalize_permissions.testing import (
    assert_admits,
    assert_does_not_admit,
    assert_guarded,
    assert_may,
    assert_may_assume,
    assert_may_not,
    assert_may_not_assume,
    role,
    user,
)

if TYPE_CHECKING:
    from personalize_permissions.testing import Recorded

TO_PERSONALIZE = {"iam:PassedToService": "personalize.amazonaws.com"}


def test_analysts_use_personalize_and_nothing_else(shop: Recorded) -> None:
    for name in ("alice", "bob"):
        assert_may(shop, user(name), "personalize:CreateDataset", "personalize:CreateSolution")
        assert_may_not(shop, user(name), "iam:CreateUser", "s3:GetObject")
    assert_may_not(shop, user("eve", outside=True), "personalize:CreateDataset")


def test_analysts_pass_the_service_role_only_and_to_personalize_only(shop: Recorded) -> None:
    service_role = shop.exports["serviceRole"]
    assert_may(shop, user("alice"), "iam:PassRole", on=service_role, context=TO_PERSONALIZE)
    assert_may_not(shop, user("alice"), "iam:PassRole", on=service_role)
    assert_may_not(shop, user("alice"), "iam:PassRole", context=TO_PERSONALIZE)


def test_personalize_works_for_our_account_only(shop: Recorded) -> None:
    assert_guarded(shop)
    assert_may_assume(shop, "shop-service-role")
    assert_may_not_assume(shop, "shop-service-role", account="999988887777")


def test_training_data_is_read_and_results_are_written(shop: Recorded) -> None:
    assert_admits(shop, "training-data", "import", key="interactions/2024.csv")
    assert_does_not_admit(shop, "training-data", "import", key="customers.csv")
    assert_does_not_admit(shop, "training-data", "batch", key="interactions/2024.csv")
    assert_admits(shop, "recommendations", "batch")
    assert_does_not_admit(shop, "recommendations", "batch", account="999988887777")


def test_the_worker_gets_recommendations_only(shop: Recorded) -> None:
    assert_may(shop, role("worker"), "personalize:GetRecommendations")
    assert_may_not(shop, role("worker"), "personalize:DeleteDataset", "iam:PassRole")
