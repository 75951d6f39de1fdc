"""One post, whichever export it comes from."""

from __future__ import annotations

import datetime as dt
import re
from typing import Literal, NamedTuple

Kind = Literal["post", "repost", "like", "bookmark"]

KINDS: tuple[Kind, ...] = ("post", "repost", "like", "bookmark")

JAPAN = dt.timezone(dt.timedelta(hours=9), "JST")
"""Japan time, which has had no summer time since 1951."""

_EPOCH_MS = 1_288_834_974_657
_FIRST_SNOWFLAKE = 29_700_859_247  # of 2010-11-04; numbers before it merely count
_ESCAPED = re.compile(r"&(amp|lt|gt|quot|#39);")
_PLAIN = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "#39": "'"}


class Post(NamedTuple):
    """A post as it was written. ``at`` has a zone, and is ``None`` where nothing tells the time; ``user`` is who wrote
    it, ``line`` the line of the file it begins in (0 where the file has no lines worth naming). ``placed`` is whether
    ``id`` is the number it is found under.
    """

    id: int
    user: str | None
    at: dt.datetime | None
    text: str
    kind: Kind
    line: int
    placed: bool = True

    @property
    def url(self) -> str | None:
        """Its address; one that leads on where it is not known who wrote it."""
        if not self.placed:
            return None
        return f"https://x.com/{self.user or 'i/web'}/status/{self.id}"


def time_of(id: int) -> dt.datetime | None:  # noqa: A002 - the word of the house
    """Return when the post with this number was written (UTC), ``None`` for numbers older than 2010-11-04.

    Its upper bits are milliseconds since 2010-11-04T01:42:54.657Z ("Announcing Snowflake", Twitter Engineering, 2010).
    """
    if id < _FIRST_SNOWFLAKE:
        return None
    try:
        return dt.datetime.fromtimestamp(((id >> 22) + _EPOCH_MS) // 1000, dt.UTC)
    except (OverflowError, ValueError, OSError):  # a number no post has
        return None


def unescaped(text: str) -> str:
    """Undo the HTML escapes of an export, once: ``&amp;lt;`` is the text ``&lt;``.

    Only what exports escape, always with its semicolon: links in a post hold ``&copy=2`` and the like.
    """
    return _ESCAPED.sub(lambda found: _PLAIN[found[1]], text) if "&" in text else text
