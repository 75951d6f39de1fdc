"""The timed script of a show made of slides: a list of ``{type, title, notes, start_ms, end_ms, …}``.

``notes`` is what is said over a slide, and a slide of ``type: section`` begins a story, with its ``url``. A slide that
lasts no time was not spoken: on the archive this was made for, such notes are in no recording (they stand in the
slides, and not in the plain script beside them that was read out). After the last story, the slide that goes over
all of them again begins a part of its own, so that a story is not given what is said of the others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from zunda_mcp.archive.transcripts.model import Cue, Fault, Heard, Placed, Section, Transcript, folded, in_order

_PARTS = ("section", "closing")
_TODAY = "(?:本日|今日|きょう|今回)"
_RECAP_TITLE = re.compile(rf"{_TODAY}.*(?:まとめ|おさらい|振り返り|した)|おさらい|recap", re.IGNORECASE)
_RECAP = re.compile(
    rf"おさらい|{_TODAY}[^。！]{{0,16}}(?:紹介|しょうかい|お?届け|お?伝え)[^。！]{{0,8}}(?:した|ました)"
)


def is_script(data: object) -> bool:
    """Whether parsed JSON is such a script."""
    return isinstance(data, list) and any(isinstance(slide, Mapping) and "start_ms" in slide for slide in data)


def read(data: Sequence[Any]) -> Heard:
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
        start, end = _seconds(slide.get("start_ms")), _seconds(slide.get("end_ms"))
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
    return Heard(Transcript(in_order(placed, faults), tuple(sections)), faults)


def _recaps(title: str, notes: object) -> bool:
    """Whether a slide goes over what was told."""
    return bool(_RECAP_TITLE.search(title) or (isinstance(notes, str) and _RECAP.search(notes)))


def _url(slide: object) -> str | None:
    """The address of the story that a slide begins."""
    url = slide.get("url") if isinstance(slide, Mapping) and slide.get("type") == "section" else None
    return (folded(url) or None) if isinstance(url, str) else None


def _seconds(value: object) -> float | None:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12
    return float(value) / 1000 if usable else None  # type: ignore[arg-type]
