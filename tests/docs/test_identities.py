"""The table of actions by identities is what two evaluations say of the documents that the components register."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from personalize_guardrails.iam import PolicyDocument
from personalize_guardrails.iam.evaluation import Caller, Policies, Request, evaluate, statements_of
from personalize_permissions import PersonalizePermissions
from personalize_permissions._documents.personalize_actions import ACTIONS, RESOURCE_TYPES
from personalize_permissions.testing import run
from tests.docs.pages import DOCS, blocks, rows
from tests.evaluation.independent import Asked, decides

OWN: Final = "arn:aws:personalize:us-east-1:123456789012"
WHO: Final = "arn:aws:iam::123456789012:role/somebody"
SERVED: Final = {kind: [f"{OWN}:{kind[:-1]}/shop"] for kind in ("campaigns", "recommenders", "filters")}
RECORDED: Final = {"record_events": True, "datasets": [f"{OWN}:dataset/shop"]}
ARGS: Final[Any] = {
    "applications": [{"label": "serving", **SERVED}, {"label": "recording", **RECORDED}],
    "readers": [{"label": "readers"}],
    "data_scientists": [
        {"label": "data"},
        {"label": "limited", "resource_tags": {"team": "search"}},
    ],
}
POLICIES: Final = {
    "people": "recs-access-policy",
    "serving": "recs-serving-policy",
    "recording": "recs-recording-policy",
    "readers": "recs-readers-policy",
    "data scientists": "recs-data-policy",
    "limited": "recs-limited-policy",
}
TABLE: Final = {f"personalize:{action}": cells for action, _, *cells in rows(DOCS / "identities.md", "action")}


@pytest.fixture(scope="module")
def documents() -> dict[str, dict[str, Any]]:
    made = run(lambda: PersonalizePermissions("recs", ARGS)).of("Policy")
    return {identity: json.loads(made[name].inputs["policy"]) for identity, name in POLICIES.items()}


def allowed(document: dict[str, Any], action: str, resource: str, **tags: str) -> bool:
    """What both evaluations say of one request."""
    context = {f"aws:ResourceTag/{key}": value for key, value in tags.items()}
    request = Request.of(Caller.identity(WHO), action, resource, context)
    ours = evaluate(request, Policies(identity=statements_of(PolicyDocument.parse(json.dumps(document)), "policy")))
    independent = decides(Asked(WHO, action, resource, context), [document], [])
    assert bool(ours) is (independent == "allowed"), request
    return bool(ours)


def requested(action: str) -> list[str]:
    """The resources that a request names: one of each type that the action requires."""
    kinds = [RESOURCE_TYPES[kind] for kind in ACTIONS[action].resources]
    return [f"{'arn:aws:personalize::' if kind.public else OWN}:{kind.path}/shop" for kind in kinds] or ["*"]


def test_the_test_of_the_page_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, test, *_ = (block for block in blocks(DOCS / "identities.md") if block.language == "python")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "__main__.py").write_text(program.text)
    names: dict[str, Any] = {}
    exec(compile(test.text, str(test), "exec"), names)
    names["test_identities"]()
    made = {each.name for each in run(Path("__main__.py")).resources}
    page = (DOCS / "identities.md").read_text()
    assert set(re.findall(r"`(recs-[\w-]+)`", page)) == {
        "recs-storefront-policy",
        "recs-storefront-personalize-storefront",
    }
    assert set(re.findall(r"`(recs-[\w-]+)`", page)) < made


def test_the_table_has_every_action() -> None:
    assert TABLE.keys() == ACTIONS.keys()


@pytest.mark.parametrize("action", ACTIONS)
def test_a_row_is_what_both_evaluations_say(action: str, documents: dict[str, dict[str, Any]]) -> None:
    people, applications, readers, data_scientists = TABLE[action]
    documented = {
        "people": people == "yes",
        "serving": applications == "serving",
        "recording": applications == "recording",
        "readers": readers == "yes",
        "data scientists": data_scientists == "yes",
    }
    for identity, expected in documented.items():
        may = all(allowed(documents[identity], action, resource) for resource in requested(action))
        assert may is expected, identity


@pytest.mark.parametrize("kind", ["campaign", "recommender", "filter"])
def test_an_application_is_served_from_what_is_named_alone(kind: str, documents: dict[str, dict[str, Any]]) -> None:
    for action in ("GetRecommendations", "GetPersonalizedRanking", "GetActionRecommendations"):
        assert allowed(documents["serving"], f"personalize:{action}", f"{OWN}:{kind}/shop")
        assert not allowed(documents["serving"], f"personalize:{action}", f"{OWN}:{kind}/other")


@pytest.mark.parametrize(
    ("action", "resource", "tags", "may"),
    [
        ("DescribeCampaign", f"{OWN}:campaign/shop", {}, False),
        ("DescribeCampaign", f"{OWN}:campaign/shop", {"team": "ads"}, False),
        ("DescribeCampaign", f"{OWN}:campaign/shop", {"team": "search"}, True),
        ("CreateCampaign", f"{OWN}:campaign/new", {}, True),
        ("CreateCampaign", f"{OWN}:solution/shop", {}, False),
        ("CreateCampaign", f"{OWN}:solution/shop", {"team": "search"}, True),
        ("UpdateCampaign", f"{OWN}:campaign/shop", {}, False),
        ("CreateSolutionVersion", f"{OWN}:solution/shop", {}, False),
        ("CreateBatchInferenceJob", f"{OWN}:solution/shop", {}, False),
        ("CreateDataset", f"{OWN}:dataset-group/shop", {}, False),
        ("DescribeSchema", f"{OWN}:schema/shop", {}, True),
        ("CreateSchema", f"{OWN}:schema/new", {}, True),
        ("UpdateMetricAttribution", f"{OWN}:metric-attribution/shop", {}, True),
        ("CreateMetricAttribution", f"{OWN}:dataset-group/shop", {}, False),
        ("DescribeRecipe", "arn:aws:personalize:::recipe/aws-sims", {}, True),
        ("CreateSolution", "arn:aws:personalize:::recipe/aws-sims", {}, True),
        ("ListCampaigns", "*", {}, True),
    ],
)
def test_tags_limit_data_scientists_where_there_are_tags(
    action: str, resource: str, tags: dict[str, str], may: bool, documents: dict[str, dict[str, Any]]
) -> None:
    assert allowed(documents["limited"], f"personalize:{action}", resource, **tags) is may


@pytest.mark.parametrize("place", ["us-east-1:210987654321", "eu-west-1:123456789012"])
def test_data_scientists_work_in_their_own_account_and_region(place: str, documents: dict[str, dict[str, Any]]) -> None:
    for action, kind in (("DescribeCampaign", "campaign"), ("CreateSolution", "solution")):
        resource = f"arn:aws:personalize:{place}:{kind}/shop"
        assert not allowed(documents["data scientists"], f"personalize:{action}", resource)


def test_data_scientists_pass_the_service_role_only(documents: dict[str, dict[str, Any]]) -> None:
    statements = documents["data scientists"]["Statement"]
    [passing] = [each for each in statements if "iam:PassRole" in each["Action"]]
    assert passing["Resource"].endswith(":role/recs-service-role-df995e3")
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "personalize.amazonaws.com"}}
