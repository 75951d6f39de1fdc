"""An episode together with its transcript: each story with its time and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from zunda_mcp.archive.draft import Draft, Entry
from zunda_mcp.archive.transcripts.alignment import Part, Topic, align
from zunda_mcp.archive.transcripts.model import Cue, Transcript, as_text, moments_of
from zunda_mcp.archive.transcripts.passages import SIZE, passages_of
from zunda_mcp.episode import PASSAGE


def with_transcript(draft: Draft, transcript: Transcript) -> Draft:
    """The episode with what was said in it: by stories where these can be found in the transcript, the opening and the
    ending as its own, and long stretches that belong to no story as passages, entries without title and link. Of a
    transcript with times of which nothing belongs to a story, all is passages, so that each has its time.
    """
    topics = [
        Topic(entry.title, tuple(url for url in (entry.url, entry.link, entry.source) if url), entry.start)
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
        for passage in passages_of(cues)
    ]
