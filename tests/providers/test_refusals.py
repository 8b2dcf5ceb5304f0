"""What the provider itself refuses, and how it tells what AWS refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.providers.driver import (
    BUCKET,
    KEY,
    KEY_POLICY,
    POLICY,
    ROLE,
    Engine,
    RefusedError,
)
from tests.support.documents import TEXTS, Aws, filled, furnish, table


@pytest.mark.parametrize("case", table(Path(__file__).with_name("checks.json")))
def test_preview_refuses(case: Any, engine: Engine) -> None:
    """What pulumi-aws's own schema refuses before AWS is asked: each provider words it in its own way."""
    own = {"policy": "arn:aws:iam::123456789012:policy/Shared"}
    response = engine.check(case["kind"], case.get("logical", "thing"), filled(case["inputs"], own))
    assert sorted(item.property for item in response.failures) == case["refused"], response.failures


def test_a_bucket_of_one_s_own_is_refused_where_s3_does_not_mind(engine: Engine, aws: Aws) -> None:
    aws("s3").create_bucket(Bucket="data-bucket")
    with pytest.raises(RefusedError, match=r"creating S3 Bucket \(data-bucket\): BucketAlreadyExists"):
        engine.create(BUCKET, "b", bucket="data-bucket")


class TestDeletion:
    def test_of_an_attached_policy_is_refused(self, engine: Engine, aws: Aws) -> None:
        furnish(aws, keys=False)
        made = engine.create(POLICY, "p", policy=TEXTS["identity"])
        aws("iam").attach_role_policy(RoleName="existing", PolicyArn=made.identity)
        with pytest.raises(RefusedError, match=r"DeleteConflict: Cannot delete a policy attached to entities"):
            engine.delete(made)

    def test_of_a_role_with_policies_of_others_is_refused(self, provider: str, engine: Engine, aws: Aws) -> None:
        if provider == "terraform":
            pytest.skip("the real provider refuses the same, after two minutes of repeating each deletion")
        own = furnish(aws, keys=False)
        made = engine.create(ROLE, "r", name="r", assumeRolePolicy=TEXTS["trust"])
        aws("iam").attach_role_policy(RoleName="r", PolicyArn=own["policy"])
        with pytest.raises(RefusedError, match=r"deleting IAM Role .r.: .*DeleteConflict: .* must detach all policies"):
            engine.delete(made)
        aws("iam").detach_role_policy(RoleName="r", PolicyArn=own["policy"])
        aws("iam").put_role_policy(RoleName="r", PolicyName="inline", PolicyDocument=TEXTS["identity"])
        with pytest.raises(RefusedError, match=r"DeleteConflict: .* must delete policies first"):
            engine.delete(made)

    def test_of_a_role_can_be_forced(self, engine: Engine, aws: Aws) -> None:
        own = furnish(aws, keys=False)
        made = engine.create(ROLE, "r", name="r", assumeRolePolicy=TEXTS["trust"], forceDetachPolicies=True)
        aws("iam").attach_role_policy(RoleName="r", PolicyArn=own["policy"])
        aws("iam").put_role_policy(RoleName="r", PolicyName="inline", PolicyDocument=TEXTS["identity"])
        engine.delete(made)
        assert engine.read(made) is None

    def test_of_a_group_with_members_is_refused(self, engine: Engine, aws: Aws) -> None:
        furnish(aws, keys=False)
        made = engine.create("aws:iam/group:Group", "g", name="g")
        aws("iam").add_user_to_group(GroupName="g", UserName="ana")
        with pytest.raises(RefusedError, match=r"DeleteConflict: .* must remove users from group first"):
            engine.delete(made)

    def test_of_a_bucket_with_objects_is_refused_unless_forced(self, engine: Engine, aws: Aws) -> None:
        kept, dropped = (
            engine.create(BUCKET, name, bucket=f"{name}-bucket", forceDestroy=name == "drop")
            for name in ("keep", "drop")
        )
        for bucket in ("keep-bucket", "drop-bucket"):
            aws("s3").put_object(Bucket=bucket, Key="k", Body=b"x")
        with pytest.raises(RefusedError, match="BucketNotEmpty: The bucket you tried to delete is not empty"):
            engine.delete(kept)
        engine.delete(dropped)
        assert engine.read(dropped) is None

    def test_of_a_key_only_schedules_it(self, engine: Engine, aws: Aws) -> None:
        made = engine.create(KEY, "k", deletionWindowInDays=7)
        engine.delete(made)
        assert aws("kms").describe_key(KeyId=made.identity)["KeyMetadata"]["KeyState"] == "PendingDeletion"
        with pytest.raises(RefusedError, match=r"KMSInvalidStateException: .* is pending deletion"):
            engine.create(KEY_POLICY, "p", keyId=made.identity, policy=TEXTS["key policy"])

    def test_of_a_key_policy_puts_the_default_back(self, engine: Engine, aws: Aws) -> None:
        own = furnish(aws)
        made = engine.create(KEY_POLICY, "p", keyId=own["key"], policy=TEXTS["key policy"])
        engine.delete(made)
        policy = aws("kms").get_key_policy(KeyId=own["key"], PolicyName="default")["Policy"]
        assert "personalize" not in policy
        assert "Enable IAM User Permissions" in policy
