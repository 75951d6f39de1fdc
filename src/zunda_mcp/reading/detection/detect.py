"""Taking the survey of an archive: looks at its files, and at those of its people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from zunda_mcp.reading.detection.conventions import Conventions, Origin, Strategy
from zunda_mcp.reading.detection.evidence import evidence_of
from zunda_mcp.reading.detection.profile import Witness
from zunda_mcp.reading.detection.survey import SAMPLE, Survey, spread, survey
from zunda_mcp.reading.encoding import decode
from zunda_mcp.reading.endings import kind_of
from zunda_mcp.reading.feeds.episodes import evidence_of_feeds, strategy_of
from zunda_mcp.reading.feeds.item import Feed
from zunda_mcp.reading.formats import feed_files, format_of
from zunda_mcp.reading.metadata.fields import TITLE, Fields
from zunda_mcp.reading.metadata.file_names import read_name
from zunda_mcp.reading.metadata.front_matter import read_page
from zunda_mcp.reading.scanning.scan import Scan
from zunda_mcp.reading.source_file import USUAL_BYTES, SourceFile, file_bytes

__all__ = ["Look", "feed_strategies", "take_survey"]

_FEEDS = ("feed", "json", "kept feed")
"""Kinds of files that may hold a feed."""


class Look(NamedTuple):
    """What a look at some files found, what each of them said, by label, and which could not be read."""

    survey: Survey
    witnesses: dict[str, Witness]
    unread: tuple[str, ...]


def take_survey(
    scan: Scan, origin_of: Callable[[SourceFile], Origin], wanted: str | None, earlier: Mapping[str, Witness]
) -> Look:
    """Look at the files of a scan; those that are as they were at an ``earlier`` look are not opened.

    Every feed has its own way of splitting (``feeds.evidence``), so items count here only where nothing else is.
    """
    witnesses: dict[str, Witness] = {}
    unread: list[str] = []
    for files, look in ((scan.files, _page), (scan.people, _person)):
        for file in files:
            witness = earlier.get(file.label)
            if witness is None or not witness.fits(file):
                try:
                    witness = look(file, origin_of(file))
                except OSError:
                    unread.append(file.label)
            if witness is not None:
                witnesses[file.label] = witness
    pages = [(file.label.rpartition("/")[0], witnesses[file.label]) for file in scan.files if file.label in witnesses]
    evidence = [(folder, one) for folder, page in pages if not page.feed for one in page.evidence]
    items = [one for _, page in pages if page.feed for one in spread(page.evidence, max(1, SAMPLE // len(pages)))]
    people: dict[str, str] = {}
    for file in scan.people:
        if file.label in witnesses and (name := witnesses[file.label].person):
            slug = read_name(file.path.stem, tuple(file.label.split("/")[1:-1])).slug
            people.setdefault(slug.casefold(), name)
    if evidence or not items:
        taken = survey([one for _, one in evidence], people, wanted, folders=[folder for folder, _ in evidence])
    else:
        taken = survey(items, people, wanted, "items")
    return Look(taken, witnesses, tuple(unread))


def _page(file: SourceFile, origin: Origin) -> Witness:
    """What a file that may hold episodes shows. Raises ``OSError``."""
    text = _text(file)
    if (feeds := _feeds_in(file, text)) is not None:
        items = evidence_of_feeds(feeds, origin.conventions)
        return Witness(file.size, file.mtime_ns, file.id, True, tuple(items))
    evidence = evidence_of(text, origin) if text else None
    return Witness(file.size, file.mtime_ns, file.id, False, (evidence,) if evidence else ())


def _person(file: SourceFile, _origin: Origin) -> Witness:
    """What a file that tells of a person shows. Raises ``OSError``."""
    text = _text(file)
    page = read_page(text) if text else None
    name = Fields(page.matter).plain("name", "full_name", "display_name", *TITLE) if page and page.matter else ""
    return Witness(file.size, file.mtime_ns, file.id, person=name)


def _feeds_in(file: SourceFile, text: str | None) -> list[Feed] | None:
    """The pages of the feed in a file; ``None`` for what is no feed by its ending, or as JSON by its text."""
    kind = kind_of(file.location)
    if not text or kind not in _FEEDS or (kind == "json" and not feed_files.claims(text)):
        return None
    return feed_files.feeds_in(text, file.location)


def feed_strategies(files: Sequence[SourceFile], conventions: Conventions) -> dict[str, Strategy]:
    """How each feed among these files is split, and why, by label."""
    strategies: dict[str, Strategy] = {}
    for file in files:
        with suppress(OSError):
            if kind_of(file.location) in _FEEDS and (pages := _feeds_in(file, _text(file))):
                strategies[file.label] = strategy_of(pages, conventions)
    return strategies


def _text(file: SourceFile) -> str | None:
    """The text of a file, ``None`` for one that is too large or no ordinary file. Raises ``OSError``."""
    form = format_of(file.location)
    most = form.max_bytes if form is not None and form.source == "text" else USUAL_BYTES
    data, _ = file_bytes(file.path, most)
    return (form.decoded(data, file.location) if form else decode(data)).text if data else None
