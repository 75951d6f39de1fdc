"""Read transcripts in JSON: segments (Podcasting 2.0, speech recognisers) and the timed scripts of slides.

Segments are objects with ``startTime``, ``endTime``, ``speaker`` and ``body``, as the specification of
``podcast:transcript`` has them, or with ``start``, ``end`` and ``text``. A segment may be as short as a word; those of
one speaker are joined to sentences.

A script is a list of slides: ``{type, title, notes, start_ms, end_ms, …}``. ``notes`` is what is spoken over a slide,
and ``type: section`` begins a story, with its ``url``. Notes of a slide that takes no time are not in the recording.
After the last story, a slide that recapitulates them all begins a section of its own, so that no story is given what
is said about the others.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from zunda_mcp.reading.transcripts.transcript import (
    Cue,
    Fault,
    Placed,
    Section,
    Transcript,
    TranscriptResult,
    folded,
    in_order,
    joined,
)
from zunda_mcp.text.timestamps import seconds_of

__all__ = ["is_script", "read_script", "read_segments", "segments_of"]

_MIN_SENTENCE = 60  # characters after which a cue ends with its sentence
_MAX_CUE = 280  # characters
_PAUSE = 2.0  # seconds of silence that end a cue
_SENTENCE_END = "。．.！？!?…"


def segments_of(data: object) -> Mapping[str, Any] | None:
    """Return parsed JSON as an object with a list of ``segments``; ``None`` where it holds none.

    Besides such an object: the ``utterances`` of AssemblyAI, in milliseconds;
    the ``transcription`` of whisper.cpp; a list of ``text``, ``start`` and ``duration``
    (youtube-transcript-api); and the ``events`` of YouTube's format json3, with times in milliseconds and the words of
    an event in its ``segs``.
    """
    if isinstance(data, Mapping) and isinstance(data.get("segments"), list):
        return data
    if isinstance(data, Mapping) and isinstance(data.get("utterances"), list):
        listed = [one for one in data["utterances"] if isinstance(one, Mapping)]
        times = ({name: _seconds_of_ms(one.get(name)) for name in ("start", "end")} for one in listed)
        return {"segments": [{**one, **both} for one, both in zip(listed, times, strict=True)]}
    if isinstance(data, Mapping) and isinstance(data.get("transcription"), list):
        listed = [one for one in data["transcription"] if isinstance(one, Mapping)]
        return {"segments": [{**one, **_span(one.get("timestamps"))} for one in listed]}
    if isinstance(data, Mapping) and isinstance(data.get("events"), list):
        return {"segments": [one for event in data["events"] if (one := _of_event(event))]}
    if (
        isinstance(data, list)
        and data
        and all(isinstance(one, Mapping) and {"text", "start"} <= set(one) for one in data)
    ):
        return {"segments": [{**one, "end": _sum(one.get("start"), one.get("duration"))} for one in data]}
    return None


def _of_event(event: object) -> dict[str, Any] | None:
    segs = event.get("segs") if isinstance(event, Mapping) else None
    if not isinstance(event, Mapping) or not isinstance(segs, list) or event.get("aAppend"):
        return None
    words = "".join(str(seg.get("utf8") or "") for seg in segs if isinstance(seg, Mapping))
    start, length = _seconds_of_ms(event.get("tStartMs")), _seconds_of_ms(event.get("dDurationMs"))
    return {"text": words, "start": start, "end": _sum(start, length)} if words.strip() else None


def _span(times: object) -> dict[str, object]:
    return {"start": times.get("from"), "end": times.get("to")} if isinstance(times, Mapping) else {}


def _sum(start: object, length: object) -> float | None:
    first, second = _seconds(start), _seconds(length)
    return None if first is None or second is None else first + second


def read_segments(data: Mapping[str, Any]) -> TranscriptResult:
    """Read the parsed JSON object of a transcript in segments."""
    faults: list[Fault] = []
    cues: list[Cue] = []
    speaker: str | None = None
    segments = data.get("segments")
    last = 0.0
    orderly = True
    for number, segment in enumerate(segments if isinstance(segments, list) else (), start=1):
        body = _first(segment, "body", "text")
        if not isinstance(body, str):
            faults.append(Fault(None, f"Segment {number} has no text; it was left out."))
            continue
        start, end = _seconds(_first(segment, "startTime", "start")), _seconds(_first(segment, "endTime", "end"))
        if start is None:
            faults.append(Fault(None, f"Segment {number} has no time; its text was kept without one."))
        elif orderly and start < last:
            orderly = False
        if start is not None:
            last = start
            if end is not None and end < start:
                faults.append(Fault(None, f"Segment {number} ends before it begins; only its beginning was kept."))
                end = None
        name = _first(segment, "speaker")
        speaker = folded(str(name)) or speaker if isinstance(name, str | int) else speaker
        if folded(body):
            cues.append(Cue(start, end, speaker, body))
    if not orderly:
        cues = list(in_order((Placed(None, cue) for cue in cues), faults))
    return TranscriptResult(Transcript(_sentences(cues)), faults)


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
    """Whether a segment continues the cue before it."""
    if before.speaker != cue.speaker or (before.start is None) != (cue.start is None):
        return False
    size = len(before.text)
    if size + len(cue.text) > _MAX_CUE or (size >= _MIN_SENTENCE and before.text.rstrip()[-1:] in _SENTENCE_END):
        return False
    return before.end is None or cue.start is None or cue.start - before.end < _PAUSE


def _first(segment: object, *names: str) -> object:
    if not isinstance(segment, Mapping):
        return None
    return next((segment[name] for name in names if segment.get(name) is not None), None)


def _seconds(value: object) -> float | None:
    """A number of seconds, also one written as text, or a time (``00:01:02,500``); ``None`` for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and ":" in value:
        return seconds_of(value)
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


_PARTS = ("section", "closing")
_TODAY = "(?:本日|今日|きょう|今回)"
_RECAP_TITLE = re.compile(rf"{_TODAY}.*(?:まとめ|おさらい|振り返り|した)|おさらい|recap", re.IGNORECASE)
_RECAP = re.compile(
    rf"おさらい|{_TODAY}[^。！]{{0,16}}(?:紹介|しょうかい|お?届け|お?伝え)[^。！]{{0,8}}(?:した|ました)"
)


def is_script(data: object) -> bool:
    """Whether parsed JSON is the timed script of slides."""
    return isinstance(data, list) and any(isinstance(slide, Mapping) and "start_ms" in slide for slide in data)


def read_script(data: Sequence[Any]) -> TranscriptResult:
    """Read the parsed list of a script."""
    faults: list[Fault] = []
    placed: list[Placed] = []
    sections: list[Section] = []
    stories_end = max((at for at, slide in enumerate(data, start=1) if _url(slide)), default=len(data))
    recapped = False
    for number, slide in enumerate(data, start=1):
        if not isinstance(slide, Mapping):
            faults.append(Fault(None, f"Slide {number} is not an object; it was left out."))
            continue
        start, end = _seconds_of_ms(slide.get("start_ms")), _seconds_of_ms(slide.get("end_ms"))
        if start is None and (slide.get("notes") or slide.get("type") in _PARTS):
            faults.append(Fault(None, f"Slide {number} has no time; its text was kept without one."))
        if start is not None and end is not None and end < start:
            faults.append(Fault(None, f"Slide {number} ends before it begins; only its beginning was kept."))
            end = None
        title, notes = slide.get("title"), slide.get("notes")
        title = folded(title) if isinstance(title, str) else ""
        recap = not recapped and number > stories_end and _is_recap(title, notes)
        recapped = recapped or recap
        if slide.get("type") in _PARTS or recap:
            sections.append(Section(start, title, _url(slide)))
        if isinstance(notes, str) and (start is None or start != end):
            placed.append(Placed(None, Cue(start, end, None, folded(notes))))
    if all(section.start is not None for section in sections):
        sections.sort(key=lambda section: section.start or 0.0)
    return TranscriptResult(Transcript(in_order(placed, faults), tuple(sections)), faults)


def _is_recap(title: str, notes: object) -> bool:
    """Whether a slide recapitulates the stories."""
    return bool(_RECAP_TITLE.search(title) or (isinstance(notes, str) and _RECAP.search(notes)))


def _url(slide: object) -> str | None:
    """The address of the story that begins with a slide."""
    url = slide.get("url") if isinstance(slide, Mapping) and slide.get("type") == "section" else None
    return (folded(url) or None) if isinstance(url, str) else None


def _seconds_of_ms(value: object) -> float | None:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12
    return float(value) / 1000 if usable else None  # type: ignore[arg-type]
