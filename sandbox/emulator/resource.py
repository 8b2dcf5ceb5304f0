"""What every emulated resource type has in common."""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from secrets import token_hex
from typing import TYPE_CHECKING, Any, ClassVar, Final

from sandbox.emulator.documents import normalize
from sandbox.emulator.session import Account, AwsError

if TYPE_CHECKING:
    from sandbox.emulator.plans import Values

_WITHIN_SECONDS: Final = 10.0
_PAUSE_SECONDS: Final = 0.1


class Resource(ABC):
    """One resource type. Values go by Terraform's names; all that it is given is known."""

    words: ClassVar[Mapping[str, str]] = {}
    """What a failed `create`, `update`, `delete` or `read` is reported to have interrupted."""

    def __init__(self, label: str = "") -> None:
        self.label = label

    def doing(self, verb: str, identity: str, values: Values) -> str:
        """Return what an error has interrupted, such as `creating IAM Role (x)`."""
        known = {name: value for name, value in values.items() if value is not None}
        template = self.words.get(verb, f"{verb.removesuffix('e')}ing {self.label} ({{id}})")
        return template.format_map({**known, "id": identity or known.get("name") or known.get("bucket") or ""})

    @abstractmethod
    def create(self, account: Account, wanted: Values) -> str:
        """Make the entity itself, and return its id."""

    def complete(self, account: Account, identity: str, wanted: Values) -> None:  # noqa: B027 - most entities are complete
        """Do what follows the creation: a failure here leaves the entity in the account, and the state says so."""

    @abstractmethod
    def read(self, account: Account, identity: str, known: Values) -> Values | None:
        """Return what AWS tells, None where it is gone. `known` is the last state."""

    def update(self, account: Account, identity: str, before: Values, wanted: Values, changed: frozenset[str]) -> None:  # noqa: B027
        """Make the changes in place, where not every change is a replacement."""

    @abstractmethod
    def delete(self, account: Account, identity: str, state: Values) -> None:
        """Delete; what is gone already is no error."""

    def adopt(self, identity: str) -> Values:
        """Return what an id alone tells, for an import."""
        return {"id": identity}


def name_of(wanted: Values) -> str:
    """Return the name to create under: the given one, else one that begins with the given prefix."""
    return str(
        wanted.get("name")
        or wanted.get("bucket")
        or f"{wanted.get('name_prefix') or wanted.get('bucket_prefix')}{token_hex(13)}"
    )


def tag_list(tags: Mapping[str, str] | None, prefix: str = "") -> list[dict[str, str]] | None:
    """Return a map of tags in a service's list form, None where there is none."""
    return [{f"{prefix}Key": name, f"{prefix}Value": text} for name, text in (tags or {}).items()] or None


def tag_map(tags: Iterable[Mapping[str, str]] | None, prefix: str = "") -> dict[str, str]:
    """Return a service's list of tags as a map."""
    return {tag[f"{prefix}Key"]: tag[f"{prefix}Value"] for tag in tags or ()}


def retag(
    account: Account, service: str, kind: str, of: Mapping[str, str], before: Values, wanted: Values, prefix: str = ""
) -> None:
    """Remove the tags that are not wanted any more, and set those that are."""
    old, new = before.get("tags_all") or {}, wanted.get("tags_all") or {}
    if removed := [name for name in old if name not in new]:
        account.call(service, f"untag_{kind}", **of, TagKeys=removed)
    if new:
        account.call(service, f"tag_{kind}", **of, Tags=tag_list(new, prefix))


def document(text: Any) -> str:  # noqa: ANN401 - boto3 parses IAM's documents
    """Return a document that AWS answers as the provider writes it."""
    return normalize(text if isinstance(text, str) else json.dumps(text))


def retry(call: Callable[[], Any], *codes: str) -> Any:  # noqa: ANN401 - whatever the call gives
    """Return what `call` gives; repeat it for a while where that is None or a refusal by one of the codes."""
    until = time.monotonic() + _WITHIN_SECONDS
    while True:
        late = time.monotonic() > until
        try:
            if (found := call()) is not None or late:
                return found
        except AwsError as error:
            if error.code not in codes or late:
                raise
        time.sleep(_PAUSE_SECONDS)
