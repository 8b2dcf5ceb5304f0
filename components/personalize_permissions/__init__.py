"""Everything of AWS's "Setting up permissions" for Amazon Personalize, as Pulumi components.

`PersonalizePermissions` is the whole; it is composed of one component per step of the guide, each useful alone.
"""

from importlib.metadata import version

from personalize_permissions._components.access import PersonalizeAccess
from personalize_permissions._components.application_access import PersonalizeApplicationAccess
from personalize_permissions._components.bucket_access import PersonalizeBucketAccess
from personalize_permissions._components.data_scientist_access import PersonalizeDataScientistAccess
from personalize_permissions._components.key_access import PersonalizeKeyAccess
from personalize_permissions._components.permission_set import PersonalizePermissions
from personalize_permissions._components.reader_access import PersonalizeReaderAccess
from personalize_permissions._components.service_role import PersonalizeServiceRole
from personalize_permissions._validation.report import InvalidArgumentsError
from personalize_permissions.arguments import (
    PersonalizeAccessArgs,
    PersonalizeApplication,
    PersonalizeApplicationAccessArgs,
    PersonalizeBucket,
    PersonalizeBucketAccessArgs,
    PersonalizeDataScientist,
    PersonalizeDataScientistAccessArgs,
    PersonalizeKey,
    PersonalizeKeyAccessArgs,
    PersonalizePermissionsArgs,
    PersonalizeReader,
    PersonalizeReaderAccessArgs,
    PersonalizeServiceRoleArgs,
    ServiceRole,
)
from personalize_permissions.assumable import until_assumable
from personalize_permissions.choices import BucketUse, CloudWatchChoice, Delivery, PolicyChoice
from personalize_permissions.deletion import careful_deletion

__all__ = [
    "BucketUse",
    "CloudWatchChoice",
    "Delivery",
    "InvalidArgumentsError",
    "PersonalizeAccess",
    "PersonalizeAccessArgs",
    "PersonalizeApplication",
    "PersonalizeApplicationAccess",
    "PersonalizeApplicationAccessArgs",
    "PersonalizeBucket",
    "PersonalizeBucketAccess",
    "PersonalizeBucketAccessArgs",
    "PersonalizeDataScientist",
    "PersonalizeDataScientistAccess",
    "PersonalizeDataScientistAccessArgs",
    "PersonalizeKey",
    "PersonalizeKeyAccess",
    "PersonalizeKeyAccessArgs",
    "PersonalizePermissions",
    "PersonalizePermissionsArgs",
    "PersonalizeReader",
    "PersonalizeReaderAccess",
    "PersonalizeReaderAccessArgs",
    "PersonalizeServiceRole",
    "PersonalizeServiceRoleArgs",
    "PolicyChoice",
    "ServiceRole",
    "__version__",
    "careful_deletion",
    "until_assumable",
]

__version__ = version("personalize-permissions")
