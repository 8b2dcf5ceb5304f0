"""Brings into the site what lies outside of `docs`: the examples, and the pages at the top of the repository.

Links are written as they work in the repository, from file to file; here they are turned to where the files are in the
site. A link to a file that is not in the site becomes its text; one that leads nowhere fails the build.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mkdocs.structure.files import File, Files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

REPOSITORY: Final = Path(__file__).parents[2]
TOP_PAGES: Final = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
"""Pages at the top of the repository, as far as they are there."""
_LEFT_OUT: Final = re.compile(r"(^|/)(\.|__pycache__|node_modules|sdks|bin)|package-lock\.json$")
_LANGUAGES: Final = {
    ".py": "python",
    ".ts": "typescript",
    ".yaml": "yaml",
    ".json": "json",
    ".ini": "ini",
    ".csv": "text",
    ".txt": "text",
}
_LINK: Final = re.compile(r"(?<!!)\[(?P<text>[^\]\n]+)\]\((?![a-z]+:|#)(?P<path>[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """List every example where the navigation has `examples/`."""
    config.nav = _listed(config.nav)
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages that are not in `docs`."""
    for address, text in _pages():
        files.append(File.generated(config, address, content=text))
    return files


def on_page_markdown(markdown: str, *, page: Page, files: Files, **_others: object) -> str:
    """Turn the links of a page from the layout of the repository to that of the site."""
    source, folder = _in_repository(page.file.src_uri), posixpath.dirname(page.file.src_uri)

    def turned(link: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), link["path"]))
        target = _in_site(path)
        if target is not None and files.get_file_from_path(target) is not None:
            return f"[{link['text']}]({posixpath.relpath(target, folder or '.')}{link['anchor'] or ''})"
        return link["text"] if target is None and (REPOSITORY / path).exists() else link[0]

    return _LINK.sub(turned, markdown)


def _listed(nav: Any) -> Any:  # noqa: ANN401 - lists, mappings and texts, as YAML nests them
    match nav:
        case list():
            return [_listed(each) for each in nav]
        case dict():
            return {title: _listed(inner) for title, inner in nav.items()}
        case "examples/":
            return ["examples/README.md", *(f"examples/{folder.name}.md" for folder in _examples())]
    return nav


def _examples() -> list[Path]:
    return sorted(folder for folder in (REPOSITORY / "examples").iterdir() if folder.is_dir())


def _pages() -> Iterator[tuple[str, str]]:
    for name in TOP_PAGES:
        if (REPOSITORY / name).exists():
            yield name, (REPOSITORY / name).read_text("utf-8")
    yield "examples/README.md", (REPOSITORY / "examples/README.md").read_text("utf-8")
    for folder in _examples():
        yield f"examples/{folder.name}.md", _example(folder)


def _example(folder: Path) -> str:
    """Return a page with every file of an example."""
    parts = [f"# {folder.name}", f"In the folder `examples/{folder.name}` of the repository."]
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    for name in sorted((each for each in names if not _LEFT_OUT.search(each)), key=lambda each: ("/" in each, each)):
        text = (folder / name).read_text("utf-8").rstrip()
        if name == "README.md":
            parts.insert(2, re.sub(r"^# .*\n", "", text))
        elif text:
            parts += [f"## `{name}`", f"~~~{_LANGUAGES.get(Path(name).suffix, 'text')}\n{text}\n~~~"]
    return "\n\n".join(parts) + "\n"


def _in_repository(address: str) -> str:
    outside = address in TOP_PAGES or address.startswith("examples/")
    return address if outside else f"docs/{address}"


def _in_site(path: str) -> str | None:
    """Return where a file or folder of the repository is in the site, if it is there."""
    if path == "README.md":
        return "index.md"
    if path in TOP_PAGES or path == "examples/README.md":
        return path
    if path.startswith("examples/"):
        return "/".join(path.split("/")[:2]) + ".md"
    return path.removeprefix("docs/") if path.startswith("docs/") else None
