"""One resource per entry of a list, named by the entry, never by its place in the list.

So reordering a list, or adding to it, touches nothing else. A plain name, or a `label`, names its resource at once. An
entry whose name is an output is registered as soon as the value is known: in a preview that does not know it yet, its
resources are not shown. A secret value names its resource by a digest.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeVar

import pulumi
from pulumi.output import Unknown

from personalize_guardrails.iam import split_arn
from personalize_permissions._runtime.outputs import combine, gather
from personalize_permissions._runtime.scope import Scope
from personalize_permissions._validation import report
from personalize_permissions._validation.argument_schemas import STATIC_FIELDS

T = TypeVar("T")
R = TypeVar("R")
Entry = tuple[pulumi.Input[str], T]
"""A name for the resource, and what it is made of."""


def for_each(
    entries: Iterable[Entry[T]],
    register: Callable[[str, T], pulumi.Output[R]],
    scope: Scope,
    *,
    single: str | None = None,
) -> pulumi.Output[list[R]]:
    """Call `register(name, entry)` once per distinct name, without regard to case, as IAM compares names.

    A repeated name is skipped, or refused where `single` names the argument whose entries differ.
    """
    registered: dict[str, pulumi.Output[R]] = {}

    def once(name: str, entry: T) -> pulumi.Output[R]:
        key = name.casefold()
        if key not in registered:
            registered[key] = register(name, entry)
        elif single:
            raise scope.refuse(
                (single, report.Entry(name)),
                "duplicates an entry before it; write one entry for it, or give each a label of its own",
            )
        return registered[key]

    def later(name: pulumi.Input[str], entry: T) -> pulumi.Output[R]:
        return _later(pulumi.Output.from_input(name), lambda known: once(known, entry), scope)

    # One after the other in this very function: the SDK sends the stack of each registration to the engine.
    found = []
    for name, entry in entries:
        found.append(once(name, entry) if isinstance(name, str) else later(name, entry))
    return gather(*found)


def _later(name: pulumi.Output[str], register: Callable[[str], pulumi.Output[R]], scope: Scope) -> pulumi.Output[R]:
    name.apply(_log_unknown_name, run_with_unknowns=True)
    return combine(
        lambda known, secret, _: register(digest(known) if secret else known), name, _secret(name), scope.location
    )


def _log_unknown_name(value: object) -> None:
    if isinstance(value, Unknown):
        pulumi.log.info(
            "A name among the arguments of a permission set is not known before the update, so this preview does "
            "not show its grants. Give buckets and keys a `label`, and it shows them."
        )


def register_list(
    items: pulumi.Input[Sequence[T]] | None,
    name: Callable[[T], pulumi.Input[str]],
    register: Callable[[str, T], pulumi.Output[R]],
    scope: Scope,
    *,
    single: str | None = None,
) -> pulumi.Input[Sequence[R]]:
    """Register a list as `for_each` does; a list that is an output waits until all arguments are validated."""
    if items is None:
        return []
    if isinstance(items, Sequence):
        return for_each(((name(item), item) for item in items), register, scope, single=single)
    late: pulumi.Output[Sequence[T] | None] = pulumi.Output.from_input(items)

    def entries(items: Sequence[T] | None, *, secret: bool) -> Iterator[Entry[T]]:
        for item in items or ():
            yield pulumi.Output.secret(name(item)) if secret else name(item), _as_outputs(item, secret=secret)

    return combine(
        lambda known, secret, _: for_each(entries(known, secret=secret), register, scope, single=single),
        late,
        _secret(late),
        scope.location,
    )


def _as_outputs(item: Any, *, secret: bool) -> Any:  # noqa: ANN401 - an item of any list
    """Return an item of a list that is an output, with outputs as its values, which are as secret as the list."""
    wrap = pulumi.Output.secret if secret else pulumi.Output.from_input
    if not isinstance(item, Mapping):
        return wrap(item)
    return {key: value if key in STATIC_FIELDS or value is None else wrap(value) for key, value in item.items()}


def _secret(value: pulumi.Output[T]) -> pulumi.Output[bool]:
    future: Awaitable[bool] = value.is_secret()
    return pulumi.Output.from_input(future)


def digest(value: str) -> str:
    """Return a short stable name that does not reveal `value`."""
    return sha256(value.encode()).hexdigest()[:12]


def key_name(key_arn: str) -> str:
    """Return the name of a key within a stack: region and id, since replicas of a multi-region key share the id.

    A value that is not an ARN stays as it is: it is refused once all arguments are known.
    """
    parts = split_arn(key_arn)
    return f"{parts[3]}-{parts[5].removeprefix('key/')}" if parts else key_arn
