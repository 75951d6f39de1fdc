"""Taking the survey of an archive: reads a sample of its files, and the files of its people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zunda_mcp.archive.encoding import decode
from zunda_mcp.archive.file_names import read_name
from zunda_mcp.archive.shelves import arranged, is_person
from zunda_mcp.archive.source_file import SourceFile
from zunda_mcp.archive.survey import SAMPLE, Survey, sample, survey

if TYPE_CHECKING:
    from zunda_mcp.archive.conventions import Strategy
    from zunda_mcp.archive.evidence import Evidence
    from zunda_mcp.archive.feeds import Feed
    from zunda_mcp.archive.reader import ArchiveReader

MAX_PEOPLE = 5000


def take_survey(reader: ArchiveReader, files: Sequence[SourceFile]) -> Survey:
    """Look at a sample of these files (all of a scan, people included).

    Every feed has its own way of splitting (``feeds.evidence``), so items count here only where nothing else is.
    """
    from zunda_mcp.archive.evidence import evidence_of
    from zunda_mcp.archive.feeds.evidence import evidence_of_feeds

    found: list[Evidence] = []
    items: list[Evidence] = []
    chosen = sample(arranged(files, reader.people_folder))
    for file in chosen:
        text = _text(file)
        origin = reader.origin(file)
        if text and _is_feed(file, text):
            items += evidence_of_feeds(feeds_in(file, text), origin.conventions, max(1, SAMPLE // len(chosen)))
            continue
        evidence = evidence_of(text, origin) if text else None
        if evidence is not None:
            found.append(evidence)
    people, wanted = _people(reader, files), reader.wanted_strategy
    return survey(found, people, wanted) if found or not items else survey(items, people, wanted, "items")


def feeds_in(file: SourceFile, text: str) -> list[Feed]:
    """The pages of a feed that a file holds; none for a file of another kind."""
    from zunda_mcp.archive.formats import feed, kept_feed

    return kept_feed.feeds_in(text) if file.location.endswith(tuple(kept_feed.SUFFIXES)) else feed.feeds_in(text)


def feed_strategies(reader: ArchiveReader, files: Sequence[SourceFile]) -> dict[str, Strategy]:
    """How each feed among these files is split, and why, by label."""
    from zunda_mcp.archive.feeds.evidence import strategy_of

    found: dict[str, Strategy] = {}
    for file in files:
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


def _people(reader: ArchiveReader, files: Sequence[SourceFile]) -> dict[str, str]:
    """Return the name for each slug; none where the folders named for people hold all there is."""
    from zunda_mcp.archive.fields import TITLE, Fields
    from zunda_mcp.archive.front_matter import read_page

    persons = [file for file in files if is_person(file, reader.people_folder)]
    if len(persons) == len(files):
        return {}
    people: dict[str, str] = {}
    for file in persons[:MAX_PEOPLE]:
        text = _text(file)
        page = read_page(text) if text else None
        name = Fields(page.front).plain("name", "full_name", "display_name", *TITLE) if page and page.front else ""
        if name:
            slug = read_name(file.path.stem, tuple(file.label.split("/")[1:-1])).slug
            people.setdefault(slug.casefold(), name)
    return people


def _text(file: SourceFile) -> str | None:
    from zunda_mcp.archive.reader import file_bytes

    data, _ = file_bytes(file.path)
    return decode(data).text if data else None
