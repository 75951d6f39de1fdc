"""Read transcripts with the reader that their content needs, and attach them to their episodes.

``transcript_finder`` has found the files and paired them with episodes. Of the files of one episode, the first that
contains speech is aligned with the stories (``alignment``); long stretches that belong to no story are cut into
passages. A transcript that belongs to no episode can be one itself: a format reads it (``Captions``, ``SpokenJson``),
in JSON only if the archive consists of transcripts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from zunda_mcp.config.paths import leads_outside
from zunda_mcp.models import PASSAGE, Problem
from zunda_mcp.reading.detection.conventions import TURNS, Origin
from zunda_mcp.reading.draft import Draft, Drafts, Entry
from zunda_mcp.reading.encoding import decode, with_newlines
from zunda_mcp.reading.endings import ending_of, kind_of
from zunda_mcp.reading.feeds.item import Item
from zunda_mcp.reading.formats import Format
from zunda_mcp.reading.json_values import parsed, rows, text
from zunda_mcp.reading.source_file import SourceFile, file_bytes
from zunda_mcp.reading.transcripts import json_segments, speaker_turns, subtitles
from zunda_mcp.reading.transcripts.alignment import StoryOutline, align
from zunda_mcp.reading.transcripts.json_segments import is_script, segments_of
from zunda_mcp.reading.transcripts.pairing import EpisodeFacts, TranscriptNames, mentioned
from zunda_mcp.reading.transcripts.subtitles import ARROW, times
from zunda_mcp.reading.transcripts.transcript import (
    SIZE,
    Fault,
    Transcript,
    as_text,
    moments_of,
    passages,
    speakers_of,
)
from zunda_mcp.reading.transcripts.transcript_finder import facts_by_name

__all__ = [
    "Attached", "Captions", "SpokenJson", "attach_file", "attach_to_item", "attach_transcript", "is_spoken",
    "read_transcript", "with_lines", "with_transcript",
]  # fmt: skip

_MAX_BYTES = 32 * 1024 * 1024  # three hours of speech as JSON with one segment per word take less


class Attached(NamedTuple):
    """An episode with its transcript, and the problems of reading it. ``digest`` is the SHA-256, in hex, of the last
    transcript file that was read.
    """

    draft: Draft
    problems: tuple[Problem, ...] = ()
    digest: str = ""


def attach_transcript(file: SourceFile, text: str, draft: Draft, language: str | None) -> Attached:
    """Attach to an episode the one of ``file.transcripts`` that is its transcript, if any; ``text`` is the content of
    ``file``. Transcripts in ``language`` are preferred. Raises ``OSError`` if one cannot be read now.
    """
    names = mentioned(text)
    facts = facts_by_name(file)._replace(audio=names.audio or draft.audio_url, transcript=names.transcript)
    return _attach_best(draft, facts, file.transcripts, language)


def attach_to_item(draft: Draft, item: Item, beside: Sequence[SourceFile], language: str | None) -> Attached:
    """Attach the transcript of a feed's item, if it is among the files ``beside`` the feed. Raises ``OSError`` if it
    cannot be read now.
    """
    slug = item.link.rstrip("/").rpartition("/")[2] or draft.id
    address = next((link.url for link in item.transcripts if link.url), None)
    return _attach_best(draft, EpisodeFacts(slug, audio=item.audio or None, transcript=address), beside, language)


def attach_file(draft: Draft, path: Path, name: str, label: str) -> Attached:
    """Attach the transcript in ``path``, which belongs to this episode. ``name`` shows its format, and problems call it
    ``label``. Raises ``OSError`` if it exists and cannot be read now.
    """
    if why := leads_outside(path):
        cause = f"The link to this transcript {why}; it was left out."
        return Attached(draft, (Problem(path=label, cause=cause),))
    try:
        return _attach(draft, path, name, label)
    except FileNotFoundError:
        cause = "This transcript cannot be read (no such file or directory); it was left out."
        return Attached(draft, (Problem(path=label, cause=cause),))


def with_transcript(draft: Draft, transcript: Transcript) -> Draft:
    """Return the episode with its transcript. Each story gets its part, and the time at which that begins. Of the rest,
    short stretches become the speech of the episode, long ones passages. If the transcript has times but no story gets
    a part, shorter stretches become passages too, which keep their times.
    """
    outlines = [
        StoryOutline(entry.title, tuple(url for url in (entry.url, entry.link, entry.source) if url), entry.start)
        for entry in draft.entries
    ]
    aligned = align(transcript, outlines)
    entries = list(draft.entries)
    for place, part in enumerate(aligned.parts):
        if part is not None:
            start = part.start if entries[place].start is None else entries[place].start
            spoken, moments = as_text(part.cues), moments_of(part.cues)
            entries[place] = replace(entries[place], start=start, spoken=spoken, moments=moments)
    short: list[str] = []
    unmatched = transcript.timed and all(part is None for part in aligned.parts)
    for run in aligned.rest:
        size = sum(len(cue.text) for cue in run)
        if size > 2 * SIZE or (unmatched and size > SIZE // 3):
            entries += [
                Entry("", None, None, None, "", start=start, spoken=text, kind=PASSAGE, moments=moments)
                for start, text, moments in passages(run)
            ]
        else:
            short.append(as_text(run))
    return replace(draft, entries=tuple(entries), spoken="\n".join(short))


def with_lines(draft: Draft, lines: Sequence[object]) -> Draft:
    """Return the episode with a transcript that its front matter lists: who says which line, and at which second."""
    segments = [
        {
            "text": text(line, "line", "text", "body", "content"),
            "speaker": text(line, "who", "speaker", "name"),
            "start": text(line, "sec", "seconds", "start", "startTime", "start_time", "time") or None,
        }
        for line in rows(lines)
    ]
    spoken = json_segments.read_segments([one for one in segments if one["text"]])
    return with_transcript(draft, spoken) if spoken.cues else draft


def _attach_best(draft: Draft, facts: EpisodeFacts, files: Iterable[SourceFile], language: str | None) -> Attached:
    """Read the files that match the episode, best first, until one contains speech."""
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
    data, cause = file_bytes(path, _MAX_BYTES)
    text, remark = (None, cause) if data is None else decode(data)
    problems = [Problem(path=label, cause=remark)] if remark else []
    if data is None or text is None:
        return Attached(draft, tuple(problems))
    result = read_transcript(text, name)
    problems += [Problem(path=label, line=fault.line, cause=fault.cause) for fault in result.faults]
    if result.cues:
        draft = with_transcript(draft, result)
    elif not result.faults:
        problems.append(Problem(path=label, cause="This transcript contains no speech; it was left out."))
    return Attached(draft, tuple(problems), hashlib.sha256(data).hexdigest())


# --- which reader


def read_transcript(text: str, name: str) -> Transcript:
    """Read the ``text`` of a file called ``name``. At worst the transcript is empty, and its faults say why."""
    text = with_newlines(text).lstrip("\ufeff")
    kind, ending = kind_of(name), ending_of(name)
    beginning = text.lstrip()[:200]
    if kind == "json" or (kind == "text" and beginning.startswith(("{", "[{"))):
        return _from_json(text)
    if beginning.startswith("WEBVTT") or ending == ".vtt":
        return subtitles.read_captions(text, vtt=True)
    if ARROW in text and (ending == ".srt" or any(times(line) for line in text.splitlines() if ARROW in line)):
        return subtitles.read_captions(text, vtt=False)
    return speaker_turns.read_html(text) if kind == "html" else speaker_turns.read_turns(text)


def _from_json(text: str) -> Transcript:
    fault = Fault(None, "This JSON file is not a transcript in a known format; it was left out.")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else None
        why = error.msg if isinstance(error, json.JSONDecodeError) else error
        return Transcript(faults=[Fault(line, f"This transcript is not valid JSON ({why}); it was left out.")])
    if json_segments.is_script(data):
        return json_segments.read_script(data)
    if (segments := json_segments.segments_of(data)) is not None:
        return json_segments.read_segments(segments)
    return Transcript(faults=[fault])


# --- transcripts alone


class Captions(Format):
    """WebVTT and SubRip files that are episodes: all else that is known of these is the name of the file."""

    def read(self, text: str, origin: Origin) -> Drafts:
        """Read one transcript as an episode, and cut its speech into passages."""
        result = read_transcript(text, origin.label)
        problems = [origin.problem(fault.cause, line=fault.line) for fault in result.faults]
        if not result.cues:
            cause = "Nothing is said in this transcript; it was skipped."
            return [], [*problems, origin.problem(cause, skipped=True)]
        number = origin.number if origin.number is not None else origin.guess
        title = origin.title or origin.id
        hosts = speakers_of(cue.speaker for cue in result.cues)
        draft = Draft(id=origin.id, number=number, date=origin.date, title=title, path=origin.label, hosts=hosts)
        return [with_transcript(draft, result)], problems


class SpokenJson(Captions):
    """Transcripts in JSON (Whisper, YouTube) that are episodes."""

    def claims(self, text: str) -> bool:
        """Whether this text is a transcript."""
        return is_spoken(text)

    def read(self, text: str, origin: Origin) -> Drafts:
        """Read one transcript as an episode; nothing in an archive of pages."""
        if origin.conventions.strategy != TURNS:
            return [], []
        if origin.date is None and not origin.conventions.undated:
            cause = "This transcript has no day in its name, and no episode has its name; it was left out."
            return [], [origin.problem(cause, skipped=True)]
        return super().read(text, origin)


def is_spoken(text: str) -> bool:
    """Whether a JSON text is a transcript with times."""
    if not any(f'"{name}"' in text for name in ("segments", "events", "transcription", "start", "start_ms")):
        return False
    loaded = parsed(text)
    return is_script(loaded) or bool(segments_of(loaded))
