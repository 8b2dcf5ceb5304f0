"""Why does it not work: find what keeps Personalize from using a bucket, or says that nothing is in its way.

    python -m personalize_permissions doctor FILES --role R --bucket B --use import

reads what the AWS CLI prints. `personalize_permissions.testing.explain` asks the same of a program. Both describe the
case as a `Situation`, and `diagnose` evaluates every request that the use takes. The guide is docs/doctor.md.
"""

from personalize_permissions.doctor._diagnosis import diagnose
from personalize_permissions.doctor._findings import Diagnosis, Fault, Health, Verdict
from personalize_permissions.doctor._situation import Holder, Situation

__all__ = ["Diagnosis", "Fault", "Health", "Holder", "Situation", "Verdict", "diagnose"]
