"""What applications, readers and data scientists may do: less than `personalize:*`, from the table of actions.

An action that is new in the table is granted to nobody until somebody decides: a test fails with its name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from personalize_guardrails import guide
from personalize_guardrails.iam import Condition, PolicyDocument, Statement
from personalize_permissions._documents.personalize_actions import (
    ACTIONS,
    READ_ACTIONS,
    RESOURCE_TYPES,
    SERVING_ACTIONS,
    AccessLevel,
)
from personalize_permissions._documents.statements import allow, pass_role

EVENT_ACTIONS: Final = ("personalize:PutActionInteractions", "personalize:PutEvents")
"""Recording that no resource narrows: with the ARN of an event tracker, requests are refused."""
DATASET_ACTIONS: Final = ("personalize:PutActions", "personalize:PutItems", "personalize:PutUsers")
"""Recording into a dataset."""
READER_ACTIONS: Final = tuple(name for name in READ_ACTIONS if name not in SERVING_ACTIONS)
"""Every action that changes nothing, without recommendations."""
DATA_SCIENTIST_ACTIONS: Final = (
    *READ_ACTIONS,
    *(
        name
        for name, action in ACTIONS.items()
        if action.level is AccessLevel.WRITE
        and name.partition(":")[2].startswith(("Create", "Start", "Stop", "Update"))
        and name != "personalize:CreateDataDeletionJob"  # deletes, whatever its name says
    ),
)
"""Creating, training and evaluating, which asks for recommendations too; no deleting, recording or tagging."""

ACTIONS_OF: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "people": frozenset(ACTIONS),
        "applications": frozenset({*SERVING_ACTIONS, *EVENT_ACTIONS, *DATASET_ACTIONS}),
        "readers": frozenset(READER_ACTIONS),
        "data scientists": frozenset(DATA_SCIENTIST_ACTIONS),
    }
)
"""By identity, what it may do at most."""

_LISTING: Final = tuple(name for name in DATA_SCIENTIST_ACTIONS if not ACTIONS[name].resources)
_ON_RESOURCES: Final = tuple(name for name in DATA_SCIENTIST_ACTIONS if ACTIONS[name].resources)
_WITH_RECIPES: Final = (
    *(name for name in _ON_RESOURCES if any(RESOURCE_TYPES[each].public for each in ACTIONS[name].resources)),
    "personalize:CreateRecommender",
    "personalize:CreateSolution",
)
"""Describing what AWS owns, and creating from it."""
_PUBLIC: Final = tuple(kind.path for kind in RESOURCE_TYPES.values() if kind.public)
_WITHOUT_TAGS: Final = frozenset(name for name, kind in RESOURCE_TYPES.items() if not kind.taggable and not kind.public)
_CREATES: Final[Mapping[str, str]] = {
    name: kind
    for name in _ON_RESOURCES
    for kind in ACTIONS[name].resources
    if name.casefold() == f"personalize:create{kind}".casefold()
}
"""The type of the new resource, by the action that creates it."""


@dataclass(frozen=True, slots=True)
class ApplicationGrant:
    """What an application is served from, and what it records."""

    served_from: tuple[str, ...] = ()
    """ARNs of campaigns, recommenders and filters."""
    datasets: tuple[str, ...] = ()
    """ARNs of the datasets that it puts items, users and actions into."""
    record_events: bool = False

    def document(self) -> PolicyDocument:
        """Return the application's policy; without statements where nothing is granted.

        The reference has the serving actions on campaigns alone. Requests to a recommender, or with a filter, are
        refused without the ARNs of those.
        """
        parts = (
            (SERVING_ACTIONS, self.served_from),
            (EVENT_ACTIONS, ("*",) if self.record_events else ()),
            (DATASET_ACTIONS, self.datasets),
        )
        return PolicyDocument(tuple(allow(actions, *on) for actions, on in parts if on))


def reading() -> PolicyDocument:
    """Return the policy of a reader."""
    return PolicyDocument((allow(READER_ACTIONS, "*"),))


@dataclass(frozen=True, slots=True)
class DataScienceGrant:
    """What a data scientist works on: Personalize in one account and region, and AWS's recipes, which are in none."""

    partition: str
    region: str
    account: str
    service_role_arn: str
    key_arns: tuple[str, ...] = ()
    """Keys that encrypt the datasets."""
    tags: tuple[tuple[str, str], ...] = ()
    """Tags that resources must have, where their types have tags."""

    def document(self) -> PolicyDocument:
        """Return the data scientist's policy."""
        within = self._limited() if self.tags else [allow(_ON_RESOURCES, self._own("*"))]
        public = (f"arn:{self.partition}:personalize:::{path}/*" for path in _PUBLIC)
        # Whoever may generate a data key may also generate one without its plaintext, which exports need.
        on_keys = (*guide.KEY_ACTIONS, guide.KEY_EXPORT_ACTION)
        return PolicyDocument(
            (
                allow(_LISTING, "*"),
                *within,
                allow(_WITH_RECIPES, *public),
                pass_role(self.service_role_arn),
                *([allow(on_keys, *self.key_arns)] if self.key_arns else []),
            )
        )

    def _limited(self) -> list[Statement]:
        """Return the statements that let only resources with the tags be used.

        Two kinds of resources have no tags to look at: those of types that take none, and new ones. A new one is
        allowed by its type for the action that creates it alone; what it is created in must have the tags.
        """
        tagged = tuple(Condition.of("StringEquals", f"aws:ResourceTag/{key}", value) for key, value in self.tags)
        using = [
            name for name in _ON_RESOURCES if any(RESOURCE_TYPES[each].taggable for each in ACTIONS[name].resources)
        ]
        untagged = [
            name for name in _ON_RESOURCES if name not in _CREATES and _WITHOUT_TAGS & set(ACTIONS[name].resources)
        ]
        return [
            allow(using, self._own("*"), conditions=tagged),
            *(allow((name,), self._own(f"{RESOURCE_TYPES[kind].path}/*")) for name, kind in _CREATES.items()),
            allow(untagged, *(self._own(f"{RESOURCE_TYPES[kind].path}/*") for kind in sorted(_WITHOUT_TAGS))),
        ]

    def _own(self, resource: str) -> str:
        return f"arn:{self.partition}:personalize:{self.region}:{self.account}:{resource}"
