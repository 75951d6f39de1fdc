"""Which files of a scan are no episodes but people, and what tells files of one name apart.

Taking the survey of an archive: looks at its files, and at those of its people.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from zunda_mcp.reading.detection.profile import Witness
from zunda_mcp.reading.detection.survey import SAMPLE, Survey, spread, survey
from zunda_mcp.reading.encoding import decode
from zunda_mcp.reading.endings import kind_of
from zunda_mcp.reading.formats import USUAL_BYTES, format_of
from zunda_mcp.reading.metadata.file_names import BUNDLES, PEOPLE_FOLDERS, dated_name, read_name
from zunda_mcp.reading.source_file import SourceFile, file_bytes, printable

if TYPE_CHECKING:
    from zunda_mcp.reading.detection.conventions import Conventions, Origin, Strategy
    from zunda_mcp.reading.feeds.item import Feed
    from zunda_mcp.reading.scan import Scan

__all__ = ["MAX_PEOPLE", "Look", "arranged", "feed_strategies", "feeds_in", "is_person", "looked_at", "take_survey"]

_KEPT_BESIDE = re.compile(r"(?:^|[-_. ~])(?:bak|backup|backups|old|orig|copy|archived?|trash|drafts?)(?:$|[-_. ~0-9])")
"""Folders with what was there before, or is not yet."""


def is_person(file: SourceFile, folder: str | None = None) -> bool:
    """Whether a file tells of a person: it lies in a folder named for people, or in the one the settings name."""
    above = [part.lower().lstrip("_") for part in file.label.split("/")[1:-1]]
    if folder is not None:
        return folder.strip("/").lower() in ("/".join(above), *above)
    return bool(above) and above[-1] in PEOPLE_FOLDERS


def arranged(files: Sequence[SourceFile], people: str | None) -> list[SourceFile]:
    """Return the files that may be episodes, in their order.

    Files of people are left out, unless there is nothing else. Where several files of a source have one name, so many
    of their folders become part of the id as tell them apart. A copy in a folder that is kept beside (``_posts.bak``)
    keeps its name, and so its id is taken.
    """
    pages = [file for file in files if not is_person(file, people)] or list(files)
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
    for place, told in _apart(pages, names, [place for group in several for place in group]).items():
        pages[place] = replace(pages[place], id=told)
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
        told = Counter((pages[place].label.split("/", 1)[0], id) for place, id in ids.items())
        if max(told.values()) == 1:
            break
    return ids


def _folders(file: SourceFile) -> tuple[str, ...]:
    return tuple(file.label.split("/")[1:-1])


MAX_PEOPLE = 5000
_FEEDS = ("feed", "json", "kept feed")
"""Kinds of files that may hold a feed."""


class Look(NamedTuple):
    """What a look at some files found, what each of them said, by label, and which could not be read."""

    survey: Survey
    witnesses: dict[str, Witness]
    unread: tuple[str, ...]


def looked_at(scan: Scan) -> list[SourceFile]:
    """The files that tell how an archive is written: its pages, and its people."""
    return [*scan.files, *scan.people[:MAX_PEOPLE]]


def take_survey(
    scan: Scan, origin_of: Callable[[SourceFile], Origin], wanted: str | None, known: Mapping[str, Witness]
) -> Look:
    """Look at the files of a scan; those that are as they were when they became ``known`` are not opened.

    Every feed has its own way of splitting (``feeds.evidence``), so items count here only where nothing else is.
    """
    chosen = scan.files
    witnesses: dict[str, Witness] = {}
    unread: list[str] = []
    for files, look in ((chosen, _page), (scan.people[:MAX_PEOPLE], _person)):
        for file in files:
            witness = known.get(file.label)
            if witness is None or not witness.fits(file):
                try:
                    witness = look(file, origin_of(file))
                except OSError:
                    unread.append(file.label)
            if witness is not None:
                witnesses[file.label] = witness
    pages = [(file.label.rpartition("/")[0], witnesses[file.label]) for file in chosen if file.label in witnesses]
    found = [(folder, one) for folder, page in pages if not page.feed for one in page.evidence]
    items = [one for _, page in pages if page.feed for one in spread(page.evidence, max(1, SAMPLE // len(pages)))]
    people: dict[str, str] = {}
    for file in scan.people[:MAX_PEOPLE]:
        if file.label in witnesses and (name := witnesses[file.label].person):
            people.setdefault(_slug(file), name)
    if found or not items:
        taken = survey([one for _, one in found], people, wanted, folders=[folder for folder, _ in found])
    else:
        taken = survey(items, people, wanted, "items")
    return Look(taken, witnesses, tuple(unread))


def _page(file: SourceFile, origin: Origin) -> Witness:
    """What a file that may hold episodes says. Raises ``OSError``."""
    from zunda_mcp.reading.detection.evidence import evidence_of
    from zunda_mcp.reading.feeds.episodes import evidence_of_feeds

    text = _text(file)
    if text and _is_feed(file, text):
        found = evidence_of_feeds(feeds_in(file, text), origin.conventions)
        return Witness(file.size, file.mtime_ns, file.id, True, tuple(found))
    evidence = evidence_of(text, origin) if text else None
    return Witness(file.size, file.mtime_ns, file.id, False, (evidence,) if evidence else ())


def _person(file: SourceFile, _origin: Origin) -> Witness:
    """What a file that tells of a person says. Raises ``OSError``."""
    from zunda_mcp.reading.metadata.fields import TITLE, Fields
    from zunda_mcp.reading.metadata.front_matter import read_page

    text = _text(file)
    page = read_page(text) if text else None
    name = Fields(page.front).plain("name", "full_name", "display_name", *TITLE) if page and page.front else ""
    return Witness(file.size, file.mtime_ns, file.id, person=name)


def _slug(file: SourceFile) -> str:
    return read_name(file.path.stem, tuple(file.label.split("/")[1:-1])).slug.casefold()


def feeds_in(file: SourceFile, text: str) -> list[Feed]:
    """The pages of a feed that a file holds; none for a file of another kind."""
    from zunda_mcp.reading.formats import feed_file, kept_feed

    return kept_feed.feeds_in(text) if kind_of(file.location) == "kept feed" else feed_file.feeds_in(text)


def feed_strategies(files: Sequence[SourceFile], conventions: Conventions) -> dict[str, Strategy]:
    """How each feed among these files is split, and why, by label."""
    from zunda_mcp.reading.feeds.episodes import strategy_of

    found: dict[str, Strategy] = {}
    for file in files:
        with suppress(OSError):
            text = _text(file) if kind_of(file.location) in _FEEDS else None
            pages = feeds_in(file, text) if text and _is_feed(file, text) else []
            if pages:
                found[file.label] = strategy_of(pages, conventions)
    return found


def _is_feed(file: SourceFile, text: str) -> bool:
    """Whether a file can only be a feed: by its ending, or as JSON by what it says of itself."""
    from zunda_mcp.reading.formats import feed_file

    kind = kind_of(file.location)
    return kind in _FEEDS and (kind != "json" or feed_file.claims(text))


def _text(file: SourceFile) -> str | None:
    """The text of a file, ``None`` for one that is too large or no ordinary file. Raises ``OSError``."""
    form = format_of(file.location)
    most = form.max_bytes if form is not None and form.source == "text" else USUAL_BYTES
    data, _ = file_bytes(file.path, most)
    return (form.decoded(data, file.location) if form else decode(data)).text if data else None
