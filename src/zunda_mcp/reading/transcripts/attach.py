"""Read the transcript of an episode, and attach it to the episode.

``transcript_finder`` has found the files and paired them with episodes by name. Of the files of one episode, the first
that holds any speech is read (``transcript_file``) and aligned with the stories (``alignment``); long stretches that
belong to no story are cut into passages (``passages``).
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from zunda_mcp.config.files import RefusedFileError, open_regular
from zunda_mcp.config.paths import leads_outside
from zunda_mcp.models import PASSAGE, Problem
from zunda_mcp.reading.draft import Draft, Entry
from zunda_mcp.reading.encoding import decode
from zunda_mcp.reading.feeds.item import Item
from zunda_mcp.reading.source_file import SourceFile
from zunda_mcp.reading.transcripts.alignment import StoryOutline, align
from zunda_mcp.reading.transcripts.pairing import EpisodeFacts, TranscriptNames, mentioned
from zunda_mcp.reading.transcripts.transcript import SIZE, Cue, Transcript, as_text, moments_of, passages
from zunda_mcp.reading.transcripts.transcript_file import read_transcript
from zunda_mcp.reading.transcripts.transcript_finder import facts_by_name

__all__ = ["Attached", "attach_file", "attach_to_item", "attach_transcript", "with_transcript"]

_MAX_BYTES = 32 * 1024 * 1024  # three hours of speech as JSON with one segment per word take less


class Attached(NamedTuple):
    """An episode with its transcript, the problems of reading it, and the SHA-256 of the last transcript file read in
    hex.
    """

    draft: Draft
    problems: tuple[Problem, ...]
    digest: str


def attach_transcript(file: SourceFile, text: str, draft: Draft, language: str | None) -> Attached:
    """Attach the transcript of an episode read from ``file``, whose content is ``text``, if one of ``file.transcripts``
    is it. Those in ``language`` come first. Raises ``OSError`` if one cannot be read now.
    """
    if not file.transcripts:
        return Attached(draft, (), "")
    names = mentioned(text)
    facts = replace(facts_by_name(file), audio=names.audio or draft.audio_url, transcript=names.transcript)
    return _attach_best(draft, facts, file.transcripts, language)


def attach_to_item(draft: Draft, item: Item, beside: Sequence[SourceFile], language: str | None) -> Attached:
    """Attach the transcript of a feed's item, if it is among the files beside the feed. Raises ``OSError``."""
    slug = item.link.rstrip("/").rpartition("/")[2] or draft.id
    address = next((link.url for link in item.transcripts if link.url), None)
    return _attach_best(draft, EpisodeFacts(slug, audio=item.audio or None, transcript=address), beside, language)


def attach_file(draft: Draft, path: Path, name: str, label: str) -> tuple[Draft, tuple[Problem, ...]]:
    """Attach the transcript in ``path``, which belongs to this episode. ``name`` tells its format and language,
    ``label`` stands for it in problems. Raises ``OSError`` if it is there and cannot be read now.
    """
    if why := leads_outside(path):
        return draft, (Problem(path=label, cause=f"The link to this transcript {why}; it was left out."),)
    try:
        attached = _attach(draft, path, name, label)
    except FileNotFoundError:
        cause = "This transcript cannot be read (no such file or directory); it was left out."
        return draft, (Problem(path=label, cause=cause),)
    return attached.draft, attached.problems


def with_transcript(draft: Draft, transcript: Transcript) -> Draft:
    """Return the episode with its transcript: to each story its part, with the time at which it begins. Short stretches
    outside the stories become the speech of the episode, long ones passages. If nothing matches, all becomes passages,
    so that every part keeps its time.
    """
    outlines = [
        StoryOutline(entry.title, tuple(url for url in (entry.url, entry.link, entry.source) if url), entry.start)
        for entry in draft.entries
    ]
    aligned = align(transcript, outlines)
    entries = [
        entry
        if part is None
        else replace(
            entry,
            start=part.start if entry.start is None else entry.start,
            spoken=as_text(part.cues),
            moments=moments_of(part.cues),
        )
        for entry, part in zip(draft.entries, aligned.parts, strict=True)
    ]
    short: list[str] = []
    unmatched = transcript.timed and all(part is None for part in aligned.parts)
    for run in aligned.rest:
        size = sum(len(cue.text) for cue in run)
        if size > 2 * SIZE or (unmatched and size > SIZE // 3):
            entries += _passage_entries(run)
        else:
            short.append(as_text(run))
    return replace(draft, entries=tuple(entries), spoken="\n".join(short))


def _passage_entries(cues: Sequence[Cue]) -> list[Entry]:
    return [
        Entry("", None, None, None, "", start=passage.start, spoken=passage.text, kind=PASSAGE, moments=passage.moments)
        for passage in passages(cues)
    ]


def _attach_best(draft: Draft, facts: EpisodeFacts, files: Iterable[SourceFile], language: str | None) -> Attached:
    """Read the files that match the episode, best first, up to the first that holds any speech."""
    by_label: Mapping[str, SourceFile] = {file.label: file for file in files}
    problems: list[Problem] = []
    digest = ""
    for label in TranscriptNames(by_label).of(facts, language):
        attached = _attach(draft, by_label[label].path, label, label)
        problems += attached.problems
        digest = attached.digest or digest
        if attached.draft is not draft:
            return Attached(attached.draft, tuple(problems), digest)
    return Attached(draft, tuple(problems), digest)


def _attach(draft: Draft, path: Path, name: str, label: str) -> Attached:
    data, cause = _bytes(path)
    text, remark = (None, cause) if data is None else decode(data)
    problems = [Problem(path=label, cause=remark)] if remark else []
    if data is None or text is None:
        return Attached(draft, tuple(problems), "")
    result = read_transcript(text, name)
    problems += [Problem(path=label, line=fault.line, cause=fault.cause) for fault in result.faults]
    if result.transcript.cues:
        draft = with_transcript(draft, result.transcript)
    elif not result.faults:
        problems.append(Problem(path=label, cause="This transcript contains no speech; it was left out."))
    return Attached(draft, tuple(problems), hashlib.sha256(data).hexdigest())


def _bytes(path: Path) -> tuple[bytes | None, str]:
    """Return the content of a transcript, or ``None`` and why it is never read. Raises ``OSError``."""
    try:
        with open_regular(path) as raw, io.BufferedReader(raw) as stream:
            data = stream.read(_MAX_BYTES + 1)
    except RefusedFileError as error:
        return None, f"This transcript cannot be read ({error.strerror}); it was left out."
    if len(data) > _MAX_BYTES:
        return None, f"This transcript is larger than {_MAX_BYTES // 1024 // 1024} MiB; it was left out."
    return data, ""
