"""Programs run in processes of their own here: hosts and languages are what these tests are about."""

from tests.support.processes import sandbox  # noqa: F401 - a fixture
