"""A feed that was added by its address, as ``zunda-mcp sync`` keeps it (see ``zunda_mcp.reading.feeds.stored``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zunda_mcp.reading.endings import endings_of
from zunda_mcp.reading.formats.format import Format

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from zunda_mcp.models import Problem
    from zunda_mcp.reading.detection.conventions import Origin
    from zunda_mcp.reading.draft import Draft
    from zunda_mcp.reading.feeds.episodes import AttachTranscript
    from zunda_mcp.reading.feeds.item import Feed, Item
    from zunda_mcp.reading.feeds.stored import StoredFeed

__all__ = ["MAX_BYTES", "KeptFeed", "feeds_in"]

MAX_BYTES = 256 * 1024 * 1024
"""Fetching has bounds of its own; what it kept is read."""


def feeds_in(text: str) -> list[Feed]:
    """The pages of a kept feed, for whoever wants to know how its items are written."""
    from zunda_mcp.reading.feeds.stored import read_stored  # start-up

    kept = read_stored(text)
    return kept.feeds() if kept is not None else []


def _attach(kept: StoredFeed, feeds: Sequence[Feed], folder: Path, origin: Origin) -> AttachTranscript:
    """Add the transcript of an item from the folder."""
    from zunda_mcp.reading.feeds.transcript_links import candidates  # start-up
    from zunda_mcp.reading.transcripts.attach import attach_file  # start-up

    language = next((feed.language for feed in feeds if feed.language), "")

    def attach(item: Item, draft: Draft) -> tuple[Draft, Sequence[Problem]]:
        named = candidates(item, language, kept.url) if item.transcripts else []
        for one in named:
            if stored := kept.transcripts.get(one.url):
                label = f"{origin.label}: {one.url}"
                return attach_file(draft, folder / stored.file, stored.file, label)
        whys = [kept.missing[one.url] for one in named if one.url in kept.missing]
        cause = f"The transcript of {draft.id} is missing: {whys[0]} The next sync tries again." if whys else ""
        return draft, [origin.problem(cause, line=item.line)] if whys else []

    return attach


class KeptFeed(Format):
    """A feed kept by ``zunda-mcp sync``."""

    suffixes = endings_of("kept feed")
    max_bytes = MAX_BYTES

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read all pages: of an item that stands in several, the newest counts. Transcripts are read where they lie."""
        from zunda_mcp.reading.feeds.episodes import drafts_of  # start-up
        from zunda_mcp.reading.feeds.stored import TRANSCRIPTS, read_stored  # start-up

        kept = read_stored(text)
        if kept is None:
            return [], [origin.problem("This is no feed that zunda-mcp keeps; it was skipped.", skipped=True)]
        feeds = kept.feeds()
        attach = (
            _attach(kept, feeds, origin.path.parent / TRANSCRIPTS, origin) if kept.transcripts or kept.missing else None
        )
        return drafts_of(
            feeds,
            label=origin.label,
            zone=origin.zone,
            url=kept.url,
            previous_ids=kept.ids,
            extras=kept.extras,
            attach=attach,
            conventions=origin.conventions,
        )
