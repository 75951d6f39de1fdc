"""Taking the survey of an archive: reads a sample of its files, and the files of its people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zunda_mcp.archive.encoding import decode
from zunda_mcp.archive.file_names import read_name
from zunda_mcp.archive.shelves import arranged, is_person
from zunda_mcp.archive.source_file import SourceFile
from zunda_mcp.archive.survey import Survey, sample, survey

if TYPE_CHECKING:
    from zunda_mcp.archive.reader import ArchiveReader

MAX_PEOPLE = 5000


def take_survey(reader: ArchiveReader, files: Sequence[SourceFile]) -> Survey:
    """Look at a sample of these files (all of a scan, people included)."""
    from zunda_mcp.archive.evidence import evidence_of

    found = []
    for file in sample(arranged(files, reader.people_folder)):
        text = _text(file)
        evidence = evidence_of(text, reader.origin(file)) if text else None
        if evidence is not None:
            found.append(evidence)
    return survey(found, _people(reader, files), reader.wanted_strategy)


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
