"""What a program grants to whom, as lines to read or to compare."""

from collections.abc import Iterator
from dataclasses import dataclass

from personalize_guardrails.iam import Effect
from personalize_guardrails.iam.evaluation import LocatedStatement
from personalize_permissions.testing._program_policies import ProgramPolicies


@dataclass(frozen=True, slots=True)
class Grant:
    """One statement for one of its principals. Nothing is evaluated: a Deny is listed beside what it denies."""

    who: str
    """An identity (`user alice`) or a principal (`personalize.amazonaws.com`)."""
    effect: Effect
    actions: tuple[str, ...]
    """Patterns; with `not ` before each where the statement has NotAction."""
    on: tuple[str, ...]
    """Patterns of ARNs; the role for a trust policy; with `not ` before each where the statement has NotResource."""
    provided: tuple[str, ...]
    """The conditions, such as `StringEquals aws:SourceAccount 123456789012`."""
    by: str
    """The policy."""

    def __str__(self) -> str:
        verb = "may" if self.effect is Effect.ALLOW else "may not"
        provided = f" provided {' and '.join(self.provided)}" if self.provided else ""
        return f"{self.who} {verb} {', '.join(self.actions)} on {', '.join(self.on)}{provided} (by {self.by})"


def grants(policies: ProgramPolicies) -> Iterator[Grant]:
    """Return every grant of a program; managed policies whose document is not known are named by their ARN alone."""
    for identity in policies.identities():
        attached = policies.of(identity, with_groups=False)
        for located in attached.statements:
            yield _grant(str(identity), located)
        for arn in attached.unknown:
            yield Grant(str(identity), Effect.ALLOW, ("(unknown)",), ("(unknown)",), (), f"Policy {arn}")
    for located, on in policies.of_resources():
        principals = located.statement.principals or located.statement.not_principals
        outside = "all but " if located.statement.not_principals else ""
        for principal in principals:
            yield _grant(f"{outside}{principal.value}", located, on)


def _grant(who: str, located: LocatedStatement, on: str = "") -> Grant:
    """Return the printable grant of a statement to somebody, on `on` where it names no resource."""
    statement = located.statement
    actions = statement.actions or tuple(f"not {each}" for each in statement.not_actions)
    resources = statement.resources or tuple(f"not {each}" for each in statement.not_resources) or (on,)
    provided = tuple(f"{each.operator} {each.key} {', '.join(each.values)}" for each in statement.conditions)
    if on and resources == ("*",):
        resources = (on,)  # in the policy of a key, "*" is that key
    return Grant(who, statement.effect, actions, resources, provided, located.policy)
