"""Embedded videos in raw HTML."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlsplit

_HOSTS = frozenset(
    {"youtube.com", "www.youtube.com", "m.youtube.com", "youtube-nocookie.com", "www.youtube-nocookie.com"}
)

MAX_LENGTH = 4000
"""A frame takes a few hundred characters; on long broken HTML the parser takes time by the square of its length."""


class _Frames(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sources: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "iframe":
            self.sources.append(dict(attrs).get("src") or "")

    def handle_data(self, data: str) -> None:
        self.text += data.strip()


def youtube_id(html: str) -> tuple[str | None, bool]:
    """Return the id of the first embedded YouTube video, and whether the HTML holds nothing else to read.

    An id is what follows ``/embed/`` (https://developers.google.com/youtube/player_parameters).
    """
    if len(html) > MAX_LENGTH or "iframe" not in html.lower():
        return None, False
    frames = _Frames()
    try:
        frames.feed(html)
        frames.close()
    except (AssertionError, ValueError):  # html.parser gives up on some broken declarations
        return None, False
    for source in frames.sources:
        try:
            address = urlsplit(source.strip())
            parts = address.path.strip("/").split("/")
        except ValueError:
            continue
        if (address.hostname or "") in _HOSTS and len(parts) == 2 and parts[0] == "embed" and _is_id(parts[1]):
            return parts[1], not frames.text
    return None, False


def _is_id(text: str) -> bool:
    return (
        len(text) == 11
        and text.isascii()
        and text.replace("-", "a").replace("_", "a").isalnum()
        and text != "videoseries"
    )
