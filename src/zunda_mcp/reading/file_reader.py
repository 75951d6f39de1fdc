"""Reads one file: its bytes, its text, and its episodes with their transcripts. Every fault becomes a problem.

This module also decides which files count if several have an episode with the same id, and merges their drafts.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from zunda_mcp.config.files import open_regular, read_regular
from zunda_mcp.models import Problem
from zunda_mcp.reading.detection.conventions import Origin
from zunda_mcp.reading.draft import Draft
from zunda_mcp.reading.encoding import decode
from zunda_mcp.reading.endings import kind_of
from zunda_mcp.reading.formats import Format, limit_of, merges
from zunda_mcp.reading.source_file import Hashed, SourceFile, as_id, file_bytes
from zunda_mcp.reading.transcripts.transcript_finder import is_feed

__all__ = ["FileReading", "duplicate_problem", "first_of_each_id", "merge_drafts", "read_file"]

_CHUNK = 1 << 20


class FileReading(NamedTuple):
    """The episodes in one file. ``digest`` is a SHA-256 in hex of the file and its transcript, ``""`` if the file could
    not be read at all. ``unavailable`` is why one of them cannot be read now (``permission denied``); then ``drafts``
    is incomplete.
    """

    label: str
    digest: str
    drafts: tuple[Draft, ...]
    problems: tuple[Problem, ...]
    unavailable: str = ""

    @property
    def draft(self) -> Draft | None:
        """The first episode, in most files the only one; ``None`` if there is none."""
        return self.drafts[0] if self.drafts else None


def read_file(file: SourceFile, form: Format | None, origin: Origin, language: str | None) -> FileReading:
    """Read a file with its format. ``language`` is the archive's: only a different one is kept in a draft."""
    if form is not None and form.source != "text":
        return _streamed(form, file, origin)
    try:
        data, why = file_bytes(file.path, limit_of(file.path.name))
    except OSError as error:
        return _unreadable(file, error)
    if data is None:
        return FileReading(file.label, "", (), (Problem(path=file.label, cause=why, skipped=True),))
    beside = b""
    with suppress(OSError):  # reading the page reports front matter that cannot be read
        beside = read_regular(Path(file.metadata)) if file.metadata else b""
    digest = hashlib.sha256(data + beside).hexdigest()
    text, remark = form.decoded(data, file.path.name) if form is not None else decode(data)
    remarks = [Problem(path=file.label, cause=remark, skipped=text is None)] if remark else []
    if text is None or form is None:
        return FileReading(file.label, digest, (), tuple(remarks))
    try:
        drafts, problems = form.read(text, origin)
        if file.transcripts and is_feed(file):
            digest = hashlib.sha256(f"{digest} {file.size} {file.mtime_ns}".encode()).hexdigest()
        elif len(drafts) == 1 and file.transcripts:
            from zunda_mcp.reading.transcripts.transcript_file import (
                attach_transcript,
            )  # start-up: most files have none

            attached = attach_transcript(file, text, drafts[0], drafts[0].language or language)
            drafts, problems = [attached.draft], [*problems, *attached.problems]
            if attached.digest:
                digest = hashlib.sha256(f"{digest} {attached.digest}".encode()).hexdigest()
    except OSError as error:  # a transcript cannot be read, or the time for converting documents is used up
        return _unreadable(file, error, "This file" if isinstance(error, TimeoutError) else "A file beside it")
    drafts = [replace(one, language=None) if one.language == language else one for one in drafts]
    return FileReading(file.label, digest, _with_ids(drafts), (*remarks, *problems))


def _unreadable(file: SourceFile, error: OSError, what: str = "This file") -> FileReading:
    why = (error.strerror or str(error) or type(error).__name__).lower()
    cause = f"{what} cannot be read ({why}); it was skipped."
    return FileReading(file.label, "", (), (Problem(path=file.label, cause=cause, skipped=True),), why)


def _streamed(form: Format, file: SourceFile, origin: Origin) -> FileReading:
    """Read a file as a stream of bytes, or one that stands for several files."""
    try:
        if form.source == "path":
            drafts, problems = form.read("", origin)
            digest = form.digest(file.path)
        else:
            with open_regular(file.path) as raw, Hashed(raw) as hashed:
                drafts, problems = form.read_stream(io.BufferedReader(hashed, _CHUNK), origin)
                digest = hashed.finish()
    except OSError as error:
        return _unreadable(file, error)
    return FileReading(file.label, digest, _with_ids(drafts), tuple(problems))


def _with_ids(drafts: list[Draft]) -> tuple[Draft, ...]:
    """Return the drafts with ids that users can type (`as_id`)."""
    return tuple(replace(draft, id=as_id(draft.id)) for draft in drafts)


# --- several files


def duplicate_problem(label: str, kept_label: str, *ids: str, whole: bool = True) -> Problem:
    """Return the problem of a file whose ``ids`` are taken; ``whole`` says that it contains no other episode."""
    if whole and len(ids) == 1:
        cause = f"The id {ids[0]} is taken by {kept_label}; this file was skipped."
    else:
        shown = ", ".join(ids[:3]) + (", …" if len(ids) > 3 else "")
        cause = f"The ids of {len(ids)} of its episodes ({shown}) are taken by {kept_label}; these were skipped."
    return Problem(path=label, cause=cause, skipped=whole)


_DAY = re.compile(r"(?:^|:)(?:\d{4}-\d\d-\d\d|undated)(?:-bookmarks)?$", re.ASCII)
"""The id of an episode that covers a whole day: several files may each contain a part of it."""


_DATED = re.compile(r"(^|:)\d{4}-\d\d-\d\d-(?=.*\D)", re.ASCII)
"""The day before the name in the id of a feed's item. A number alone is not a name, since any show may use it."""


def first_of_each_id(files: Mapping[str, Collection[str]]) -> tuple[dict[str, tuple[str, ...]], list[Problem]]:
    """Return the labels of the files to read each id from, and the problems of files whose ids are taken.

    ``files`` are the ids in each file, by label in order. Only the first file with an id counts, unless the id is that
    of a day and the format of one of these files merges. Pages go before feeds; the id of a feed's item matches that of
    a page with or without its day.
    """
    chosen: dict[str, tuple[str, ...]] = {}
    lost: dict[tuple[str, str], list[str]] = {}
    pages = {id.casefold(): id for label, ids in files.items() if not _is_feed(label) for id in ids}
    for label, ids in sorted(files.items(), key=lambda pair: _is_feed(pair[0])):
        joins = merges(label.rpartition("/")[2])
        for id in ids:
            page = pages.get(_DATED.sub(r"\1", id.casefold()), id) if _is_feed(label) else id
            kept = chosen.get(id) or chosen.get(page, ())
            if not kept or (_DAY.search(id) and (joins or any(merges(one.rpartition("/")[2]) for one in kept))):
                chosen[id] = (*kept, label)
            else:
                lost.setdefault((label, "pages" if _is_feed(label) else kept[0]), []).append(id)
    problems = [
        duplicate_problem(label, kept, *ids, whole=len(ids) == len(files[label])) for (label, kept), ids in lost.items()
    ]
    return chosen, problems


def _is_feed(label: str) -> bool:
    return kind_of(label) in ("feed", "kept feed")


def merge_drafts(drafts: Sequence[Draft]) -> Draft:
    """Merge the drafts of one episode from several files (see ``first_of_each_id``), a page before posts of its day."""
    if len(drafts) == 1:
        return drafts[0]
    from zunda_mcp.reading.posts.post import merged  # start-up: most episodes are in one file

    return merged(sorted(drafts, key=lambda draft: merges(draft.path.rpartition("/")[2])))
