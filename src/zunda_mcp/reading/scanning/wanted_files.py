"""Which files and folders of an archive are looked at, by their names alone, and which of those may be episodes."""

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
"""Folder and file that an archive of X is known by. Of such an archive nothing else is looked at."""

SKIPPED_FOLDERS = frozenset({
    "node_modules", "vendor", "__pycache__", "_includes", "_layouts", "_sass", "_site", "archetypes", "layouts",
    "themes", "templates",
})  # fmt: skip
"""Folders of other people's files, as Jekyll's own default ``exclude`` has them, and of templates."""

_PAPERWORK = frozenset({
    "README", "CHANGELOG", "LICENSE", "LICENCE", "CONTRIBUTING", "CONTRIBUTORS", "CODE_OF_CONDUCT", "SECURITY",
    "SUPPORT", "GOVERNANCE", "MAINTAINERS", "AUTHORS", "NOTICE", "COPYING", "AGENTS", "CLAUDE", "TEMPLATE",
    "_INDEX", "_CONFIG", "ABOUT", "404", "SITEMAP", "PACKAGE", "PACKAGE_LOCK", "TSCONFIG", "COMPOSER",
})  # fmt: skip
"""First part of the names of files about the folder itself (``README.ja.md`` too): no episodes, and no problem."""

_SUBJECTS = frozenset({"SECURITY", "SUPPORT", "GOVERNANCE", "NOTICE"})
"""Of these names those that, in small letters, are what a lecture or a letter is about."""

_WORDS_OF_TEMPLATE = 3
"""``meeting-notes-template`` is one; five pages of a link log of 4,065 have longer names that end so."""
_REMEMBERED_NAMES = 32_768
"""File names of which it is remembered whether they are read: every question looks at them again."""


_METADATA = (".meta", ".yml", ".yaml", ".toml", ".json")
_COPY = re.compile(
    r"[ _]?\((?:[^()]*conflicted copy[^()]*|[^()]*のコンフリクト[^()]*|[^()]*競合コピー[^()]*|\d{1,2})\)$"
    r"|\.sync-conflict-\d{8}-\d{6}(?:-\w+)?$|[ _-]conflict(?:ed)?[-_ ]?[\d-]*$| - (?:Copy|コピー)$| copy$",
    re.IGNORECASE,
)
"""What Dropbox, Syncthing, Nextcloud, browsers and file managers put behind the name of a copy."""


def metadata_in(listed: Collection[str]) -> dict[str, list[str]]:
    """Return the files in a folder that are front matter of a page there, by the page, the one that counts first: YAML
    or TOML with the name of the page, JSON beside ``index.md``, or Nikola's ``.meta`` beside any page or text. Where
    it is used, the texts without one are pages as well, which have it at their top.
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
    """Return the neighbouring file that ``name`` says it is a copy of, ``""`` if there is none."""
    original = _copied_name(name)
    return original if original != name and original in listed else ""


@lru_cache(maxsize=_REMEMBERED_NAMES)
def _copied_name(name: str) -> str:
    stem = without_ending(name)
    return f"{_COPY.sub('', stem)}{name.removeprefix(stem)}"


@lru_cache(maxsize=_REMEMBERED_NAMES)
def is_wanted(name: str) -> bool:
    """Whether a file may hold an episode by its name."""
    return is_episode_name(name) and (_names_people(name) or not is_paperwork(name.split(".", maxsplit=1)[0]))


def is_page_of_day(parts: Sequence[str]) -> bool:
    """Whether a file is the page that its folder is named after, with a day: ``2024-05-03-title/README.md``, or
    one that it makes with those above it: ``2024/05-03-title/README.md``.
    """
    stem = parts[-1].partition(".")[0].lower()
    if stem not in BUNDLES or len(parts) == 1 or len(parts[-2]) <= len("31"):
        return False  # ``2024/05/03/index.html`` lists what was written that day
    return read_name(parts[-2], tuple(parts[-4:-2])).date is not None


def is_episode_name(name: str) -> bool:
    """Whether there is a format for a file of this name; captions and texts without a day are transcripts first."""
    kind = kind_of(name)
    if kind == "captions" or (kind == "text" and dated_name(without_ending(name))[0] is None):
        return False
    return is_readable(name)


def is_paperwork(stem: str) -> bool:
    """Whether a file is about the folder: by its whole name, ``README-…``, ``TEMPLATE…``, ``…-template``, if short."""
    words = stem.upper().replace("-", "_").replace(" ", "_")
    is_template = words.endswith("_TEMPLATE") and words.count("_") <= _WORDS_OF_TEMPLATE
    is_subject = words in _SUBJECTS and stem.islower()
    is_about = words.startswith("README_") or stem.startswith("TEMPLATE")
    return (words in _PAPERWORK and not is_subject) or is_about or is_template


def shown(folder: Path, listing: list[os.DirEntry[str]]) -> list[os.DirEntry[str]]:
    """What of a folder is looked at: all, but of an archive of X only the way to its manifest."""
    inside, manifest = _EXPORT
    if folder.name == inside and any(entry.name == manifest for entry in listing):
        return [entry for entry in listing if entry.name == manifest]
    if any(entry.name == inside for entry in listing) and (folder / inside / manifest).is_file():
        return [entry for entry in listing if entry.name == inside]
    return [entry for entry in listing if entry.name != manifest]


# --- episodes and people

_KEPT_BESIDE = re.compile(r"(?:^|[-_. ~])(?:bak|backup|backups|old|orig|copy|archived?|trash|drafts?)(?:$|[-_. ~0-9])")
"""Folders with what was there before, or is not yet."""


def _is_person(file: SourceFile, folder: str | None) -> bool:
    """Whether a file tells of people: it lies in a folder named for them, or in the one the settings name, or is YAML
    of such a name (``_data/authors.yml``).
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
    """Return the files that may be episodes: without those of people, unless there is nothing else. Where several files
    of a source have one name, so many of their folders become part of the id as tell them apart. A copy in a folder
    that is kept beside (``_posts.bak``) keeps its name, and so its id is taken.
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
    """Ids for these files: the name after as many folders as are needed for all of them."""
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
