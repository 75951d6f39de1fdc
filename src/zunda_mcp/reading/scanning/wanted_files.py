"""Decide by names alone which files and folders of an archive a scan looks at, and which files may be episodes."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from zunda_mcp.reading.endings import endings_of, kind_of, without_ending
from zunda_mcp.reading.formats import is_readable
from zunda_mcp.reading.metadata.file_names import BUNDLES, PEOPLE_FOLDERS, dated_name, read_name
from zunda_mcp.reading.source_file import SourceFile, printable

__all__ = [
    "SKIPPED_FOLDERS", "copied_from", "episode_files", "is_episode_name", "is_page_of_day", "is_paperwork",
    "is_wanted", "metadata_in", "shown",
]  # fmt: skip

_EXPORT = ("data", "manifest.js")
"""The folder and the file that show an archive of X. A scan looks at nothing else in it."""

SKIPPED_FOLDERS = frozenset({
    "node_modules", "vendor", "__pycache__", "_includes", "_layouts", "_sass", "_site", "archetypes", "layouts",
    "themes", "templates",
})  # fmt: skip
"""Folders with other people's files, as in the default ``exclude`` of Jekyll, and with templates."""

_PAPERWORK = frozenset({
    "README", "CHANGELOG", "LICENSE", "LICENCE", "CONTRIBUTING", "CONTRIBUTORS", "CODE_OF_CONDUCT", "SECURITY",
    "SUPPORT", "GOVERNANCE", "MAINTAINERS", "AUTHORS", "NOTICE", "COPYING", "AGENTS", "CLAUDE", "TEMPLATE",
    "_INDEX", "_CONFIG", "ABOUT", "404", "SITEMAP", "PACKAGE", "PACKAGE_LOCK", "TSCONFIG", "COMPOSER",
})  # fmt: skip
"""Names, up to the first dot (``README.ja.md``), of files about their folder: neither episodes nor problems."""

_SUBJECTS = frozenset({"SECURITY", "SUPPORT", "GOVERNANCE", "NOTICE"})
"""Those of these names that, in small letters, may be the subject of an episode, such as a lecture."""

_WORDS_OF_TEMPLATE = 3
"""The most hyphens in a template's name (``meeting-notes-template``); five of 4,065 pages of a link log have more."""
_REMEMBERED_NAMES = 32_768
"""File names whose checks are cached, because every question repeats them."""


_METADATA = (".meta", ".yml", ".yaml", ".toml", ".json")
_COPY = re.compile(
    r"[ _]?\((?:[^()]*conflicted copy[^()]*|[^()]*のコンフリクト[^()]*|[^()]*競合コピー[^()]*|\d{1,2})\)$"
    r"|\.sync-conflict-\d{8}-\d{6}(?:-\w+)?$|[ _-]conflict(?:ed)?[-_ ]?[\d-]*$| - (?:Copy|コピー)$| copy$",
    re.IGNORECASE,
)
"""What Dropbox, Syncthing, Nextcloud, browsers and file managers append to the name of a copy."""


def metadata_in(listed: Collection[str]) -> dict[str, list[str]]:
    """Return for each page in a folder the files there with its front matter, best first: YAML or TOML with the name of
    the page, JSON for ``index.md``, or Nikola's ``.meta`` for any page or text. If any page has a ``.meta``, texts
    without one are pages too, with front matter at their top.
    """
    pages: dict[str, list[str]] = {}
    for ending in _METADATA:
        for name in listed:
            stem = name.removesuffix(ending)
            if stem != name and (ending != ".json" or stem in BUNDLES):
                kinds = ("markdown", "rst", "html", "text") if ending == ".meta" else ("markdown",)
                for page in (f"{stem}{one}" for one in endings_of(*kinds)):
                    if page in listed:
                        pages.setdefault(page, []).append(name)
    if any(name.endswith(".meta") for files in pages.values() for name in files):
        pages |= {name: [] for name in listed if kind_of(name) == "text" and name not in pages}
    return pages


def copied_from(name: str, listed: Collection[str]) -> str:
    """Return the original in the same folder if ``name`` is that of a copy; ``""`` if there is none."""
    original = _copied_name(name)
    return original if original != name and original in listed else ""


@lru_cache(maxsize=_REMEMBERED_NAMES)
def _copied_name(name: str) -> str:
    stem = without_ending(name)
    return f"{_COPY.sub('', stem)}{name.removeprefix(stem)}"


@lru_cache(maxsize=_REMEMBERED_NAMES)
def is_wanted(name: str) -> bool:
    """Whether a file may contain an episode, or YAML about people, by its name."""
    return is_episode_name(name) and (_names_people(name) or not is_paperwork(name.split(".", maxsplit=1)[0]))


def is_page_of_day(parts: Sequence[str]) -> bool:
    """Whether a file is the page of its folder, whose name has a day: ``2024-05-03-title/README.md``. Folders above it
    may have part of the day: ``2024/05-03-title/README.md``.
    """
    stem = parts[-1].partition(".")[0].lower()
    if stem not in BUNDLES or len(parts) == 1 or len(parts[-2]) <= len("31"):
        return False  # ``2024/05/03/index.html`` lists what was written that day
    return read_name(parts[-2], tuple(parts[-4:-2])).date is not None


def is_episode_name(name: str) -> bool:
    """Whether a format reads files of this name, other than captions and undated texts, which are transcripts first."""
    kind = kind_of(name)
    if kind == "captions" or (kind == "text" and dated_name(without_ending(name))[0] is None):
        return False
    return is_readable(name)


def is_paperwork(stem: str) -> bool:
    """Whether a file is about its folder, by its name: listed, ``README-…``, ``TEMPLATE…``, a short ``…-template``."""
    words = stem.upper().replace("-", "_").replace(" ", "_")
    is_template = words.endswith("_TEMPLATE") and words.count("_") <= _WORDS_OF_TEMPLATE
    is_subject = words in _SUBJECTS and stem.islower()
    is_about = words.startswith("README_") or stem.startswith("TEMPLATE")
    return (words in _PAPERWORK and not is_subject) or is_about or is_template


def shown(folder: Path, listing: list[os.DirEntry[str]]) -> list[os.DirEntry[str]]:
    """Return the entries of a folder that a scan looks at: in an archive of X only those that lead to its manifest."""
    inside, manifest = _EXPORT
    if folder.name == inside and any(entry.name == manifest for entry in listing):
        return [entry for entry in listing if entry.name == manifest]
    if any(entry.name == inside for entry in listing) and (folder / inside / manifest).is_file():
        return [entry for entry in listing if entry.name == inside]
    return [entry for entry in listing if entry.name != manifest]


# --- episodes and people

_KEPT_BESIDE = re.compile(r"(?:^|[-_. ~])(?:bak|backup|backups|old|orig|copy|archived?|trash|drafts?)(?:$|[-_. ~0-9])")
"""Folders with backups, old pages or drafts."""


def _is_person(file: SourceFile, folder: str | None) -> bool:
    """Whether a file describes people: it is in the ``folder`` that the settings name. If they name none, it is in one
    with a usual name, or is YAML with such a name (``_data/authors.yml``).
    """
    above = [part.lower().lstrip("_") for part in _folders(file)]
    if folder is not None:
        return folder.strip("/").lower() in ("/".join(above), *above)
    name = os.path.basename(file.location)  # noqa: PTH119 - of thousands
    return _names_people(name) or not PEOPLE_FOLDERS.isdisjoint(above[-1:])


@lru_cache(maxsize=_REMEMBERED_NAMES)
def _names_people(name: str) -> bool:
    return kind_of(name) == "yaml" and name.partition(".")[0].lower() in PEOPLE_FOLDERS


def episode_files(files: Sequence[SourceFile], people: str | None) -> list[SourceFile]:
    """Return the files that may be episodes: all but those of people, unless there are no others. If files of a source
    have the same name, as many of their folders become part of their ids as tell them apart. But if one of them is in a
    folder of backups (``_posts.bak``) and the name has a day, they keep the same id, and only the first file counts.
    """
    pages = [file for file in files if not _is_person(file, people)] or list(files)
    stems = [printable(without_ending(file.location)) for file in pages]
    generic = [stem.isdigit() or stem.lower() in BUNDLES for stem in stems]  # ``index.md``, ``7.md``
    names = [read_name(s, _folders(f)).id if g else s for s, f, g in zip(stems, pages, generic, strict=True)]
    counts = Counter(names)
    alike: dict[tuple[str, str], list[int]] = {}
    for place, (file, name) in enumerate(zip(pages, names, strict=True)):
        if counts[name] > 1 and file.label.count("/") > 1:
            alike.setdefault((file.label.split("/", 1)[0], name), []).append(place)
    several: list[int] = []
    for (_, name), group in alike.items():
        kept = any(_KEPT_BESIDE.search(" ".join(_folders(pages[place])).lower()) for place in group)
        if len(group) > 1 and (dated_name(name)[0] is None or not kept):
            several += group
    for place, id in _apart(pages, names, several).items():
        pages[place] = replace(pages[place], id=id)
    return pages


def _apart(pages: Sequence[SourceFile], names: Sequence[str], places: Sequence[int]) -> dict[int, str]:
    """Return ids for the pages at ``places``: their names, after as many folders as tell all of them apart."""
    ids: dict[int, str] = {}
    for depth in range(1, max((len(_folders(pages[place])) for place in places), default=0) + 1):
        for place in places:
            above = [part.strip("_") for part in _folders(pages[place])[-depth:] if part not in names[place]]
            ids[place] = "-".join((*filter(None, above), names[place]))
        counts = Counter((pages[place].label.split("/", 1)[0], id) for place, id in ids.items())
        if max(counts.values()) == 1:
            break
    return ids


def _folders(file: SourceFile) -> tuple[str, ...]:
    return tuple(file.label.split("/")[1:-1])
