"""The errors of questions."""


class InvalidQuestionError(ValueError):
    """A question that no request could answer: of a name that the program does not have, or an action that is none.

    The message names what is wrong and what to write. Without it, an assertion of what is *not* allowed would pass.
    """


class UnknownStackError(LookupError):
    """A reference to another stack whose outputs the mocks do not hold."""


class UnknownDocumentError(LookupError):
    """A question that only a policy can answer whose document neither the program nor the mocks hold."""
