"""Where a component's arguments apply, and how a mistake in them is refused once values are known."""

from dataclasses import dataclass, replace

import pulumi

from personalize_permissions._documents.grants import REGIONS
from personalize_permissions._runtime.location import Location, look_up
from personalize_permissions._runtime.lookup_errors import unanswered
from personalize_permissions._runtime.outputs import gather
from personalize_permissions._validation.report import InvalidArgumentsError, Path, Problem, Report


@dataclass(frozen=True, slots=True)
class Scope:
    """The report of a component's arguments, and where the component works."""

    report: Report
    location: pulumi.Output[Location]
    depends: bool
    """Whether the component depends on resources that may make what its arguments name."""
    registered: tuple[pulumi.Output[str], ...]
    """URNs to wait for before a lookup of what the arguments name: what the component depends on exists then."""
    path: Path = ()
    """Path of the arguments among those of the component that the program creates."""

    @classmethod
    def of(
        cls,
        component: pulumi.ComponentResource,
        report: Report,
        valid: pulumi.Output[bool] | None,
        opts: pulumi.ResourceOptions | None,
    ) -> "Scope":
        """Look up where the component works, through its provider.

        The location resolves only once every argument is known to be right, so that nothing made from it exists
        before. A region without Personalize is refused.
        """
        found = look_up(component)
        if valid is not None:
            found = gather(found, valid).apply(lambda known: known[0])

        def locate(found: dict[str, str]) -> pulumi.Input[Location]:
            """Return the location that was looked up; RunError where it is incomplete, or has no Personalize."""
            if pulumi.runtime.is_dry_run() and not any(found.values()):
                # So a preview is answered for a provider with settings that are outputs of what is not made yet.
                return unanswered()
            if missing := [name for name in ("account", "partition", "region") if not found[name]]:
                raise pulumi.RunError(
                    f"{report.subject}: the AWS provider does not return its {' and '.join(missing)}. In a test with "
                    "Pulumi mocks, let them answer the lookups: see personalize_permissions.testing"
                )
            if found["region"] not in REGIONS:
                raise pulumi.RunError(
                    f"{report.subject}: Amazon Personalize does not exist in {found['region']}, the region of the AWS "
                    f"provider; give the component a provider in one of {', '.join(sorted(REGIONS))}"
                )
            return Location(**found)

        opts = opts or pulumi.ResourceOptions()
        first = component if opts.depends_on else opts.parent
        return cls(report, found.apply(locate), bool(opts.depends_on), (first.urn,) if first else ())

    def within(self, *path: str | int) -> "Scope":
        """Return the scope of a component whose arguments are at `path`."""
        return replace(self, path=path)

    def refuse(self, path: Path, reason: str) -> InvalidArgumentsError:
        """Return the error for a mistake that shows only once values are known, such as a document that is too long."""
        return self.report.error([Problem((*self.path, *path), reason)])
