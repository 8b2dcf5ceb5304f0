"""The base of the components: arguments are validated before anything is registered, and once."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Final

import pulumi

from personalize_guardrails.iam import PolicyDocument
from personalize_permissions._documents.limits import GENERATED_SUFFIX
from personalize_permissions._runtime.autonaming import is_disabled
from personalize_permissions._runtime.default_tags import accept_tags
from personalize_permissions._runtime.scope import Scope
from personalize_permissions._validation.report import Path, Problem, Report
from personalize_permissions._validation.string_validators import NAME, NAME_RULE
from personalize_permissions._validation.validators import ObjectSchema

NO_ARGUMENTS: Final[Any] = MappingProxyType({})
"""The default of `args`, of every component's own type."""


class ValidatedArgs(dict[str, Any]):
    """Arguments that a component hands to one of its own: validated already, with the scope that they apply in."""

    def __init__(self, values: Mapping[str, Any], scope: Scope) -> None:
        super().__init__(values)
        self.scope = scope


class Component(pulumi.ComponentResource):
    """A component of the package `personalize-permissions`; its public annotations are its outputs."""

    _schema: ClassVar[ObjectSchema]
    _args: Mapping[str, Any]
    """What was given, without None; each value is what the argument's type says, or an output of it."""
    _scope: Scope

    def __init__(
        self,
        name: str,
        args: Mapping[str, Any] | None,
        opts: pulumi.ResourceOptions | None,
        generated: Mapping[str, int] = NO_ARGUMENTS,
    ) -> None:
        """Validate `args` and register the component; InvalidArgumentsError names every mistake.

        `generated` are the suffixes of logical names that become physical ones, with the longest that AWS allows.
        """
        self._kind = next(kind for kind in type(self).__mro__ if "_schema" in vars(kind))
        if not isinstance(args, ValidatedArgs):
            report = Report(f'{type(self).__name__} "{name}"')
            report.validate(self._schema, args if args is not None else {}, ())
            _validate_name(name, generated, report)
            valid = report.conclude()
        super().__init__(f"personalize-permissions:index:{self._kind.__name__}", name, None, opts)
        self._args = {argument: value for argument, value in (args or {}).items() if value is not None}
        if isinstance(args, ValidatedArgs):
            self._scope = args.scope
        else:
            tags = self._args.get("tags")
            accepted = valid if tags is None else accept_tags(self, report, tags, valid)
            self._scope = Scope.of(self, report, accepted, opts)

    @classmethod
    def _either(cls, name: str, args: Mapping[str, Any] | None, keywords: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the arguments, which are given as a mapping or by keywords; InvalidArgumentsError for both."""
        if args and keywords:
            report = Report(f'{cls.__name__} "{name}"')
            reason = f"is given beside the keyword {next(iter(keywords))}; write all arguments in one of the two ways"
            raise report.error([Problem((), reason)])
        return keywords or ({} if args is None else args)

    def _require_name(self, resource_type: str, given: object = None, path: Path | None = None) -> None:
        """Refuse a resource without a name where the project lets Pulumi make none; `path` is the argument for it."""
        if given is not None or not is_disabled(resource_type):
            return
        if path:
            raise self._scope.refuse(path, "is missing; pulumi:autonaming is disabled, so no name is generated")
        raise pulumi.RunError(
            f"{self._scope.report.subject}: pulumi:autonaming is disabled, and no argument names its {resource_type}; "
            'set the mode of this type to "verbatim"'
        )

    def _register_outputs(self) -> None:
        """Register every output, as the last step of the constructor."""
        outputs = (name for name in self._kind.__annotations__ if not name.startswith("_"))
        self.register_outputs({name: getattr(self, name) for name in outputs})

    def _render(self, argument: str, document: PolicyDocument, longest: int) -> str:
        """Return the document's JSON; InvalidArgumentsError names `argument` where AWS would find it too long."""
        if document.size > longest:
            takes, remedy = _OF_LONG_POLICIES.get(argument, ("need", "divide the entries between permission sets"))
            raise self._scope.refuse(
                (argument,), f"{takes} a policy of {document.size} characters; AWS allows {longest}; {remedy}"
            )
        return document.to_json()


_OF_LONG_POLICIES: Final = MappingProxyType(
    {
        "existing_policy": ("makes, together with the component's statements,", "shorten the existing policy"),
        "campaigns": ("need, together with the other ARNs,", "divide the ARNs between several applications"),
        "resource_tags": (
            "need, together with the keys,",
            "write fewer or shorter tags, or divide the keys between permission sets",
        ),
    }
)
"""By argument: what it has to do with a policy that is too long, and what to write."""


def schema_of(component: type[Component]) -> ObjectSchema:
    """Return the schema of a component's arguments."""
    return component._schema  # noqa: SLF001 - private to users, not to the package


def _validate_name(name: str, generated: Mapping[str, int], report: Report) -> None:
    """Report a component's name from which AWS's names cannot be made."""
    if generated and not NAME.fullmatch(str(name)):
        report.add(("name",), f"{report.quote(name)} becomes part of names, and {NAME_RULE}")
    for suffix, longest in generated.items():
        logical = f"{name}-{suffix}"
        if (length := len(logical) + GENERATED_SUFFIX) > longest:
            report.add(
                ("name",),
                f'is too long: the name generated from it, "{logical}-" and seven digits, has {length} characters, and '
                f"AWS allows {longest}; shorten the component's name by {length - longest}",
            )


def get_field(value: Any, name: str) -> Any:  # noqa: ANN401 - a field of any type
    """Return one field of an object that may be an output as a whole; None where the value is not an object."""
    if isinstance(value, pulumi.Output):
        return value.apply(lambda known: get_field(known, name))
    return value.get(name) if isinstance(value, Mapping) else None


def map_input(value: Any, change: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - any value
    """Return what `change` makes of a value: an output of it where the value is one."""
    return value.apply(change) if isinstance(value, pulumi.Output) else change(value)
