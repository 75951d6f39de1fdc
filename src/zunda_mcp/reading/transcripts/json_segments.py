"""Transcripts in JSON: Podcasting 2.0 (``startTime``, ``endTime``, ``speaker``, ``body``), and speech recognisers that
write the same with ``start``, ``end`` and ``text``.

Segments may be as small as a word (the specification of ``podcast:transcript`` says so): those of one speaker are put
together to sentences.

The timed script of a show made of slides: a list of ``{type, title, notes, start_ms, end_ms, …}``.

``notes`` is what is said over a slide, and a slide of ``type: section`` begins a story, with its ``url``. A slide that
lasts no time was not spoken: on the archive this was made for, such notes are in no recording (they stand in the
slides, and not in the plain script beside them that was read out). After the last story, the slide that goes over
all of them again begins a part of its own, so that a story is not given what is said of the others.
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

_ENOUGH = 60
_MOST = 280
_PAUSE = 2.0
_SENTENCE_END = "。．.！？!?…"


def read_segments(data: Mapping[str, Any]) -> TranscriptResult:
    """Read the parsed JSON object of one transcript."""
    faults: list[Fault] = []
    cues: list[Cue] = []
    speaker: str | None = None
    found = data.get("segments")
    last = 0.0
    orderly = True
    for number, segment in enumerate(found if isinstance(found, list) else (), start=1):
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
    language = data.get("language")
    return TranscriptResult(Transcript(_sentences(cues), (), language if isinstance(language, str) else None), faults)


def _sentences(cues: list[Cue]) -> tuple[Cue, ...]:
    merged: list[Cue] = []
    for cue in cues:
        before = merged[-1] if merged else None
        if before is not None and _goes_on(before, cue):
            text = before.text + cue.text if _spaced(before.text, cue.text) else joined(before.text, cue.text)
            merged[-1] = before._replace(text=text, end=before.end if cue.end is None else cue.end)
        else:
            merged.append(cue)
    return tuple(cue._replace(text=folded(cue.text)) for cue in merged)


def _goes_on(before: Cue, cue: Cue) -> bool:
    """Whether a segment belongs to the sentence before it."""
    if before.speaker != cue.speaker or (before.start is None) != (cue.start is None):
        return False
    size = len(before.text)
    if size + len(cue.text) > _MOST or (size >= _ENOUGH and before.text.rstrip()[-1:] in _SENTENCE_END):
        return False
    return before.end is None or cue.start is None or cue.start - before.end < _PAUSE


def _spaced(first: str, second: str) -> bool:
    return first[-1:].isspace() or second[:1].isspace()


def _first(segment: object, *names: str) -> object:
    if not isinstance(segment, Mapping):
        return None
    return next((segment[name] for name in names if segment.get(name) is not None), None)


def _seconds(value: object) -> float | None:
    """A number of seconds, also one written as text; ``None`` for anything that is no time."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
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
    """Whether parsed JSON is such a script."""
    return isinstance(data, list) and any(isinstance(slide, Mapping) and "start_ms" in slide for slide in data)


def read_script(data: Sequence[Any]) -> TranscriptResult:
    """Read the parsed list of one script."""
    faults: list[Fault] = []
    placed: list[Placed] = []
    sections: list[Section] = []
    stories_end = max((at for at, slide in enumerate(data, start=1) if _url(slide)), default=len(data))
    recapped = False
    for number, slide in enumerate(data, start=1):
        if not isinstance(slide, Mapping):
            faults.append(Fault(None, f"Slide {number} is not an object; it was left out."))
            continue
        start, end = _seconds_script(slide.get("start_ms")), _seconds_script(slide.get("end_ms"))
        if start is None and (slide.get("notes") or slide.get("type") in _PARTS):
            faults.append(Fault(None, f"Slide {number} has no time; its text was kept without one."))
        if start is not None and end is not None and end < start:
            faults.append(Fault(None, f"Slide {number} ends before it begins; only its beginning was kept."))
            end = None
        title, notes = slide.get("title"), slide.get("notes")
        title = folded(title) if isinstance(title, str) else ""
        recap = not recapped and number > stories_end and _recaps(title, notes)
        recapped = recapped or recap
        if slide.get("type") in _PARTS or recap:
            sections.append(Section(start, title, _url(slide)))
        if isinstance(notes, str) and (start is None or start != end):
            placed.append(Placed(None, Cue(start, end, None, folded(notes))))
    if all(section.start is not None for section in sections):
        sections.sort(key=lambda section: section.start or 0.0)
    return TranscriptResult(Transcript(in_order(placed, faults), tuple(sections)), faults)


def _recaps(title: str, notes: object) -> bool:
    """Whether a slide goes over what was told."""
    return bool(_RECAP_TITLE.search(title) or (isinstance(notes, str) and _RECAP.search(notes)))


def _url(slide: object) -> str | None:
    """The address of the story that a slide begins."""
    url = slide.get("url") if isinstance(slide, Mapping) and slide.get("type") == "section" else None
    return (folded(url) or None) if isinstance(url, str) else None


def _seconds_script(value: object) -> float | None:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12
    return float(value) / 1000 if usable else None  # type: ignore[arg-type]
