"""Which files of a scan may be episodes: those of people are none. Files of one name get ids that tell them apart."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from zunda_mcp.reading.metadata.file_names import BUNDLES, PEOPLE_FOLDERS, dated_name, read_name
from zunda_mcp.reading.source_file import SourceFile, printable

__all__ = ["episode_files"]

_KEPT_BESIDE = re.compile(r"(?:^|[-_. ~])(?:bak|backup|backups|old|orig|copy|archived?|trash|drafts?)(?:$|[-_. ~0-9])")
"""Folders with what was there before, or is not yet."""


def _is_person(file: SourceFile, folder: str | None) -> bool:
    """Whether a file tells of a person: it lies in a folder named for people, or in the one the settings name."""
    above = [part.lower().lstrip("_") for part in _folders(file)]
    if folder is not None:
        return folder.strip("/").lower() in ("/".join(above), *above)
    return bool(above) and above[-1] in PEOPLE_FOLDERS


def episode_files(files: Sequence[SourceFile], people: str | None) -> list[SourceFile]:
    """Return the files that may be episodes, in their order.

    Files of people are left out, unless there is nothing else. Where several files of a source have one name, so many
    of their folders become part of the id as tell them apart. A copy in a folder that is kept beside (``_posts.bak``)
    keeps its name, and so its id is taken.
    """
    pages = [file for file in files if not _is_person(file, people)] or list(files)
    names = [_name(file) for file in pages]
    counts = Counter(names)
    alike: dict[tuple[str, str], list[int]] = {}
    for place, (file, name) in enumerate(zip(pages, names, strict=True)):
        if counts[name] > 1 and file.label.count("/") > 1 and not file.location.endswith(".json"):
            alike.setdefault((file.label.split("/", 1)[0], name), []).append(place)
    several = [
        group
        for (_, name), group in alike.items()
        if len(group) > 1 and (dated_name(name)[0] is None or not _kept_beside(pages, group))
    ]
    for place, id in _apart(pages, names, [place for group in several for place in group]).items():
        pages[place] = replace(pages[place], id=id)
    return pages


def _name(file: SourceFile) -> str:
    """The id of a file as far as its own name gives one; that of its folder for ``index.md`` and ``7.md``."""
    stem = printable(os.path.splitext(os.path.basename(file.location))[0])  # noqa: PTH119, PTH122 - of thousands
    return read_name(stem, _folders(file)).id if stem.isdigit() or stem.lower() in BUNDLES else stem


def _kept_beside(pages: Sequence[SourceFile], group: Sequence[int]) -> bool:
    """Whether one of these files lies in a folder of what was there before or is not yet."""
    return any(_KEPT_BESIDE.search(part.lower()) for place in group for part in _folders(pages[place]))


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
