"""An episode together with its transcript: each story with its time and what is said of it.

An episode read together with its transcript: of the files that may hold it (``companions``), the first that does.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from zunda_mcp.config.files import RefusedFileError, open_regular
from zunda_mcp.config.paths import leads_outside
from zunda_mcp.models import PASSAGE, Problem
from zunda_mcp.reading.draft import Draft, Entry
from zunda_mcp.reading.source_file import SourceFile
from zunda_mcp.reading.transcripts.alignment import Part, StoryOutline, align
from zunda_mcp.reading.transcripts.discovery import facts_by_name
from zunda_mcp.reading.transcripts.pairing import EpisodeFacts, TranscriptNames
from zunda_mcp.reading.transcripts.passages import SIZE, passages
from zunda_mcp.reading.transcripts.transcript import Cue, Transcript, as_text, moments_of

if TYPE_CHECKING:
    from zunda_mcp.reading.feeds.item import Item


def with_transcript(draft: Draft, transcript: Transcript) -> Draft:
    """The episode with what was said in it: by stories where these can be found in the transcript, the opening and the
    ending as its own, and long stretches that belong to no story as passages, entries without title and link. Of a
    transcript with times of which nothing belongs to a story, all is passages, so that each has its time.
    """
    topics = [
        StoryOutline(entry.title, tuple(url for url in (entry.url, entry.link, entry.source) if url), entry.start)
        for entry in draft.entries
    ]
    aligned = align(transcript, topics)
    entries = [
        entry
        if part is None
        else replace(entry, start=_start(entry, part), spoken=as_text(part.cues), moments=moments_of(part.cues))
        for entry, part in zip(draft.entries, aligned.parts, strict=True)
    ]
    kept: list[str] = []
    alone = transcript.timed and all(part is None for part in aligned.parts)  # then it is no opening or ending
    for run in aligned.rest:
        size = sum(len(cue.text) for cue in run)
        if size > 2 * SIZE or (alone and size > SIZE // 3):
            entries += _passages(run)
        else:
            kept.append(as_text(run))
    return replace(draft, entries=tuple(entries), spoken="\n".join(kept))


def _start(entry: Entry, part: Part) -> float | None:
    """When a story begins: as its notes tell, else as the transcript does."""
    return part.start if entry.start is None else entry.start


def _passages(cues: Sequence[Cue]) -> list[Entry]:
    return [
        Entry("", None, None, None, "", 1, passage.start, passage.text, PASSAGE, moments=passage.moments)
        for passage in passages(cues)
    ]


MAX_BYTES = 32 * 1024 * 1024
"""Three hours of speech, a word a segment in JSON, come to less."""


class Attached(NamedTuple):
    """An episode with its transcript; ``digest`` is ``""`` where it has none, else it stands for what was read."""

    draft: Draft
    problems: tuple[Problem, ...]
    digest: str


def attach_transcript(file: SourceFile, text: str, draft: Draft, language: str | None) -> Attached:
    """Read the transcript of an episode, if one of the file's companions is: the first in which something is said."""
    from zunda_mcp.reading.transcripts.pairing import mentioned

    if not file.transcripts:
        return Attached(draft, (), "")
    by_label = {one.label: one for one in file.transcripts}
    known = mentioned(text)
    facts = replace(facts_by_name(file), audio=known.audio or draft.audio_url, transcript=known.transcript)
    return _first_heard(draft, TranscriptNames(by_label).of(facts, language), by_label)


def attach_to_item(draft: Draft, item: Item, beside: Sequence[SourceFile], language: str | None) -> Attached:
    """Read the transcript of a feed's item, if one of the files beside the feed is its."""
    by_label = {one.label: one for one in beside}
    named = next((one.url for one in item.transcripts if one.url), None)
    slug = item.link.rstrip("/").rpartition("/")[2] or draft.id
    facts = EpisodeFacts(slug, audio=item.audio or None, transcript=named)
    return _first_heard(draft, TranscriptNames(by_label).of(facts, language), by_label)


def _first_heard(draft: Draft, labels: Iterable[str], by_label: Mapping[str, SourceFile]) -> Attached:
    """Read these transcripts up to the first in which something is said."""
    problems: list[Problem] = []
    digest = ""
    for label in labels:
        found = _heard(draft, by_label[label].path, label, label)
        problems += found.problems
        digest = found.digest or digest
        if found.draft is not draft:
            return Attached(found.draft, tuple(problems), digest)
    return Attached(draft, tuple(problems), digest)


def attach_file(draft: Draft, path: Path, name: str, label: str) -> tuple[Draft, tuple[Problem, ...]]:
    """Read one transcript that is known to be an episode's. ``label`` is what it is called in problems.

    One that is not there is a problem; raises ``OSError`` for one that cannot be read now.
    """
    if why := leads_outside(path):
        return draft, (Problem(path=label, cause=f"The link to this transcript {why}; it was left out."),)
    try:
        hearing = _heard(draft, path, name, label)
    except FileNotFoundError:
        cause = "This transcript cannot be read (no such file or directory); it was left out."
        return draft, (Problem(path=label, cause=cause),)
    return hearing.draft, hearing.problems


def _heard(draft: Draft, path: Path, name: str, label: str) -> Attached:
    """``digest`` is ``""`` where the file cannot be read as text at all."""
    from zunda_mcp.reading.encoding import decode
    from zunda_mcp.reading.transcripts.load import read_transcript

    data, why = _bytes(path)
    said, remark = (None, why) if data is None else decode(data)
    problems = [Problem(path=label, cause=remark)] if remark else []
    if data is None or said is None:
        return Attached(draft, tuple(problems), "")
    found = read_transcript(said, name)
    problems += [Problem(path=label, line=fault.line, cause=fault.cause) for fault in found.faults]
    if found.transcript.cues:
        draft = with_transcript(draft, found.transcript)
    elif not found.faults:
        problems.append(Problem(path=label, cause="Nothing is said in this transcript; it was left out."))
    return Attached(draft, tuple(problems), hashlib.sha256(data).hexdigest())


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
