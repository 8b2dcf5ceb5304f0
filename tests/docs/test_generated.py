"""What is written from the arguments' descriptions is up to date."""

from __future__ import annotations

from tests.docs import generated


def test_the_readme_has_the_arguments_as_they_are_described() -> None:
    assert generated.README.read_text() == generated.readme(), f"run {generated.COMMAND}"


def test_the_reference_stack_has_the_arguments_as_they_are_described() -> None:
    assert generated.PROJECT.read_text() == generated.project(), f"run {generated.COMMAND}"


def test_the_page_of_identities_has_every_action() -> None:
    assert generated.IDENTITIES.read_text() == generated.identities(), f"run {generated.COMMAND}"
