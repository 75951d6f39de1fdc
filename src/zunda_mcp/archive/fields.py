"""Front matter by meaning: the names different archives give to the same thing."""

from __future__ import annotations

import html

from zunda_mcp.archive.front_matter import FrontMatter, Value

TITLE = ("title", "name", "headline", "episode_title")
DATE = (
    "date",
    "published_at",
    "pubdate",
    "publishdate",
    "publish_date",
    "published_on",
    "published_date",
    "publication_date",
    "datepublished",
    "date_published",
    "publishedat",
    "release_date",
    "released",
    "released_at",
    "air_date",
    "aired",
    "posted",
    "published",
    "created_at",
    "createdat",
    "created",
    "timestamp",
)
UPDATED = ("updated_at", "updated", "lastmod", "last_modified", "modified", "date_modified", "datemodified")
DESCRIPTION = ("description", "summary", "subtitle", "excerpt", "abstract", "tagline", "intro")
HOSTS = (
    "actor_ids",
    "hosts",
    "host",
    "actors",
    "people",
    "persons",
    "author",
    "authors",
    "presenters",
    "cast",
    "speakers",
)
GUESTS = ("guests", "guest", "guest_ids", "guest_names")
AUDIO = (
    "audio_file_path",
    "audio",
    "audio_url",
    "audio_file_url",
    "audio_file",
    "audiofile",
    "audiourl",
    "podcast_file",
    "podcast_url",
    "podcast_audio",
    "enclosure",
    "enclosure_url",
    "media_url",
    "mp3",
    "mp3_url",
    "media",
    "file",
    "url",
)
NUMBER = (
    "episode",
    "number",
    "episode_number",
    "episodenumber",
    "podcast_episode",
    "episode_no",
    "ep",
    "no",
    "issue",
    "issue_number",
    "itunes_episode",
)
INFORMATION = ("information",)
CATEGORIES = ("categories", "category")
PAGE = ("permalink", "url", "canonical_url", "canonical", "episode_url", "page_url", "link")
VIDEO = (
    "youtube",
    "youtube_id",
    "youtube_url",
    "youtubeid",
    "youtube_video",
    "video",
    "video_url",
    "video_link",
    "youtube_link",
)


class Fields:
    """Looks values up by any of several names; upper case, ``-`` and ``_`` make no difference."""

    def __init__(self, front: FrontMatter) -> None:
        self._values = {_folded(name): value for name, value in front.values.items()}
        self._lines = {_folded(name): line for name, line in front.lines.items()}

    def text(self, *names: str) -> str | None:
        """Return the first of these that says anything, as one text; lists are joined."""
        for name in names:
            words = [text for text in _texts(self._values.get(name)) if text.strip()]
            if words:
                return "、".join(words).strip()
        return None

    def texts(self, *names: str) -> list[tuple[str, str]]:
        """Return everything these say, with the name of each, in the order of the names; addresses of mappings too."""
        found = []
        for name in names:
            value = self._values.get(name)
            if isinstance(value, dict):
                value = next((value[key] for key in _ADDRESS if value.get(key)), None)
            found += [(name, text.strip()) for text in _texts(value) if text.strip()]
        return found

    @staticmethod
    def folded(name: str) -> str:
        """Return the one spelling of a key."""
        return _folded(name)

    def value(self, name: str) -> Value:
        """Return the value of a key as it is."""
        return self._values.get(name)

    @property
    def names(self) -> tuple[str, ...]:
        """All keys, in the order of the file, in the one spelling they are looked up by."""
        return tuple(self._values)

    def plain(self, *names: str) -> str:
        """Return a text with HTML entities as the characters they stand for, ``""`` where there is none."""
        return html.unescape(self.text(*names) or "").strip()

    def list(self, *names: str) -> tuple[str, ...]:
        """Return the first of these that says anything, as a list; one text may name several, with commas."""
        for name in names:
            value = self._values.get(name)
            texts = value.replace("、", ",").split(",") if isinstance(value, str) else _texts(value)
            found = dict.fromkeys(html.unescape(text).strip() for text in texts)
            found.pop("", None)
            if found:
                return tuple(found)
        return ()

    def number(self, *names: str) -> int | None:
        """Return a whole number, ``None`` for anything else."""
        for name in names:
            text = (self.text(name) or "").removeprefix("#")
            if text.isascii() and text.isdigit() and len(text) < 10:
                return int(text)
        return None

    def line(self, *names: str) -> int | None:
        """Return the line of the first of these keys that is there."""
        return next((self._lines[name] for name in names if name in self._lines), None)


_ADDRESS = ("url", "src", "href", "file", "path", "id")


def _texts(value: Value) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if isinstance(value, dict):  # a person as {name: ..., url: ...}
        return _texts(value.get("name"))
    return []


def _folded(name: str) -> str:
    return name.strip().lower().replace("-", "_")
