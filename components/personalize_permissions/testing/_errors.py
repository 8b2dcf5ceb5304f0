"""The errors of questions."""

from collections.abc import Iterable


class InvalidQuestionError(ValueError):
    """A question that no request could answer: about a name that is not in the program, or an unknown action.

    The message says what is wrong and what to write. Without this error, an assertion that it is *not* allowed would
    pass.
    """


class UnknownStackError(LookupError):
    """A reference to another stack whose outputs the mocks do not hold."""


class UnknownDocumentError(LookupError):
    """A question that only a policy can answer whose document neither the program nor the mocks hold."""


def unknown_documents(subject: str, policies: Iterable[str]) -> UnknownDocumentError:
    """Return the error that a subject depends on policies, given by their ARNs."""
    return UnknownDocumentError(
        f"{subject} depends on {', '.join(policies)}, whose document is not known here; give it to "
        "PermissionsMocks(managed_policies={ARN: document})"
    )
