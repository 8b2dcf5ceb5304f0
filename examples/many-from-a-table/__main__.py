"""Create one permission set per team, from the rows of a CSV file.

Each permission set is named after its team. Adding or removing a row does not change other teams, because no resource
name depends on the order of the rows.

    pulumi up
"""

import csv
from pathlib import Path

import pulumi

from personalize_permissions import PersonalizePermissions

roles = {}
with Path("teams.csv").open(newline="") as table:
    for row in csv.DictReader(table):
        permissions = PersonalizePermissions(
            row["team"],
            {
                "groups": [row["group"]],
                "policy": "least-privilege",
                "buckets": [{"bucket": row["bucket"], "uses": row["uses"].split()}],
                "tags": {"team": row["team"]},
            },
        )
        roles[row["team"]] = permissions.service_role_arn

pulumi.export("serviceRoleArns", roles)
