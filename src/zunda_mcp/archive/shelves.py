"""Which files of a scan are no episodes but people, and what tells files of one name apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from zunda_mcp.archive.file_names import BUNDLES, PEOPLE_FOLDERS, dated_name
from zunda_mcp.archive.source_file import SourceFile, printable


def is_person(file: SourceFile, folder: str | None = None) -> bool:
    """Whether a file tells of a person: it lies in a folder named for people, or in the one the settings name."""
    above = [part.lower().lstrip("_") for part in file.label.split("/")[1:-1]]
    if folder is not None:
        return folder.strip("/").lower() in ("/".join(above), *above)
    return bool(above) and above[-1] in PEOPLE_FOLDERS


def arranged(files: Sequence[SourceFile], people: str | None) -> list[SourceFile]:
    """Return the files that may be episodes, in their order.

    Files of people are left out, unless there is nothing else. Where several files have one name without a day in it,
    their folder becomes part of the id.
    """
    pages = [file for file in files if not is_person(file, people)] or list(files)
    stems = {file.label: printable(Path(file.location).stem) for file in pages}
    counts = Counter(stems.values())
    result = []
    for file in pages:
        stem = stems[file.label]
        if counts[stem] > 1 and _says_nothing_else(file, stem):
            file = replace(file, id=f"{file.label.split('/')[-2]}-{stem}")  # noqa: PLW2901
        result.append(file)
    return result


def _says_nothing_else(file: SourceFile, stem: str) -> bool:
    """Whether only the folder can tell a file from others of its name: no day, no digits alone, in a sub folder."""
    plain = dated_name(stem)[0] is None and not stem.isdigit() and stem.lower() not in BUNDLES
    return plain and file.label.count("/") > 1 and not file.location.endswith(".json")
