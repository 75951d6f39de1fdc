"""The language a feed says it is in, and the time zone it dates its items in."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from zunda_mcp.archive.feeds.feed import Feed
from zunda_mcp.archive.site import zone_named

LEAST = 3
_TAG = re.compile(r"([A-Za-z]{2,3})((?:[-_][A-Za-z0-9]{1,8})*)\Z")
_OF_LANGUAGE = {("ja", 9): "Asia/Tokyo", ("ko", 9): "Asia/Seoul"}


def language_of(feed: Feed) -> str | None:
    """The language as a tag (RFC 5646), ``None`` for what is no tag (``English``)."""
    match = _TAG.match(feed.language.strip())
    return match[1].lower() + match[2].replace("_", "-") if match else None


def zone_of(feeds: Iterable[Feed]) -> str | None:
    """The zone of the items by its IANA name, where at least three have a time and all of them one offset.

    Offset zero says nothing, since it is what programs write that know no better; neither do halves of hours. In a
    zone with daylight saving time the offsets differ, and days are then taken as they are written.
    """
    feeds = list(feeds)
    moments = [item.moment.at for feed in feeds for item in feed.items if item.moment and item.moment.at]
    offsets = {moment.utcoffset() for moment in moments}
    if len(moments) < LEAST or len(offsets) != 1:
        return None
    (offset,) = offsets
    if not offset or offset % dt.timedelta(hours=1):
        return None
    hours = offset // dt.timedelta(hours=1)
    language = next((found for feed in feeds if (found := language_of(feed))), "").partition("-")[0]
    named = _OF_LANGUAGE.get((language, hours), f"Etc/GMT{-hours:+d}")
    return named if zone_named(named) else None
