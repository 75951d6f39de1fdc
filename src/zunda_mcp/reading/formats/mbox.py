"""An mbox: a mailing list or a folder of newsletters in one file. Each message is an episode."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from zunda_mcp.reading.endings import endings_of
from zunda_mcp.reading.formats.format import Format

if TYPE_CHECKING:
    from zunda_mcp.models import Problem
    from zunda_mcp.reading.detection.conventions import Origin
    from zunda_mcp.reading.draft import Draft

__all__ = ["Mbox"]


class Mbox(Format):
    """Messages one after the other, as mail programs and archives of lists keep them (RFC 4155)."""

    suffixes = endings_of("mbox")
    max_bytes = 256 * 1024 * 1024
    source = "stream"

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read an mbox that is in memory."""
        return _read(text.encode("utf-8", "surrogateescape"), origin)

    def read_stream(self, stream: BinaryIO, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read all messages; the id of each is its day and its subject."""
        return _read(stream.read(), origin)


def _read(data: bytes, origin: Origin) -> tuple[list[Draft], list[Problem]]:
    from zunda_mcp.reading.formats.mail import as_text, messages_in, read_mail  # start-up
    from zunda_mcp.reading.metadata.fields import Fields, day_of  # start-up
    from zunda_mcp.reading.metadata.front_matter import FrontMatter  # start-up
    from zunda_mcp.reading.page_reader import draft_of_page  # start-up

    drafts: list[Draft] = []
    problems: list[Problem] = []
    taken: set[str] = set()
    conventions = replace(origin.conventions, undated=True)
    for place, message in enumerate(messages_in(data), start=1):
        page = read_mail(as_text(message))
        fields = Fields(page.front or FrontMatter())
        moment = day_of(fields.text("date") or "")
        slug = re.sub(r"[^\w]+", "-", re.sub(r"^(?:(?:re|fwd?|aw|sv)\s*:\s*)+", "re ", fields.plain("title").lower()))
        day = moment.placed(origin.zone).day.isoformat() if moment else origin.id
        name = f"{day}-{slug.strip('-')[:60]}".strip("-")
        identity = name if name not in taken else f"{name}-{place}"
        taken.add(identity)
        own = replace(origin, id=identity, slug=identity, date=None, number=None, guess=None, conventions=conventions)
        draft, remarks = draft_of_page(page, own)
        drafts += [draft] if draft else []
        problems += remarks
    if not drafts:
        problems.append(origin.problem("This mbox holds no message that can be read.", skipped=True))
    return drafts, problems
