"""The error that parsing a policy raises."""

from __future__ import annotations

from typing import final


@final
class MalformedPolicy(ValueError):  # noqa: N818 - named for what it says about the policy; it is part of the public API
    """A document is not an IAM policy, or cannot be represented without losing a part of its meaning.

    `code` is stable and made for programs, `path` points into the document (`Statement[1].Condition`, empty for the
    document itself), `message` is for people. None of them quotes a value of the document: it may be a secret.
    """

    def __init__(self, code: str, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.code = code
        self.path = path
        self.message = message

    def __reduce__(self) -> tuple[type[MalformedPolicy], tuple[str, str, str]]:
        return (MalformedPolicy, (self.code, self.path, self.message))
