"""Transcripts in JSON: Podcasting 2.0 (``startTime``, ``endTime``, ``speaker``, ``body``), and speech recognisers that
write the same with ``start``, ``end`` and ``text``.

Segments may be as small as a word (the specification of ``podcast:transcript`` says so): those of one speaker are put
together to sentences.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from zunda_mcp.archive.transcripts.model import Cue, Fault, Heard, Placed, Transcript, folded, in_order, joined

_ENOUGH = 60
_MOST = 280
_PAUSE = 2.0
_SENTENCE_END = "。．.！？!?…"


def read(data: Mapping[str, Any]) -> Heard:
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
    return Heard(Transcript(_sentences(cues), (), language if isinstance(language, str) else None), faults)


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
