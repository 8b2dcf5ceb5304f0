"""Reads what the AWS CLI prints, recognized by its content: identities, bucket and key policies, encryption.

Sources: AWS CLI reference, `iam get-account-authorization-details`, `s3api get-bucket-policy`, `s3api
get-bucket-encryption`, `kms get-key-policy`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from personalize_guardrails.iam import MalformedPolicy, PolicyDocument, account_in
from personalize_guardrails.iam.json_text import load_json

DETAILS: Final = {"user": "UserDetailList", "group": "GroupDetailList", "role": "RoleDetailList"}
_POLICIES: Final = "Policies"
_ENCRYPTION: Final = "ServerSideEncryptionConfiguration"
_CONTINUED: Final = ("IsTruncated", "Marker", "NextToken")
"""Members that only a part of a list has."""
_ERROR: Final = re.compile(r"An error occurred \((\w+)\)")
K = TypeVar("K")
T = TypeVar("T")
JsonObject = Mapping[str, Any]
"""An object in what the CLI prints."""


@dataclass(slots=True)
class Evidence:
    """The contents of the files; those of which there should be one are by their files."""

    identities: dict[str, dict[tuple[str, str], JsonObject]] = field(default_factory=dict)
    """Details by kind (`user`, `group`, `role`), then by account and name."""
    managed: dict[str, object] = field(default_factory=dict)
    """Documents of managed policies, by ARN."""
    truncated: list[Path] = field(default_factory=list)
    """Files that hold a part of the account's details."""
    bucket_policies: dict[Path, PolicyDocument] = field(default_factory=dict)
    """Without statements where the bucket has no policy."""
    encryptions: dict[Path, JsonObject] = field(default_factory=dict)
    key_policies: dict[Path, PolicyDocument] = field(default_factory=dict)
    passed_over: list[str] = field(default_factory=list)
    """Which files of a folder are about something else, and why."""


class EvidenceError(ValueError):
    """A file cannot be used, or the files lack something; the message says what to do."""


class _UnknownFileError(EvidenceError):
    """A file is about something else."""


def read_files(paths: Iterable[Path]) -> Evidence:
    """Read files, and the `.json` files in folders; EvidenceError names the file that is wrong."""
    evidence = Evidence()
    for path in paths:
        for file in sorted(path.glob("*.json")) if path.is_dir() else [path]:
            try:
                _add(evidence, file, file.read_text(encoding="utf-8-sig"))
            except OSError as error:
                raise EvidenceError(f"{file} cannot be read: {error.strerror}") from None
            except UnicodeDecodeError:
                raise EvidenceError(f"{file} is not UTF-8 text") from None
            except MalformedPolicy as error:
                raise EvidenceError(f"{file}: {error}") from None
            except _UnknownFileError as error:
                if not path.is_dir():
                    raise
                evidence.passed_over.append(str(error))
    return evidence


def _add(evidence: Evidence, file: Path, text: str) -> None:
    """Add the contents of one file."""
    if not text.lstrip().startswith(("{", "[")):
        _add_other_text(evidence, file, text)
        return
    found = load_json(text)
    if not isinstance(found, Mapping):
        raise _UnknownFileError(f"{file} holds no JSON object")
    if found.keys() & {*DETAILS.values(), _POLICIES}:
        _add_details(evidence, file, found)
    elif isinstance(found.get(_ENCRYPTION), Mapping):
        evidence.encryptions[file] = found[_ENCRYPTION]
    elif "Policy" in found or "Statement" in found:
        document = _policy_in(file, found)
        of_key = _is_of_key(document, found, file.name)
        (evidence.key_policies if of_key else evidence.bucket_policies)[file] = document
    else:
        raise _UnknownFileError(
            f"{file} is not a file that the doctor reads: get-account-authorization-details, get-bucket-policy, "
            "get-bucket-encryption and get-key-policy of the AWS CLI, as JSON"
        )


def _add_other_text(evidence: Evidence, file: Path, text: str) -> None:
    """Add what a command left that printed an error: that the bucket has no policy, or no encryption of its own."""
    error = _ERROR.search(text)
    if error is None and text.strip():
        raise EvidenceError(f"{file} is not JSON: run the command again with --output json")
    if error is None and "bucket-policy" not in file.name:
        raise EvidenceError(f"{file} is empty: run the command again, and read what the AWS CLI prints")
    if error is None or error[1] == "NoSuchBucketPolicy":
        evidence.bucket_policies[file] = PolicyDocument(())
    elif error[1] == "ServerSideEncryptionConfigurationNotFoundError":
        evidence.encryptions[file] = {}
    else:
        raise EvidenceError(
            f"{file} holds an error of the AWS CLI, {error[1]}: run the command again with credentials that allow it"
        )


def _add_details(evidence: Evidence, file: Path, found: JsonObject) -> None:
    """Add a list of users, groups, roles and policies."""
    if any(found.get(each) for each in _CONTINUED):
        evidence.truncated.append(file)
    for kind, details in DETAILS.items():
        known = evidence.identities.setdefault(kind, {})
        for each in objects(found, details):
            name = str(each.get(f"{kind.capitalize()}Name"))
            _keep(known, (account_in(each.get("Arn")), name), each, f"{file} holds other details of {kind} {name}")
    for policy in objects(found, _POLICIES):
        arn = str(policy.get("Arn"))
        for version in objects(policy, "PolicyVersionList"):
            if version.get("IsDefaultVersion"):
                _keep(evidence.managed, arn, version.get("Document"), f"{file} holds another document of policy {arn}")


def _keep(known: dict[K, T], key: K, value: T, conflict: str) -> None:
    """Add what one file holds; EvidenceError where it is not what a file before it holds."""
    if known.setdefault(key, value) != value:
        raise EvidenceError(f"{conflict} than a file before it; pass only the current file")


def _policy_in(file: Path, found: JsonObject) -> PolicyDocument:
    """Return the policy in a file, which the CLI prints as a text in JSON."""
    policy = found.get("Policy", found)
    try:
        return PolicyDocument.parse(policy)
    except MalformedPolicy as error:
        if policy is found:
            raise
        raise EvidenceError(f"{file}: the text of its Policy is malformed: {error}") from None


def _is_of_key(document: PolicyDocument, found: JsonObject, name: str) -> bool:
    """Return whether a policy is a key's and not a bucket's: the CLI does not say."""
    actions = [action.lower() for each in document.statements for action in (*each.actions, *each.not_actions)]
    resources = [on for each in document.statements for on in (*each.resources, *each.not_resources)]
    if any(action.startswith("kms:") for action in actions) or "PolicyName" in found:
        return True
    if any(action.startswith("s3:") for action in actions) or any(":s3:::" in each for each in resources):
        return False
    return "key" in name


def objects(found: JsonObject, name: str) -> list[JsonObject]:
    """Return a list of objects, empty where it is absent."""
    return _read(found, name, "a list of objects", lambda value: _is_list_of(value, Mapping), [])


def names(found: JsonObject, name: str) -> list[str]:
    """Return a list of names, empty where it is absent."""
    return _read(found, name, "a list of names", lambda value: _is_list_of(value, str), [])


def member(found: JsonObject, name: str) -> JsonObject:
    """Return an object, empty where it is absent."""
    return _read(found, name, "an object", lambda value: isinstance(value, Mapping), {})


def _is_list_of(value: object, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(each, kind) for each in value)


def _read(found: JsonObject, name: str, expected: str, fits: Callable[[object], bool], absent: T) -> T:
    """Return a member, or `absent`; EvidenceError if the member has another type."""
    value: T | None = found.get(name)
    if value is not None and not fits(value):
        raise EvidenceError(f"{name} is not {expected}; write what the AWS CLI printed as it is")
    return absent if value is None else value
