"""Taking the survey of an archive: reads a sample of its files, and the files of its people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from zunda_mcp.archive.encoding import decode
from zunda_mcp.archive.file_names import read_name
from zunda_mcp.archive.profile import Witness
from zunda_mcp.archive.source_file import SourceFile
from zunda_mcp.archive.survey import SAMPLE, Survey, sample, spread, survey

if TYPE_CHECKING:
    from zunda_mcp.archive.configuration import Configuration
    from zunda_mcp.archive.conventions import Strategy
    from zunda_mcp.archive.feeds import Feed
    from zunda_mcp.archive.origin import Origin
    from zunda_mcp.archive.reader import ArchiveReader
    from zunda_mcp.archive.scan import Scan

MAX_PEOPLE = 5000


class Look(NamedTuple):
    """What a look at some files found, what each of them said, by label, and which could not be read."""

    survey: Survey
    witnesses: dict[str, Witness]
    unread: tuple[str, ...]


def looked_at(scan: Scan) -> list[SourceFile]:
    """The files that tell how an archive is written: a sample of its pages, and its people."""
    return [*sample(scan.files), *scan.people[:MAX_PEOPLE]]


def take_survey(reader: ArchiveReader, scan: Scan, configuration: Configuration, known: Mapping[str, Witness]) -> Look:
    """Look at a sample of the files of a scan; files that are as they were when they became ``known`` are not opened.

    Every feed has its own way of splitting (``feeds.evidence``), so items count here only where nothing else is.
    """
    chosen = sample(scan.files)
    witnesses: dict[str, Witness] = {}
    unread: list[str] = []
    for files, look in ((chosen, _page), (scan.people[:MAX_PEOPLE], _person)):
        for file in files:
            witness = known.get(file.label)
            if witness is None or not witness.fits(file):
                try:
                    witness = look(file, reader.origin(file, configuration))
                except OSError:
                    unread.append(file.label)
            if witness is not None:
                witnesses[file.label] = witness
    pages = [witnesses[file.label] for file in chosen if file.label in witnesses]
    found = [one for page in pages if not page.feed for one in page.evidence]
    items = [one for page in pages if page.feed for one in spread(page.evidence, max(1, SAMPLE // len(chosen)))]
    people: dict[str, str] = {}
    for file in scan.people[:MAX_PEOPLE]:
        if file.label in witnesses and (name := witnesses[file.label].person):
            people.setdefault(_slug(file), name)
    wanted = reader.wanted_strategy
    taken = survey(found, people, wanted) if found or not items else survey(items, people, wanted, "items")
    return Look(taken, witnesses, tuple(unread))


def _page(file: SourceFile, origin: Origin) -> Witness:
    """What a file that may hold episodes says. Raises ``OSError``."""
    from zunda_mcp.archive.evidence import evidence_of
    from zunda_mcp.archive.feeds.evidence import evidence_of_feeds

    text = _text(file)
    if text and _is_feed(file, text):
        found = evidence_of_feeds(feeds_in(file, text), origin.conventions)
        return Witness(file.size, file.mtime_ns, file.id, True, tuple(found))
    evidence = evidence_of(text, origin) if text else None
    return Witness(file.size, file.mtime_ns, file.id, False, (evidence,) if evidence else ())


def _person(file: SourceFile, _origin: Origin) -> Witness:
    """What a file that tells of a person says. Raises ``OSError``."""
    from zunda_mcp.archive.fields import TITLE, Fields
    from zunda_mcp.archive.front_matter import read_page

    text = _text(file)
    page = read_page(text) if text else None
    name = Fields(page.front).plain("name", "full_name", "display_name", *TITLE) if page and page.front else ""
    return Witness(file.size, file.mtime_ns, file.id, person=name)


def _slug(file: SourceFile) -> str:
    return read_name(file.path.stem, tuple(file.label.split("/")[1:-1])).slug.casefold()


def feeds_in(file: SourceFile, text: str) -> list[Feed]:
    """The pages of a feed that a file holds; none for a file of another kind."""
    from zunda_mcp.archive.formats import feed, kept_feed

    return kept_feed.feeds_in(text) if file.location.endswith(tuple(kept_feed.SUFFIXES)) else feed.feeds_in(text)


def feed_strategies(reader: ArchiveReader, files: Sequence[SourceFile]) -> dict[str, Strategy]:
    """How each feed among these files is split, and why, by label."""
    from zunda_mcp.archive.feeds.evidence import strategy_of

    found: dict[str, Strategy] = {}
    for file in files:
        with suppress(OSError):
            text = _text(file) or "" if file.path.suffix.lower() in _suffixes() else ""
            pages = feeds_in(file, text) if text and _is_feed(file, text) else []
            if pages:
                found[file.label] = strategy_of(pages, reader.conventions)
    return found


def _is_feed(file: SourceFile, text: str) -> bool:
    """Whether a file can only be a feed: by its ending, or as JSON by what it says of itself."""
    from zunda_mcp.archive.formats import feed

    suffix = file.path.suffix.lower()
    return suffix in _suffixes() and (suffix != ".json" or feed.claims(text))


def _suffixes() -> frozenset[str]:
    from zunda_mcp.archive.formats import feed, kept_feed

    return feed.SUFFIXES | kept_feed.SUFFIXES


def _text(file: SourceFile) -> str | None:
    """The text of a file, ``None`` for one that is too large or no ordinary file. Raises ``OSError``."""
    from zunda_mcp.archive.reader import file_bytes

    data, _ = file_bytes(file.path)
    return decode(data).text if data else None
