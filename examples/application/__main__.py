"""A shop's recommendations: `pulumi up`, with `pulumi config set --path 'analysts[0]' alice`."""

import pulumi
from stack import make

make(analysts=pulumi.Config().require_object("analysts"))
