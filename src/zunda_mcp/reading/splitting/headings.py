"""Stories that stand under headings of one level, or under headings with a time (``### 3:52 HPC``).

Stories that begin with a line that is exactly one link (``stories``), each with everything up to the next.
"""

from __future__ import annotations

from collections import Counter

from zunda_mcp.reading.draft import Entry
from zunda_mcp.reading.markdown.blocks import Block, Document
from zunda_mcp.reading.splitting.body import Body, Split, ignored_lines, sections
from zunda_mcp.reading.splitting.paragraphs import split_section
from zunda_mcp.reading.splitting.stories import TITLE_LABELS, read_body, story_heads, without_label
from zunda_mcp.reading.splitting.titles import LONGEST, first_url, plain_line, read_line
from zunda_mcp.text.timestamps import Timed, leading_time, trailing_time
from zunda_mcp.text.urls import story_url

__all__ = ["heading_time", "split_headings", "split_link_heads"]


def split_headings(body: Body, *, timed: bool) -> Split:
    """Split at the headings of the archive's level, or of the level this file uses most where it has none of that.

    A heading that many files have is a section: what has an address in it is a story. With ``timed`` every heading with
    a time begins a story, whatever its level.
    """
    document, ignored = body.document, body.conventions.ignored
    dropped = ignored_lines(document, ignored)
    headings = [(heading, end) for heading, end in sections(document) if heading.start not in dropped]
    if timed:
        heads = [(heading, end, heading_time(document, heading)) for heading, end in headings]
        heads = [head for head in heads if head[2] is not None]
    else:
        level = _level(headings, body.conventions.level)
        heads = [(heading, end, None) for heading, end in headings if heading.level == level]
    claimed = set(dropped)
    entries = []
    for place, (heading, end, time) in enumerate(heads):
        stop = min(end, heads[place + 1][0].start) if place + 1 < len(heads) else end
        line = read_line(document, time.text if time else heading.text, body.page)
        if line.rest and len(whole := plain_line(document, heading.text)) <= LONGEST and not time:
            line = line._replace(title=whole, rest=line.rest if first_url(line.rest, body.page) else "")
        if not timed and line.title.casefold() in body.conventions.sections:
            parts = split_section(body, line.title, heading.end, stop)
            if parts:
                entries += [part.entry for part in parts]
                claimed.update(line for part in parts for line in range(part.start, part.end))
                continue
        claimed.update(range(heading.start, stop))
        lines = [
            text if heading.end + n not in dropped else "" for n, text in enumerate(document.lines[heading.end : stop])
        ]
        summary = "\n\n".join(part for part in (line.rest, "\n".join(lines).strip("\n").rstrip()) if part)
        url = line.url or first_url(summary, body.page)
        if ignored.url(line.url) or not (summary or url or time):
            continue
        start = time.start if time else None
        entries.append(Entry(line.title, line.url, None, url, summary, body.first + heading.start + 1, start))
    return Split(tuple(entries), frozenset(claimed))


def heading_time(document: Document, heading: Block) -> Timed | None:
    """Return the time a heading begins or ends with."""
    text = heading.text.strip()
    timed = leading_time(text) or trailing_time(text, bare=True)
    return timed if timed is not None and (timed.text or plain_line(document, text)) else None


def _level(headings: list[tuple[Block, int]], usual: int) -> int:
    levels = Counter(heading.level for heading, _ in headings)
    if usual in levels or not levels:
        return usual
    repeated = [level for level, count in levels.items() if count >= 2]
    return max(repeated, key=lambda level: (levels[level], -level)) if repeated else usual


def split_link_heads(body: Body) -> Split:
    """Split at the heads; all lines from the first on belong to the stories.

    Of the ignore rules only the user's apply: an archive of this kind has its letter form in most episodes, which
    ``boilerplate`` finds, and a story about a sponsor is a story.
    """
    document = body.document
    heads = story_heads(document)
    entries = []
    for place, head in enumerate(heads, start=1):
        end = heads[place].start if place < len(heads) else len(document.lines)
        read = read_body(document, head, end)
        titled = without_label(read.title, TITLE_LABELS)
        title = read.title if titled is None else titled
        link = head.url.strip() or None
        url = story_url(link, body.page) or story_url(read.source, body.page)
        if link != url and title.count('"') % 2:
            title = title.strip('"')  # the other half of a quote that strayed into the URL
        if body.conventions.ignored.by_user(title, url) or not (title or link or read.source or read.summary):
            continue
        entries.append(Entry(title, link, read.source, url, read.summary, body.first + head.line + 1))
    start = heads[0].start if heads else None
    claimed = frozenset(range(start, len(document.lines))) if start is not None else frozenset[int]()
    return Split(tuple(entries), claimed)
