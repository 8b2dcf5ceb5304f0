"""The mocks answer as AWS does, alone and together with mocks that a team already has."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from personalize_permissions import InvalidArgumentsError, PersonalizePermissions, careful_deletion, testing
from personalize_permissions.testing import Location, PermissionsMocks, run, user

TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
FOREIGN = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Backup",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": "s3:*",
            "Resource": "arn:aws:s3:::data",
        }
    ],
}


def python(*arguments: str) -> str:
    ran = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


class TeamMocks(pulumi.runtime.Mocks):
    """What a team might have: ARNs for queues, and one lookup."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if args.typ == "aws:sqs/queue:Queue":
            return f"https://queues/{args.name}", {**args.inputs, "arn": f"arn:aws:sqs:::{args.name}"}
        return None, args.inputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        if args.token == "aws:index/getAvailabilityZones:getAvailabilityZones":
            return {"names": ["us-east-1a"]}, None
        return {"accountId": "000000000000", "region": "mars-1"}, None


class MixedMocks(PermissionsMocks, TeamMocks):
    pass


def with_a_queue() -> dict[str, Any]:
    made = PersonalizePermissions("recs", {"users": ["alice"]})
    return {
        "role": made.service_role_arn,
        "queue": aws.sqs.Queue("jobs").arn,
        "zones": aws.get_availability_zones_output().names,
    }


@pytest.mark.parametrize("mocks", [PermissionsMocks(TeamMocks()), MixedMocks()], ids=["around", "mixed"])
def test_a_teams_own_mocks_keep_their_answers_and_the_lookups_are_answered_for_them(mocks: PermissionsMocks) -> None:
    recorded = run(with_a_queue, mocks)
    assert recorded.result["queue"] == "arn:aws:sqs:::jobs"
    assert recorded.result["zones"] == ["us-east-1a"]
    assert recorded.result["role"].startswith("arn:aws:iam::123456789012:role/recs-service-role-")
    assert recorded.of("Queue")["jobs"].outputs["arn"] == "arn:aws:sqs:::jobs"


def test_account_region_and_partition_are_what_was_asked_for() -> None:
    mocks = PermissionsMocks(account="210987654321", region="cn-north-1", partition="aws-cn")
    made = run(lambda: PersonalizePermissions("recs", {}).trust_policy, mocks).result
    assert json.loads(made)["Statement"][0]["Condition"] == {
        "ArnLike": {"aws:SourceArn": "arn:aws-cn:personalize:cn-north-1:210987654321:*"},
        "StringEquals": {"aws:SourceAccount": "210987654321"},
    }


def test_explicit_providers_work_in_their_own_region_and_account() -> None:
    def program() -> dict[str, Any]:
        near = aws.Provider("near", region="eu-west-1")
        far = aws.Provider("far", region="us-west-2")
        return {
            name: PersonalizePermissions(name, {}, pulumi.ResourceOptions(providers=[provider])).service_role_arn
            for name, provider in (("near-recs", near), ("far-recs", far))
        }

    mocks = PermissionsMocks(providers={"far": Location("210987654321", "aws", "us-west-2")})
    recorded = run(program, mocks)
    assert recorded.result["near-recs"].startswith("arn:aws:iam::123456789012:role/")
    assert recorded.result["far-recs"].startswith("arn:aws:iam::210987654321:role/")
    trusts = {made.name: found.document for made, found in recorded.trust_policies()}
    assert "personalize:eu-west-1:123456789012" in trusts["near-recs-service-role"]
    assert "personalize:us-west-2:210987654321" in trusts["far-recs-service-role"]


def test_resources_have_the_outputs_that_aws_gives_them() -> None:
    def program() -> list[Any]:
        role = aws.iam.Role("reader", path="/data/", assume_role_policy=TRUST)  # type: ignore[arg-type] # a mapping
        named = aws.iam.User("someone", name="alice")
        policy = aws.iam.Policy("rules", policy=json.dumps(TRUST))
        bucket = aws.s3.Bucket("data")
        key = aws.kms.Key("key")
        inline = aws.iam.RolePolicy("inline", role=role.name, policy=json.dumps(TRUST))
        return [
            {"arn": role.arn, "id": role.id, "unique": role.unique_id, "trust": role.assume_role_policy},
            {"arn": named.arn, "id": named.id, "unique": named.unique_id},
            {"arn": policy.arn, "id": policy.id},
            {"arn": bucket.arn, "id": bucket.id, "bucket": bucket.bucket},
            {"arn": key.arn, "id": key.id},
            {"id": inline.id, "name": inline.name},
        ]

    role, alice, policy, bucket, key, inline = run(program).result
    assert role["arn"] == f"arn:aws:iam::123456789012:role/data/{role['id']}"
    assert role["id"].startswith("reader-")
    assert role["id"] != "reader"
    assert json.loads(role["trust"]) == TRUST
    assert role["unique"].startswith("AROA")
    assert len(role["unique"]) == len(alice["unique"]) == 21
    assert (alice["arn"], alice["id"]) == ("arn:aws:iam::123456789012:user/alice", "alice")
    assert policy["id"] == policy["arn"]
    assert bucket["arn"] == f"arn:aws:s3:::{bucket['bucket']}"
    assert bucket["id"] == bucket["bucket"]
    assert key["arn"] == f"arn:aws:kms:us-east-1:123456789012:key/{key['id']}"
    assert inline["id"] == f"{role['id']}:{inline['name']}"


def test_what_exists_already_has_the_name_that_it_is_read_by() -> None:
    full = "arn:aws:iam::aws:policy/service-role/AmazonPersonalizeFullAccess"
    schema = "arn:aws:personalize:us-east-1:123456789012:schema/events"

    class Schema(pulumi.CustomResource):
        arn = property(lambda self: pulumi.get(self, "schemaArn"))

    def program() -> list[Any]:
        key = aws.kms.Key.get("shared", "1234abcd-12ab-34cd-56ef-1234567890ab")
        policy = aws.iam.Policy.get("full", full)
        return [
            aws.iam.Role.get("worker", "etl-worker").arn,
            aws.s3.Bucket.get("data", "training-data").bucket,
            key.arn,
            [policy.arn, policy.name, policy.path],
            Schema(
                "aws-native:personalize:Schema", "events", {"schemaArn": None}, pulumi.ResourceOptions(id=schema)
            ).arn,
        ]

    role, bucket, key, policy, read = run(program).result
    assert read == schema
    assert role == "arn:aws:iam::123456789012:role/etl-worker"
    assert bucket == "training-data"
    assert key == "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    assert policy == [full, "AmazonPersonalizeFullAccess", "/service-role/"]


def test_a_resource_with_a_region_of_its_own_is_there() -> None:
    recorded = run(lambda: aws.kms.Key("datasets", region="eu-west-1").arn)
    assert recorded.result.startswith("arn:aws:kms:eu-west-1:123456789012:key/")


def test_names_of_pulumis_making_are_the_same_in_every_run() -> None:
    def program() -> pulumi.Output[str]:
        return aws.s3.Bucket("data").bucket

    assert run(program).result == run(program).result


def test_live_bucket_policies_reach_the_component() -> None:
    def program() -> None:
        PersonalizePermissions("recs", {"buckets": [{"bucket": "data", "uses": ["import"]}]})

    run(program)
    with pytest.raises(InvalidArgumentsError, match="Sid Backup"):
        run(program, PermissionsMocks(bucket_policies={"data": FOREIGN}))


def test_secrets_are_plain_in_the_record_and_secret_in_the_program() -> None:
    def program() -> pulumi.Output[bool]:
        made = aws.iam.User("someone", name=pulumi.Output.secret("alice"), tags={"team": pulumi.Output.secret("data")})
        return pulumi.Output.from_input(pulumi.Output.all(made.name).is_secret())

    recorded = run(program)
    assert recorded.result is True
    assert recorded.of("User")["someone"].inputs == {"name": "alice", "tags": {"team": "data"}}
    assert recorded.of("User")["someone"].outputs["arn"] == "arn:aws:iam::123456789012:user/alice"


def test_exports_configuration_and_an_entry_point_are_those_of_a_stack(tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text(
        "import pulumi\n"
        "size = pulumi.Config().require_int('size')\n"
        "names = [pulumi.get_organization(), pulumi.get_project(), pulumi.get_stack()]\n"
        "pulumi.export('where', f'{names}/{size}')\n"
        "pulumi.export('other', pulumi.Output.from_input(pulumi.Config('aws').get('region')))\n"
    )
    recorded = run(tmp_path, project="shop", stack="prod", config={"size": "3", "aws:region": "us-east-1"})
    assert recorded.exports == {"where": "['organization', 'shop', 'prod']/3", "other": "us-east-1"}
    assert run(lambda: pulumi.export("size", pulumi.Config().get("size"))).exports == {"size": None}


def test_runs_with_the_same_mocks_have_records_of_their_own() -> None:
    def program(user: str, region: str) -> None:
        provider = aws.Provider("elsewhere", region=region)
        PersonalizePermissions("recs", {"users": [user]}, pulumi.ResourceOptions(providers=[provider]))

    mocks = PermissionsMocks()
    first = run(lambda: program("alice", "eu-west-1"), mocks)
    second = run(lambda: program("bob", "us-west-2"), mocks)
    for recorded, name, region in ((first, "alice", "eu-west-1"), (second, "bob", "us-west-2")):
        assert [str(each) for each in recorded.policies.identities() if each.kind == "user"] == [f"user {name}"]
        [role] = recorded.of("Role").values()
        assert role.place.region == region
        assert f":{region}:" in role.inputs["assumeRolePolicy"]


def test_an_entry_point_runs_in_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "program"
    program.mkdir()
    (program / "names.txt").write_text("alice")
    (program / "__main__.py").write_text(
        "from pathlib import Path\n"
        "import pulumi\n"
        "pulumi.export('at once', Path('names.txt').read_text())\n"
        "pulumi.export('later', pulumi.Output.from_input('names.txt').apply(lambda name: Path(name).read_text()))\n"
    )
    monkeypatch.chdir(tmp_path)
    assert run(Path("program")).exports == {"at once": "alice", "later": "alice"}
    assert Path.cwd() == tmp_path


def test_modules_of_a_program_are_loaded_anew_in_every_run(tmp_path: Path) -> None:
    (tmp_path / "buckets.py").write_text("import pulumi_aws\npulumi_aws.s3.Bucket('data')\n")
    (tmp_path / "__main__.py").write_text("import buckets\n")
    for program in (tmp_path, tmp_path / "__main__.py"):
        assert list(run(program).of("Bucket")) == ["data"]
    assert "buckets" not in sys.modules
    assert str(tmp_path) not in sys.path


def test_an_error_of_the_program_or_of_an_output_is_raised_and_the_next_run_is_clean() -> None:
    def fails() -> None:
        raise LookupError("no such thing")

    def fails_later() -> None:
        pulumi.export("x", aws.s3.Bucket("data").bucket.apply(lambda _: 1 / 0))

    with pytest.raises(LookupError, match="no such thing"):
        run(fails)
    with pytest.raises(ZeroDivisionError):
        run(fails_later)
    assert run(with_a_queue, PermissionsMocks(TeamMocks())).result["queue"]


def test_a_program_can_be_run_from_within_a_running_loop() -> None:
    async def test_of_a_team() -> str:
        arn: str = run(lambda: PersonalizePermissions("recs", {}).service_role_arn).result
        return arn

    assert asyncio.run(test_of_a_team()).startswith("arn:aws:iam::")


def test_what_a_program_leaves_running_ends_with_it() -> None:
    running: list[asyncio.Future[None]] = []

    async def forever() -> None:
        while True:
            await asyncio.sleep(0.01)

    async def later(arn: str) -> str:
        await asyncio.sleep(0.05)
        return f"{arn}/later"

    def program() -> None:
        running.append(asyncio.ensure_future(forever()))
        aws.iam.User("late", name=aws.s3.Bucket("data").bucket.apply(later))

    def fails() -> None:
        aws.iam.User("never", name=asyncio.get_running_loop().create_future())
        raise LookupError("no such thing")

    assert run(program).of("User")["late"].outputs["name"].endswith("/later")
    assert running[0].cancelled()
    with pytest.raises(LookupError, match="no such thing"):
        run(fails)


def test_programs_that_several_threads_run_follow_one_another() -> None:
    both = Barrier(2, timeout=0.3)
    met = []

    def program() -> None:
        with suppress(BrokenBarrierError):
            both.wait()
            met.append("at the same time")

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(run, [program, program]))
    assert met == []
    assert run(lambda: run(lambda: "within").result).result == "within"


def test_a_relative_entry_point_is_found_while_another_program_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, source in (
        ("slow", "import time, pathlib\npathlib.Path('started').touch()\ntime.sleep(0.5)\n"),
        ("quick", "import pulumi\npulumi.export('of', 'quick')\n"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__main__.py").write_text(source)
    monkeypatch.chdir(tmp_path)
    with ThreadPoolExecutor(1) as thread:
        slow = thread.submit(run, Path("slow"))
        while not (tmp_path / "slow" / "started").exists() and not slow.done():
            time.sleep(0.01)
        assert run(Path("quick")).exports == {"of": "quick"}
        slow.result()


def test_a_program_with_transforms_and_hooks_comes_to_its_end() -> None:
    def program() -> None:
        options = careful_deletion(pulumi.ResourceOptions(transforms=[lambda _: None]))
        PersonalizePermissions("recs", {"users": ["alice"]}, options)

    assert run(program).of("Role").keys() == run(program).of("Role").keys() == {"recs-service-role"}


def test_pulumis_own_decorator_works_with_the_mocks(tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text(
        "import pulumi\n"
        "from personalize_permissions import PersonalizePermissions\n"
        "from personalize_permissions.testing import PermissionsMocks, Recorded, assert_guarded, user\n"
        "mocks = PermissionsMocks()\n"
        "pulumi.runtime.set_mocks(mocks)\n"
        "@pulumi.runtime.test\n"
        "def test_role():\n"
        "    made = PersonalizePermissions('recs', {'users': ['alice']})\n"
        "    def check(arn):\n"
        "        assert ':role/recs-service-role' in arn\n"
        "        assert_guarded(Recorded(mocks))\n"
        "    return made.service_role_arn.apply(check)\n"
        "@pulumi.runtime.test\n"
        "def test_role_once_more():\n"
        "    mocks.start_anew()\n"
        "    made = PersonalizePermissions('recs', {})\n"
        "    def check(arn):\n"
        "        assert not Recorded(mocks).may(user('alice', outside=True), 'personalize:CreateDataset')\n"
        "    return made.service_role_arn.apply(check)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "2 passed" in ran.stdout


def test_the_public_names_are_these_and_need_no_pytest() -> None:
    assert sorted(testing.__all__, key=str) == sorted(set(testing.__all__))
    assert all(getattr(testing, name).__doc__ for name in testing.__all__ if name != "UNKNOWN")
    public = {name for name in vars(testing) if not name.startswith("_")}
    modules = {path.stem for path in Path(testing.__file__).parent.glob("*.py")}
    assert public - modules == set(testing.__all__)
    code = "import sys; import personalize_permissions.testing; print({'pytest', 'pulumi_policy'} & set(sys.modules))"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stdout.strip()
        == "set()"
    )


def test_the_record_names_who_is_known() -> None:
    recorded = run(lambda: PersonalizePermissions("recs", {"users": ["alice"]}).policy_arn)
    assert user("alice") in recorded.policies.identities()
