"""Which files of a scan belong together, and which are no episodes: people, transcripts of episodes, repeated names."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from zunda_mcp.archive.file_names import BUNDLES, PEOPLE_FOLDERS, TRANSCRIPT_FOLDERS, dated_name
from zunda_mcp.archive.source_file import SourceFile, printable


def is_person(file: SourceFile, folder: str | None = None) -> bool:
    """Whether a file tells of a person: it lies in a folder named for people, or in the one the settings name."""
    above = [part.lower().lstrip("_") for part in file.label.split("/")[1:-1]]
    if folder is not None:
        return folder.strip("/").lower() in ("/".join(above), *above)
    return bool(above) and above[-1] in PEOPLE_FOLDERS


def arranged(files: Sequence[SourceFile], people: str | None) -> list[SourceFile]:
    """Return the files that may be episodes, in their order.

    A transcript with the name of an episode goes with that episode (size and time are then those of both). Files of
    people are left out, unless there is nothing else. Where several files have one name without a day in it, their
    folder becomes part of the id.
    """
    pages = [file for file in files if not is_person(file, people)] or list(files)
    stems = {file.label: printable(Path(file.location).stem) for file in pages}
    notes: dict[str, list[SourceFile]] = defaultdict(list)
    spoken: dict[str, list[SourceFile]] = defaultdict(list)
    for file in pages:
        (spoken if _is_transcript(file) else notes)[stems[file.label]].append(file)
    paired = {stem for stem, found in spoken.items() if len(found) == 1 and len(notes.get(stem, ())) == 1}
    counts = Counter(stems[file.label] for file in pages if stems[file.label] not in paired)
    result = []
    for file in pages:
        stem = stems[file.label]
        if stem in paired:
            if _is_transcript(file):
                continue
            other = spoken[stem][0]
            size, time = file.size + other.size, max(file.mtime_ns, other.mtime_ns)
            file = replace(file, size=size, mtime_ns=time, transcript=other.location)  # noqa: PLW2901
        elif counts[stem] > 1 and _says_nothing_else(file, stem):
            file = replace(file, id=f"{file.label.split('/')[-2]}-{stem}")  # noqa: PLW2901
        result.append(file)
    return result


def _is_transcript(file: SourceFile) -> bool:
    above = file.label.split("/")[:-1]
    return any(part.lower() in TRANSCRIPT_FOLDERS for part in above) and not file.location.endswith(".json")


def _says_nothing_else(file: SourceFile, stem: str) -> bool:
    """Whether only the folder can tell a file from others of its name: no day, no digits alone, in a sub folder."""
    plain = dated_name(stem)[0] is None and not stem.isdigit() and stem.lower() not in BUNDLES
    return plain and file.label.count("/") > 1 and not file.location.endswith(".json")
