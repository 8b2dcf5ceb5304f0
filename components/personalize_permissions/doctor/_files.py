"""Reads what the AWS CLI prints, recognized by its content: identities, bucket and key policies, encryption.

Sources: AWS CLI reference, `iam get-account-authorization-details`, `s3api get-bucket-policy`, `s3api
get-bucket-encryption`, `kms get-key-policy`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from personalize_guardrails.iam import MalformedPolicy, PolicyDocument
from personalize_guardrails.iam.evaluation import LocatedStatement, statements_of
from personalize_guardrails.iam.json_text import load_json

DETAILS: Final = {"user": "UserDetailList", "group": "GroupDetailList", "role": "RoleDetailList"}
_POLICIES: Final = "Policies"
_ENCRYPTION: Final = "ServerSideEncryptionConfiguration"


class EvidenceError(ValueError):
    """A file cannot be used, or the files lack something; the message says what to do."""


@dataclass(slots=True)
class Evidence:
    """The contents of the files."""

    identities: dict[str, dict[str, Mapping[str, Any]]] = field(default_factory=dict)
    """Details by kind (`user`, `group`, `role`) and name."""
    managed: dict[str, object] = field(default_factory=dict)
    """Documents of managed policies, by ARN."""
    bucket_policy: PolicyDocument | None = None
    """Without statements where the bucket has no policy; None where no file is about it."""
    encryption: Mapping[str, Any] | None = None
    key_policies: dict[str, PolicyDocument] = field(default_factory=dict)
    """By the name of the file."""


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
    return evidence


def _add(evidence: Evidence, file: Path, text: str) -> None:
    """Add the contents of one file."""
    if not text.strip():
        # The CLI leaves an empty file where it prints an error, as for a bucket without a policy.
        if "bucket-policy" not in file.name:
            raise EvidenceError(f"{file} is empty: run its command again, and read what the AWS CLI prints")
        evidence.bucket_policy = PolicyDocument(())
        return
    found = load_json(text)
    if not isinstance(found, Mapping):
        raise EvidenceError(f"{file} holds no JSON object")
    if found.keys() & {*DETAILS.values(), _POLICIES}:
        _add_details(evidence, found)
    elif isinstance(found.get(_ENCRYPTION), Mapping):
        evidence.encryption = found[_ENCRYPTION]
    elif "Policy" in found or "Statement" in found:
        document = PolicyDocument.parse(found.get("Policy", found))
        if _is_of_key(document, found, file.name):
            evidence.key_policies[file.name] = document
        else:
            evidence.bucket_policy = document
    else:
        raise EvidenceError(
            f"{file} is not a file that the doctor reads: get-account-authorization-details, get-bucket-policy, "
            "get-bucket-encryption and get-key-policy of the AWS CLI, as JSON"
        )


def _add_details(evidence: Evidence, found: Mapping[str, Any]) -> None:
    for kind, details in DETAILS.items():
        for each in records(found.get(details), details):
            evidence.identities.setdefault(kind, {})[str(each.get(f"{kind.capitalize()}Name"))] = each
    for policy in records(found.get(_POLICIES), _POLICIES):
        for version in records(policy.get("PolicyVersionList"), "PolicyVersionList"):
            if version.get("IsDefaultVersion"):
                evidence.managed[str(policy.get("Arn"))] = version.get("Document")


def _is_of_key(document: PolicyDocument, found: Mapping[str, Any], name: str) -> bool:
    """Return whether a policy is a key's and not a bucket's: the CLI does not say."""
    actions = [action.lower() for each in document.statements for action in (*each.actions, *each.not_actions)]
    resources = [on for each in document.statements for on in (*each.resources, *each.not_resources)]
    if any(action.startswith("kms:") for action in actions) or "PolicyName" in found:
        return True
    if any(action.startswith("s3:") for action in actions) or any(":s3:::" in each for each in resources):
        return False
    return "key" in name


def records(value: object, member: str) -> list[Mapping[str, Any]]:
    """Return a list of objects, empty where it is absent; EvidenceError for anything else."""
    if value is None:
        return []
    if isinstance(value, list) and all(isinstance(each, Mapping) for each in value):
        return value
    raise EvidenceError(f"{member} is not a list of objects; write what the AWS CLI printed as it is")


def listed(record: Mapping[str, Any], name: str) -> list[object]:
    """Return a list in an object, empty where it is absent; EvidenceError for anything else."""
    value = record.get(name)
    if value is None or isinstance(value, list):
        return value or []
    raise EvidenceError(f"{name} is not a list; write what the AWS CLI printed as it is")


def member(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an object in an object, empty where it is absent; EvidenceError for anything else."""
    value = record.get(name)
    if value is None or isinstance(value, Mapping):
        return value or {}
    raise EvidenceError(f"{name} is not an object; write what the AWS CLI printed as it is")


def statements_in(document: object, policy: str) -> tuple[LocatedStatement, ...]:
    """Return the statements of a document in the account's details; EvidenceError names a malformed policy."""
    if isinstance(document, str) and document.lstrip().startswith("%"):
        document = unquote(document)  # as the API has it; the CLI decodes it
    if not isinstance(document, str | Mapping):
        raise EvidenceError(f"the document of {policy} is missing; run get-account-authorization-details again")
    try:
        return statements_of(document, policy)
    except MalformedPolicy as error:
        raise EvidenceError(f"{policy} is malformed: {error}") from None


def inline_policies(kind: str, details: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """Return the names and documents of the inline policies of an identity."""
    inline = f"{kind.capitalize()}PolicyList"
    for each in records(details.get(inline), inline):
        yield str(each.get("PolicyName")), each.get("PolicyDocument")
