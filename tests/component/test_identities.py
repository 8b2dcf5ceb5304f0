"""Applications, readers and data scientists: what each component registers, and what it refuses once values are known."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest

from personalize_permissions import (
    InvalidArgumentsError,
    PersonalizeApplicationAccess,
    PersonalizeDataScientistAccess,
    PersonalizePermissions,
    PersonalizeReaderAccess,
)
from personalize_permissions._documents.identities import DATASET_ACTIONS, EVENT_ACTIONS
from personalize_permissions._documents.personalize_actions import SERVING_ACTIONS
from personalize_permissions.testing import PermissionsMocks, Recorded, run

PERSONALIZE = "arn:aws:personalize:us-east-1:123456789012"
CAMPAIGN, RECOMMENDER, FILTER = (f"{PERSONALIZE}:{kind}/shop" for kind in ("campaign", "recommender", "filter"))
DATASET = f"{PERSONALIZE}:dataset/shop/ITEMS"
ROLE = "arn:aws:iam::123456789012:role/recommender"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
STATEMENTS = {
    "serving": {
        "Effect": "Allow",
        "Action": list(SERVING_ACTIONS),
        "Resource": sorted([CAMPAIGN, RECOMMENDER, FILTER]),
    },
    "events": {"Effect": "Allow", "Action": list(EVENT_ACTIONS), "Resource": "*"},
    "datasets": {"Effect": "Allow", "Action": list(DATASET_ACTIONS), "Resource": DATASET},
}
SERVED = {"campaigns": [CAMPAIGN], "recommenders": [RECOMMENDER], "filters": [FILTER]}


def statements(recorded: Recorded, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(recorded.of("Policy")[name].inputs["policy"])["Statement"]
    return [{key: sorted(value) if isinstance(value, list) else value for key, value in each.items()} for each in found]


@pytest.mark.parametrize(
    ("args", "granted"),
    [
        (SERVED, ["serving"]),
        ({"record_events": True}, ["events"]),
        ({"datasets": [DATASET]}, ["datasets"]),
        ({**SERVED, "record_events": True, "datasets": [DATASET]}, ["serving", "events", "datasets"]),
    ],
    ids=["serving", "events", "datasets", "everything"],
)
@pytest.mark.parametrize("as_outputs", [False, True], ids=["plain", "outputs"])
def test_serving_and_recording_are_grants_of_their_own(
    args: dict[str, Any], granted: list[str], as_outputs: bool
) -> None:
    late = pulumi.Output.from_input

    def program() -> Any:
        given: Any = args
        if as_outputs:
            given = {
                key: [late(each) for each in value] if isinstance(value, list) else late(value)
                for key, value in args.items()
            }
        return PersonalizeApplicationAccess("app", {"roles": ["storefront"], **given})

    recorded = run(program)
    assert statements(recorded, "app-policy") == [STATEMENTS[each] for each in granted]
    assert recorded.of("RolePolicyAttachment").keys() == {"app-personalize-storefront"}


def test_a_list_that_turns_out_empty_is_refused() -> None:
    """AWS refuses a policy without statements."""
    mocks = PermissionsMocks()
    with pytest.raises(InvalidArgumentsError, match="campaigns: is empty, and so are `recommenders`"):
        run(lambda: PersonalizeApplicationAccess("app", campaigns=pulumi.Output.from_input([])).policy_arn, mocks)
    assert not Recorded(mocks).of("Policy")


@pytest.mark.parametrize("arn", [CAMPAIGN.replace("123456789012", "210987654321"), CAMPAIGN.replace("aws", "aws-cn")])
def test_a_campaign_of_another_account_is_refused(arn: str) -> None:
    """The application's requests go to its own account, so the grant would be of no use."""
    application: Any = {"label": "shop", "campaigns": [CAMPAIGN, arn]}
    with pytest.raises(
        InvalidArgumentsError, match=r'applications\["shop"\]\.campaigns\[1\]: is an ARN of another acc'
    ):
        run(lambda: pulumi.Output.all(PersonalizePermissions("recs", {"applications": [application]}).policy_arn))


def test_a_secret_campaign_is_in_no_message() -> None:
    with pytest.raises(InvalidArgumentsError, match=r"campaigns\[0\]: the value is not an ARN") as caught:
        run(lambda: PersonalizeApplicationAccess("app", campaigns=[pulumi.Output.secret("hunter 2")]).policy_arn)
    assert "hunter" not in str(caught.value)


def test_the_set_gives_each_entry_a_component_of_its_own() -> None:
    args: Any = {
        "users": ["alice"],
        "policy_path": "/shop/",
        "tags": {"team": "shop"},
        "keys": [{"key_arn": KEY, "key_policy": "statements"}],
        "applications": [
            {"label": "storefront", "roles": ["storefront"], **SERVED},
            {"label": "ingest", "roles": ["ingest"], "record_events": True},
        ],
        "readers": [{"label": "auditors", "groups": ["auditors"]}],
        "data_scientists": [{"label": "science", "groups": ["science"], "users": ["carol"]}],
    }
    recorded = run(lambda: PersonalizePermissions("recs", args))
    policies = {name: made.inputs for name, made in recorded.of("Policy").items()}
    ours = {f"recs-{label}-policy" for label in ("storefront", "ingest", "auditors", "science")}
    assert policies.keys() > ours
    assert all((policies[name]["path"], policies[name]["tags"]) == ("/shop/", {"team": "shop"}) for name in ours)
    assert {name for kind in ("User", "Group", "Role") for name in recorded.of(f"{kind}PolicyAttachment")} >= {
        "recs-storefront-personalize-storefront",
        "recs-ingest-personalize-ingest",
        "recs-auditors-personalize-auditors",
        "recs-science-personalize-science",
        "recs-science-personalize-carol",
    }
    assert "recs-storefront-personalize-alice" not in recorded.of("UserPolicyAttachment")
    science = statements(recorded, "recs-science-policy")
    [passed] = [each for each in science if each["Action"] == ["iam:PassRole"] or each["Action"] == "iam:PassRole"]
    assert passed["Resource"] == recorded.of("Role")["recs-service-role"].outputs["arn"]
    assert [each for each in science if each["Resource"] == KEY]


def test_a_role_of_more_applications_than_policies_is_refused() -> None:
    """AWS allows ten managed policies for a role; each entry attaches one."""
    entries = [{"label": f"app-{number}", "roles": ["storefront"], "record_events": True} for number in range(11)]
    args: Any = {"applications": entries}
    with pytest.raises(InvalidArgumentsError, match=r'roles\["storefront"\]: gets 11 managed policies.*AWS allows 10'):
        run(lambda: PersonalizePermissions("recs", args).policy_arn)
    run(lambda: PersonalizePermissions("recs", {**args, "managed_policies_quota": 11}).policy_arn)


def test_a_list_of_entries_may_be_an_output() -> None:
    def program() -> PersonalizePermissions:
        readers: Any = pulumi.Output.from_input([{"label": "auditors", "roles": ["auditor"]}])
        return PersonalizePermissions("recs", {"readers": readers})

    recorded = run(program)
    assert "recs-auditors-personalize-auditor" in recorded.of("RolePolicyAttachment")


def test_arns_that_make_a_policy_too_long_are_refused() -> None:
    given: Any = {"recommenders": [f"{PERSONALIZE}:recommender/{index:060}" for index in range(60)]}
    refusal = (
        r"campaigns: need, together with the other ARNs, a policy of \d+ characters; AWS allows 6144; divide the ARNs"
    )
    with pytest.raises(InvalidArgumentsError, match=refusal):
        run(lambda: PersonalizeApplicationAccess("shop", given).policy_arn)


def test_tags_that_make_a_policy_too_long_are_refused() -> None:
    tags = {f"{index}{'k' * 120}": "v" * 250 for index in range(10)}
    given: Any = {"service_role_arn": ROLE, "resource_tags": tags}
    mocks = PermissionsMocks()
    with pytest.raises(
        InvalidArgumentsError, match=r"resource_tags: need, together with the keys, a policy of \d+ characters"
    ):
        run(lambda: PersonalizeDataScientistAccess("science", given).policy_arn, mocks)
    assert not Recorded(mocks).of("Policy")


@pytest.mark.parametrize(
    ("component", "args", "message"),
    [
        (PersonalizeDataScientistAccess, {}, "service_role_arn: is missing"),
        (PersonalizeDataScientistAccess, {"service_role_arn": "recommender"}, "service_role_arn: .*is not an ARN"),
        (
            PersonalizeDataScientistAccess,
            {"service_role_arn": ROLE, "key_arns": ["alias/shop"]},
            r"key_arns\[0\]: .*is an alias",
        ),
        (PersonalizeReaderAccess, {"label": "auditors"}, "label: is not an argument"),
        (PersonalizeApplicationAccess, {"roles": ["shop"]}, "campaigns: is empty"),
    ],
)
def test_what_only_the_components_alone_take_is_validated(component: Any, args: Any, message: str) -> None:
    mocks = PermissionsMocks()
    with pytest.raises(InvalidArgumentsError, match=message):
        run(lambda: component("one", args), mocks)
    assert mocks.registered == []
