"""Stories that begin with a line that is exactly one link (``stories``), each with everything up to the next."""

from __future__ import annotations

from zunda_mcp.archive.draft import Entry
from zunda_mcp.archive.splitting import Body, Split
from zunda_mcp.archive.stories import story_heads
from zunda_mcp.archive.summaries import TITLE_LABELS, read_body, without_label
from zunda_mcp.archive.urls import story_url


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
        labelled = without_label(read.title, TITLE_LABELS)
        title = read.title if labelled is None else labelled
        link = head.url.strip() or None
        url = story_url(link, body.page) or story_url(read.source, body.page)
        if link != url and title.count('"') % 2:
            title = title.strip('"')  # the other half of a quote that strayed into the URL
        if body.conventions.ignored.by_user(title, url):
            continue
        entries.append(Entry(title, link, read.source, url, read.summary, body.first + head.line + 1))
    start = heads[0].start if heads else None
    claimed = frozenset(range(start, len(document.lines))) if start is not None else frozenset[int]()
    return Split(tuple(entries), claimed, start)
