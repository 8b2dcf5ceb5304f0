"""A permission set for each row of a table: one per team, from a CSV file.

A row is one permission set, named after its team. A row added or removed touches no other: no name in the stack depends
on where a row stands.

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
