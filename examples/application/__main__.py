"""Deploy a shop's recommendations.

The people who use Personalize come from the stack's configuration:

    pulumi config set --path 'analysts[0]' alice
    pulumi up
"""

import pulumi
from stack import make

make(analysts=pulumi.Config().require_object("analysts"))
