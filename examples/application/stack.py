"""The application's resources: two buckets, a worker's role, and the permissions that Personalize needs."""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws

from personalize_permissions import PersonalizePermissions


def make(*, analysts: list[str]) -> PersonalizePermissions:
    """Register the resources, and return the permission set."""
    data = aws.s3.Bucket("training-data")
    results = aws.s3.Bucket("recommendations")
    permissions = PersonalizePermissions(
        "shop",
        {
            "users": analysts,
            "policy": "least-privilege",
            "confine_to_source": True,
            "buckets": [
                {"bucket": data.bucket, "label": "data", "uses": ["import"], "prefix": "interactions/"},
                {"bucket": results.bucket, "label": "results", "uses": ["batch"]},
            ],
        },
    )
    # The worker only reads recommendations.
    worker = aws.iam.Role(
        "worker",
        assume_role_policy=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "lambda.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            }
        ),
    )
    aws.iam.RolePolicy(
        "worker-reads",
        role=worker.name,
        policy=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "personalize:GetRecommendations", "Resource": "*"}],
            }
        ),
    )
    pulumi.export("serviceRole", permissions.service_role_arn)
    pulumi.export("trainingData", data.bucket)
    return permissions
