"""How the items of one feed are written: the same look that files get, one way of splitting for a feed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from zunda_mcp.archive import conventions as ways
from zunda_mcp.archive.conventions import Conventions, Strategy
from zunda_mcp.archive.evidence import LONGEST, Evidence, headings_of, vote_of
from zunda_mcp.archive.feeds.feed import Feed, Item
from zunda_mcp.archive.feeds.markup import markdown_of
from zunda_mcp.archive.feeds.shapes import repeated_links, without_frame
from zunda_mcp.archive.feeds.stories import Way, body_of
from zunda_mcp.archive.ignoring import Ignored
from zunda_mcp.archive.splitting.turns import read_turns
from zunda_mcp.archive.survey import SAMPLE, Survey, spread, survey


def evidence_of_feeds(feeds: Sequence[Feed], conventions: Conventions, size: int = SAMPLE) -> list[Evidence]:
    """Look at up to ``size`` items of these pages of one feed, spread evenly."""
    items = _items(feeds)
    return _evidence(items, Way(conventions, _repeated(items)), size)


def strategy_of(feeds: Sequence[Feed], conventions: Conventions) -> Strategy:
    """How a feed is split, and why."""
    items = _items(feeds)
    return _survey(items, Way(conventions, _repeated(items))).strategy


def way_of(feeds: Sequence[Feed], conventions: Conventions) -> Way:
    """The conventions of an archive with the way of splitting of this feed; the settings decide where they name one."""
    items = _items(feeds)
    way = Way(conventions, _repeated(items))
    found = _survey(items, way)
    own = replace(conventions, strategy=found.strategy.name, level=found.level, sections=frozenset(found.sections))
    return way._replace(conventions=own)


def _items(feeds: Sequence[Feed]) -> list[Item]:
    return list({item.key: item for feed in reversed(feeds) for item in feed.items}.values())


def _repeated(items: Iterable[Item]) -> frozenset[str]:
    return repeated_links(item.body.text for item in items)


def _evidence(items: Sequence[Item], way: Way, size: int) -> list[Evidence]:
    plain = way._replace(conventions=Conventions(ignored=Ignored(way.conventions.ignored.patterns)))
    found = []
    for item in spread(items, size):
        text = markdown_of(item.body.text[:LONGEST], item.body.type).text
        page = item.link or None
        text = without_frame(text, page, way.repeated)
        body = body_of(text, page, plain)
        turns = bool(read_turns(body.document.lines))
        vote, levels = (ways.TURNS, ()) if turns else vote_of(body) if text else (None, ())
        headings = frozenset[str]() if turns else headings_of(body)
        found.append(Evidence(vote, dated=item.moment is not None, levels=levels, headings=headings))
    return found


def _survey(items: Sequence[Item], way: Way) -> Survey:
    wanted = way.conventions.strategy if way.conventions.stated else None
    return survey(_evidence(items, way, SAMPLE), {}, wanted, "items")
