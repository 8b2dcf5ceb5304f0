"""Fills in what a package index shows and a clone does not need: absolute links in the README, the project's addresses.

Links of README.md lead from file to file, as a clone and the site have them; on an index they would be dead. GitHub's
runners name the repository in the environment, so that a release, of a fork too, leads to its own files. Without a
repository links become their text, and images are left out.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

GUIDE = "https://docs.aws.amazon.com/personalize/latest/dg/aws-personalize-set-up-permissions.html"
_RELATIVE = r"\((?![a-z]+:|#)(?P<path>[^)\s]+)\)"
_IMAGE = re.compile(rf"!\[(?P<text>[^\]]*)\]{_RELATIVE}\n*")
_LINK = re.compile(rf"\[(?P<text>[^\]]+)\]{_RELATIVE}")


class AddressesHook(MetadataHookInterface):
    """Sets `readme` and `urls`."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add both to the project's metadata."""
        name = os.environ.get("GITHUB_REPOSITORY")
        repository = f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{name}" if name else ""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": on_an_index(text, repository, f"v{metadata['version']}"),
        }
        metadata["urls"] = {"AWS's guide": GUIDE, **(addresses(repository) if repository else {})}


def on_an_index(readme: str, repository: str, tag: str) -> str:
    """Return the README with every relative link and image leading to the repository at a tag, or gone without one."""
    if not repository:
        return _LINK.sub(r"\g<text>", _IMAGE.sub("", readme))
    readme = _IMAGE.sub(rf"![\g<text>]({repository}/raw/{tag}/\g<path>)\n\n", readme)
    return _LINK.sub(rf"[\g<text>]({repository}/blob/{tag}/\g<path>)", readme)


def addresses(repository: str) -> dict[str, str]:
    """Return the labels that indexes know, with their addresses."""
    return {
        "Source": repository,
        "Documentation": f"{repository}/blob/main/docs/index.md",
        "Changelog": f"{repository}/blob/main/CHANGELOG.md",
        "Issues": f"{repository}/issues",
    }
