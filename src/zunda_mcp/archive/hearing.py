"""An episode read together with its transcript: of the files that may hold it (``companions``), the first that does."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from zunda_mcp.archive.companions import facts_by_name
from zunda_mcp.archive.source_file import SourceFile
from zunda_mcp.archive.transcripts.pairing import EpisodeFacts, TranscriptNames
from zunda_mcp.checkout import leads_out
from zunda_mcp.episode import Problem
from zunda_mcp.files import RefusedFileError, open_regular

if TYPE_CHECKING:
    from zunda_mcp.archive.draft import Draft
    from zunda_mcp.archive.feeds.feed import Item

MAX_BYTES = 32 * 1024 * 1024
"""Three hours of speech, a word a segment in JSON, come to less."""


class Hearing(NamedTuple):
    """An episode with its transcript; ``digest`` is ``""`` where it has none, else it stands for what was read."""

    draft: Draft
    problems: tuple[Problem, ...]
    digest: str


def hear(file: SourceFile, text: str, draft: Draft, language: str | None) -> Hearing:
    """Read the transcript of an episode, if one of the file's companions is: the first in which something is said."""
    from zunda_mcp.archive.transcripts.mentions import mentioned

    if not file.companions:
        return Hearing(draft, (), "")
    by_label = {one.label: one for one in file.companions}
    known = mentioned(text)
    facts = replace(facts_by_name(file), audio=known.audio or draft.audio_url, transcript=known.transcript)
    return _first_heard(draft, TranscriptNames(by_label).of(facts, language), by_label)


def hear_item(draft: Draft, item: Item, beside: Sequence[SourceFile], language: str | None) -> Hearing:
    """Read the transcript of a feed's item, if one of the files beside the feed is its."""
    by_label = {one.label: one for one in beside}
    named = next((one.url for one in item.transcripts if one.url), None)
    slug = item.link.rstrip("/").rpartition("/")[2] or draft.id
    facts = EpisodeFacts(slug, audio=item.audio or None, transcript=named)
    return _first_heard(draft, TranscriptNames(by_label).of(facts, language), by_label)


def _first_heard(draft: Draft, labels: Iterable[str], by_label: Mapping[str, SourceFile]) -> Hearing:
    """Read these transcripts up to the first in which something is said."""
    problems: list[Problem] = []
    digest = ""
    for label in labels:
        found = _heard(draft, by_label[label].path, label, label)
        problems += found.problems
        digest = found.digest or digest
        if found.draft is not draft:
            return Hearing(found.draft, tuple(problems), digest)
    return Hearing(draft, tuple(problems), digest)


def heard(draft: Draft, path: Path, name: str, label: str) -> tuple[Draft, tuple[Problem, ...]]:
    """Read one transcript that is known to be an episode's. ``label`` is what it is called in problems.

    One that is not there is a problem; raises ``OSError`` for one that cannot be read now.
    """
    if why := leads_out(path):
        return draft, (Problem(path=label, cause=f"The link to this transcript {why}; it was left out."),)
    try:
        hearing = _heard(draft, path, name, label)
    except FileNotFoundError:
        cause = "This transcript cannot be read (no such file or directory); it was left out."
        return draft, (Problem(path=label, cause=cause),)
    return hearing.draft, hearing.problems


def _heard(draft: Draft, path: Path, name: str, label: str) -> Hearing:
    """``digest`` is ``""`` where the file cannot be read as text at all."""
    from zunda_mcp.archive.encoding import decode
    from zunda_mcp.archive.transcripts.attach import with_transcript
    from zunda_mcp.archive.transcripts.reading import read_transcript

    data, why = _bytes(path)
    said, remark = (None, why) if data is None else decode(data)
    problems = [Problem(path=label, cause=remark)] if remark else []
    if data is None or said is None:
        return Hearing(draft, tuple(problems), "")
    found = read_transcript(said, name)
    problems += [Problem(path=label, line=fault.line, cause=fault.cause) for fault in found.faults]
    if found.transcript.cues:
        draft = with_transcript(draft, found.transcript)
    elif not found.faults:
        problems.append(Problem(path=label, cause="Nothing is said in this transcript; it was left out."))
    return Hearing(draft, tuple(problems), hashlib.sha256(data).hexdigest())


def _bytes(path: Path) -> tuple[bytes | None, str]:
    """The bytes of a transcript, or why it is never read. Raises ``OSError``."""
    try:
        with open_regular(path) as raw, io.BufferedReader(raw) as stream:
            data = stream.read(MAX_BYTES + 1)
    except RefusedFileError as error:
        return None, f"This transcript cannot be read ({error.strerror}); it was left out."
    if len(data) > MAX_BYTES:
        return None, f"This transcript has more than {MAX_BYTES // 1024 // 1024} MiB; it was left out unread."
    return data, ""
