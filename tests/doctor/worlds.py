"""Accounts in which Personalize works, piece by piece, so that each piece can be taken out; and what IAM says of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.evaluation.independent import Asked, decides

ACCOUNT = "123456789012"
START = f"arn:aws:iam::{ACCOUNT}"
ROLE, ALICE = f"{START}:role/service-role/recs", f"{START}:user/alice"
BUCKET, OBJECTS = "arn:aws:s3:::data", "arn:aws:s3:::data/in/*"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
NOW = datetime.now(UTC)
"""The policies of these worlds name years before and after."""
SERVICE = "personalize.amazonaws.com"
JOBS = {
    "import": "dataset-import-job",
    "deletion": "data-deletion-job",
    "batch": "batch-inference-job",
    "export": "dataset-export-job",
    "metrics": "metric-attribution",
}
READS, WRITES, LISTS = ("s3:GetObject", OBJECTS), ("s3:PutObject", OBJECTS), ("s3:ListBucket", BUCKET)
ON_BUCKET = {
    "import": [READS, LISTS],
    "deletion": [READS, LISTS],
    "batch": [READS, LISTS, WRITES],
    "export": [WRITES, LISTS],
    "metrics": [WRITES],
}
ON_KEY = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:ListGrants"]
ROOT = {"Effect": "Allow", "Principal": {"AWS": f"{START}:root"}, "Action": "kms:*", "Resource": "*"}

Statement = dict[str, Any]


def allow(action: str, resource: str | None = None, principal: Any = None, **condition: Any) -> Statement:
    parts = {"Principal": principal, "Action": action, "Resource": resource, "Condition": condition}
    return {"Effect": "Allow", **{name: value for name, value in parts.items() if value}}


@dataclass
class World:
    """The statements on each side; `boundary` and `key` are None where there is no such policy."""

    use: str
    sides: dict[str, list[Statement]] = field(default_factory=dict)
    organization: str = ""
    owner: str = ACCOUNT
    """Of the bucket."""

    def documents(self, side: str) -> list[dict[str, Any]]:
        return [document(self.sides[side])] if self.sides.get(side) else []

    def files(self, folder: Path) -> Path:
        """What the AWS CLI prints about it."""
        empty: list[Any] = []
        policies = [managed(name, self.sides[name]) for name in ("boundary",) if name in self.sides]
        role = {
            "RoleName": "recs",
            "RoleId": "AROAEXAMPLE",
            "Tags": [{"Key": "team", "Value": "recs"}],
            "Arn": ROLE,
            "AssumeRolePolicyDocument": document(self.sides["trust"]),
            "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": document(self.sides["role"])}],
            "AttachedManagedPolicies": empty,
        }
        if policies:
            role["PermissionsBoundary"] = {"PermissionsBoundaryArn": policies[0]["Arn"]}
        alice = {
            "UserName": "alice",
            "Tags": [{"Key": "team", "Value": "people"}],
            "Arn": ALICE,
            "GroupList": ["analysts"],
            "AttachedManagedPolicies": empty,
        }
        analysts = {
            "GroupName": "analysts",
            "Arn": f"{START}:group/analysts",
            "AttachedManagedPolicies": [{"PolicyName": "person", "PolicyArn": f"{START}:policy/person"}],
        }
        policies.append(managed("person", self.sides["person"]))
        written: dict[str, Any] = {
            "account.json": {
                "RoleDetailList": [role],
                "UserDetailList": [alice],
                "GroupDetailList": [analysts],
                "Policies": policies,
            },
            "bucket-policy.json": {"Policy": json.dumps(document(self.sides["bucket"]))},
        }
        default: dict[str, Any] = {"SSEAlgorithm": "AES256"}
        if "key" in self.sides:
            default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}
            written["key.json"] = {"Policy": json.dumps(document(self.sides["key"])), "PolicyName": "default"}
        rules = [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}]
        written["encryption.json"] = {"ServerSideEncryptionConfiguration": {"Rules": rules}}
        for name, content in written.items():
            (folder / name).write_text(json.dumps(content))
        return folder

    def without(self, side: str, index: int) -> World:
        changed = deepcopy(self)
        del changed.sides[side][index]
        return changed

    def plus(self, side: str, statement: Statement) -> World:
        changed = deepcopy(self)
        changed.sides[side].append(statement)
        return changed

    def works(self) -> bool:
        """What an independent evaluation says of every request."""
        return all(decides(*each) == "allowed" for each in self._requests())

    def _requests(self) -> Iterator[tuple[Any, ...]]:
        boundary = document(self.sides["boundary"]) if "boundary" in self.sides else None
        always = {"aws:SecureTransport": "true", "aws:RequestedRegion": "us-east-1", "aws:ResourceAccount": ACCOUNT}
        always["aws:ViaAWSService"] = "false"
        always |= {"aws:CurrentTime": NOW.strftime("%Y-%m-%dT%H:%M:%SZ"), "aws:EpochTime": str(int(NOW.timestamp()))}
        own = {"aws:PrincipalAccount": ACCOUNT, "aws:PrincipalIsAWSService": "false"}
        role = {
            **always,
            **own,
            "aws:PrincipalArn": ROLE,
            "aws:PrincipalTag/team": "recs",
            "aws:userid": "AROAEXAMPLE:session",
        }
        service = {
            **always,
            "aws:PrincipalIsAWSService": "true",
            "aws:PrincipalServiceName": SERVICE,
            "aws:SourceAccount": ACCOUNT,
            "aws:SourceArn": f"arn:aws:personalize:us-east-1:{ACCOUNT}:{JOBS[self.use]}/some-job",
        }
        person = {
            **always,
            **own,
            "aws:PrincipalArn": ALICE,
            "aws:username": "alice",
            "aws:PrincipalTag/team": "people",
        }
        if self.organization:
            in_organization = {"aws:PrincipalOrgID": self.organization, "aws:ResourceOrgID": self.organization}
            role, person = role | in_organization, person | in_organization
            service |= {"aws:SourceOrgID": self.organization, "aws:ResourceOrgID": self.organization}
        of_role = {"aws:ResourceTag/team": "recs", "iam:ResourceTag/team": "recs"}
        passing = {**person, **of_role, "iam:PassedToService": SERVICE}
        yield Asked(ALICE, "iam:PassRole", ROLE, passing), self.documents("person"), []
        yield Asked(SERVICE, "sts:AssumeRole", "*", {**service, **of_role}), [], self.documents("trust")
        yield from self._on_bucket(role, service, boundary)
        if "key" in self.sides:
            policy = self.documents("key")
            by_s3 = {"kms:ViaService": "s3.us-east-1.amazonaws.com", "aws:ViaAWSService": "true"}
            by_s3 |= {"kms:CallerAccount": ACCOUNT, "kms:GrantIsForAWSResource": "true"}
            for action in [*ON_KEY, "kms:CreateGrant"]:
                asked = Asked(ROLE, action, KEY, {**role, **by_s3})
                yield asked, self.documents("role"), policy, boundary, "resource"
                yield Asked(SERVICE, action, KEY, {**service, **by_s3}), [], policy
            for action in ON_KEY:
                asked = Asked(ALICE, action, KEY, {**person, **by_s3})
                yield asked, self.documents("person"), policy, None, "resource"
        if self.use == "metrics":
            asked = Asked(ROLE, "cloudwatch:PutMetricData", "*", role)
            yield asked, self.documents("role"), [], boundary

    def _on_bucket(
        self, role: dict[str, str], service: dict[str, str], boundary: dict[str, Any] | None
    ) -> Iterator[tuple[Any, ...]]:
        own, bucket = self.owner == ACCOUNT, self.documents("bucket")
        for action, _ in ON_BUCKET[self.use]:
            on = BUCKET if action == "s3:ListBucket" else f"{BUCKET}/in/x"
            more = {"aws:ResourceAccount": self.owner, "s3:ResourceAccount": self.owner, "s3:TlsVersion": "1.2"}
            if action == "s3:ListBucket":
                more["s3:prefix"] = "in/"
            if action == "s3:PutObject" and "key" in self.sides:
                more["s3:x-amz-server-side-encryption"] = "aws:kms"
                more["s3:x-amz-server-side-encryption-aws-kms-key-id"] = KEY
            by_role, by_service = (
                {key: value for key, value in {**known, **more}.items() if own or key != "aws:ResourceOrgID"}
                for known in (role, service)
            )
            rule = "either" if own else "both"
            yield Asked(ROLE, action, on, by_role), self.documents("role"), bucket, boundary, rule
            yield Asked(SERVICE, action, on, by_service), [], bucket


def document(statements: list[Statement]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}


def managed(name: str, statements: list[Statement]) -> dict[str, Any]:
    versions = [{"IsDefaultVersion": False, "Document": document([])}]
    versions.append({"IsDefaultVersion": True, "Document": document(statements)})
    return {"PolicyName": name, "Arn": f"{START}:policy/{name}", "PolicyVersionList": versions}


def healthy(use: str, *, key: bool, boundary: bool) -> World:
    """An account in which everything that a use takes is given once, one action a statement."""
    service = {"Service": SERVICE}
    pinned = {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:personalize:us-east-1:{ACCOUNT}:*"},
    }
    world = World(
        use,
        {
            "person": [allow("iam:PassRole", ROLE, StringEquals={"iam:PassedToService": SERVICE})],
            "trust": [{**allow("sts:AssumeRole", principal=service), "Condition": pinned}],
            "role": [allow(action, on) for action, on in ON_BUCKET[use]],
            "bucket": [allow(action, on, service) for action, on in ON_BUCKET[use]],
        },
    )
    if use == "metrics":
        world.sides["role"].append(allow("cloudwatch:PutMetricData", "*"))
    if key:
        world.sides["role"] += [allow(action, KEY) for action in ON_KEY]
        world.sides["person"] += [allow(action, KEY) for action in ON_KEY]
        by_service = [allow(action, "*", service) for action in [*ON_KEY, "kms:CreateGrant"]]
        world.sides["key"] = [ROOT, *by_service, allow("kms:CreateGrant", "*", {"AWS": ROLE})]
    if boundary:
        world.sides["boundary"] = deepcopy(world.sides["role"])
        if key:
            world.sides["boundary"].append(allow("kms:CreateGrant", KEY))
    return world
