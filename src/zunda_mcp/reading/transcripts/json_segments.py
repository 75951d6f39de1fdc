"""Read transcripts in JSON: segments (Podcasting 2.0, speech recognisers) and the timed scripts of slides.

Segments are objects with ``startTime``, ``endTime``, ``speaker`` and ``body``, as the specification of
``podcast:transcript`` has them, or with ``start``, ``end`` and ``text``. A segment may be as short as a word; those of
one speaker are joined into sentences.

A script is a list of slides: ``{type, title, notes, start_ms, end_ms, …}``. ``notes`` is the speech over a slide. A
slide of ``type: section`` begins a story and may have its ``url``. The notes of a slide that takes no time are not in
the recording. After the last story, a slide that sums up all of them begins a section of its own: otherwise that story
would get the speech about the others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from zunda_mcp.reading.json_values import record, rows, seconds, text
from zunda_mcp.reading.transcripts.transcript import (
    Cue,
    Fault,
    Section,
    Transcript,
    folded,
    in_order,
    joined,
    span,
)
from zunda_mcp.text.lazy_pattern import lazy_pattern

__all__ = ["is_script", "read_script", "read_segments", "segments_of"]

_MIN_SENTENCE = 60  # characters after which a cue ends with its sentence
_MAX_CUE = 280  # characters
_PAUSE = 2.0  # seconds of silence that end a cue
_SENTENCE_END = "。．.！？!?…"
_MILLISECONDS = 1000


def segments_of(data: object) -> list[Any] | None:
    """Return the segments in parsed JSON, as ``read_segments`` takes them; ``None`` if it is not in a known form."""
    if isinstance(data, list):  # youtube-transcript-api
        if not data or not all({"text", "start"} <= record(one).keys() for one in data):
            return None
        return [{**one, "end": _sum(seconds(one["start"]), seconds(one.get("duration")))} for one in data]
    for name, as_segment in _FORMS.items():
        if isinstance(listed := record(data).get(name), list):
            return [one for one in map(as_segment, listed) if one is not None]
    return None


def _utterance(one: object) -> dict[str, Any]:
    """Make a segment of an utterance of AssemblyAI, whose times are in milliseconds."""
    return {**record(one), **{name: seconds(record(one).get(name), _MILLISECONDS) for name in ("start", "end")}}


def _transcribed(one: object) -> dict[str, Any]:
    """Make a segment of one of whisper.cpp, whose times are in ``timestamps``."""
    times = record(one, "timestamps")
    return {**record(one), "start": times.get("from"), "end": times.get("to")}


def _event(one: object) -> dict[str, Any] | None:
    """Make a segment of an event in YouTube's format json3, whose words are in ``segs``; ``None`` if it adds none."""
    words = "".join(text(seg, "utf8") for seg in rows(one, "segs"))
    if not words.strip() or record(one).get("aAppend"):
        return None
    start, length = (seconds(record(one).get(name), _MILLISECONDS) for name in ("tStartMs", "dDurationMs"))
    return {"text": words, "start": start, "end": _sum(start, length)}


def _sum(start: float | None, length: float | None) -> float | None:
    return None if start is None or length is None else start + length


_FORMS: dict[str, Callable[[Any], Any]] = {
    "segments": lambda one: one,
    "utterances": _utterance,
    "transcription": _transcribed,
    "events": _event,
}


def read_segments(segments: Sequence[Any]) -> Transcript:
    """Turn segments (objects with ``body`` or ``text``, ``start``, ``end`` and ``speaker``) into cues of whole
    sentences. A segment without text is left out and reported as a fault.
    """
    faults: list[Fault] = []
    cues: list[Cue] = []
    speaker: str | None = None
    last = 0.0
    orderly = True
    for number, segment in enumerate(segments, start=1):
        members = {name: value for name, value in record(segment).items() if value is not None}
        body = members.get("body", members.get("text"))
        if not isinstance(body, str):
            faults.append(Fault(None, f"Segment {number} has no text; it was left out."))
            continue
        start, end = (seconds(members.get(f"{name}Time", members.get(name))) for name in ("start", "end"))
        start, end = span(start, end, f"Segment {number}", faults)
        orderly = orderly and (start is None or start >= last)
        last = last if start is None else start
        name = members.get("speaker")
        speaker = folded(str(name)) or speaker if isinstance(name, str | int) else speaker
        if folded(body):
            cues.append(Cue(start, end, speaker, body))
    if not orderly:
        cues = list(in_order(cues, faults))
    return Transcript(_sentences(cues), faults=faults)


def _sentences(cues: list[Cue]) -> tuple[Cue, ...]:
    merged: list[Cue] = []
    for cue in cues:
        before = merged[-1] if merged else None
        if before is not None and _continues(before, cue):
            spaced = before.text[-1:].isspace() or cue.text[:1].isspace()
            text = before.text + cue.text if spaced else joined(before.text, cue.text)
            merged[-1] = before._replace(text=text, end=before.end if cue.end is None else cue.end)
        else:
            merged.append(cue)
    return tuple(cue._replace(text=folded(cue.text)) for cue in merged)


def _continues(before: Cue, cue: Cue) -> bool:
    if before.speaker != cue.speaker or (before.start is None) != (cue.start is None):
        return False
    size = len(before.text)
    if size + len(cue.text) > _MAX_CUE or (size >= _MIN_SENTENCE and before.text.rstrip()[-1:] in _SENTENCE_END):
        return False
    return before.end is None or cue.start is None or cue.start - before.end < _PAUSE


_PARTS = ("section", "closing")
_TODAY = "(?:本日|今日|きょう|今回)"
_RECAP_TITLE = lazy_pattern(rf"{_TODAY}.*(?:まとめ|おさらい|振り返り|した)|おさらい|recap", re.IGNORECASE)
_RECAP = lazy_pattern(
    rf"おさらい|{_TODAY}[^。！]{{0,16}}(?:紹介|しょうかい|お?届け|お?伝え)[^。！]{{0,8}}(?:した|ました)"
)


def is_script(data: object) -> bool:
    """Whether parsed JSON is the timed script of slides."""
    return any("start_ms" in slide for slide in rows(data))


def read_script(data: Sequence[Any]) -> Transcript:
    """Read a script from the parsed list of its slides."""
    faults: list[Fault] = []
    cues: list[Cue] = []
    sections: list[Section] = []
    stories_end = max((at for at, slide in enumerate(data, start=1) if _url(slide)), default=len(data))
    recapped = False
    for number, slide in enumerate(data, start=1):
        if not isinstance(slide, dict):
            faults.append(Fault(None, f"Slide {number} is not an object; it was left out."))
            continue
        title, notes = folded(text(slide, "title")), text(slide, "notes")
        start, end = (seconds(slide.get(name), _MILLISECONDS) for name in ("start_ms", "end_ms"))
        if start is not None or notes or slide.get("type") in _PARTS:
            start, end = span(start, end, f"Slide {number}", faults)
        is_recap = bool(_RECAP_TITLE.search(title) or _RECAP.search(notes))
        recap = not recapped and number > stories_end and is_recap
        recapped = recapped or recap
        if slide.get("type") in _PARTS or recap:
            sections.append(Section(start, title, _url(slide)))
        if notes and (start is None or start != end):
            cues.append(Cue(start, end, None, folded(notes)))
    if all(section.start is not None for section in sections):
        sections.sort(key=lambda section: section.start or 0.0)
    return Transcript(in_order(cues, faults), tuple(sections), faults)


def _url(slide: object) -> str | None:
    return folded(text(slide, "url")) or None if record(slide).get("type") == "section" else None
