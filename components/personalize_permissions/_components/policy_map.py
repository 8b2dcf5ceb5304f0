"""The policies of a permission set's buckets or keys."""

from collections.abc import Mapping
from typing import Any, NoReturn

import pulumi

from personalize_permissions._validation.wording import nearest


class PolicyMap(dict[str, str]):
    """JSON of policies by the name of the bucket or the ARN of the key, and in Python by the entry's label too.

    Any other key is a RunError that names the right ones.
    """

    def __init__(self, output: str, policies: Mapping[str, str], labels: Mapping[str, str]) -> None:
        """Make the map of an `output`; `labels` are the keys of `policies` by what may be shown of their entries."""
        super().__init__(policies)
        self._output, self._labels = output, dict(labels)

    def __missing__(self, key: Any) -> str:  # noqa: ANN401 - whatever a program writes
        return self[self._labels[key]] if key in self._labels else self._refuse(key)

    def _refuse(self, key: object) -> NoReturn:
        shown = ", ".join(f'"{label}"' for label in self._labels) or "none"
        raise pulumi.RunError(f'`{self._output}` has no "{key}"; it has {shown}{nearest(key, self._labels)}')
