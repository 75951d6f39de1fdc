"""A feed as it is kept after fetching: its pages as they came, in one file that is read like any other.

One JSON object: ``zunda_mcp_feed`` (the version of this form, 1), ``url``, ``pages`` (a list of ``url`` and ``text``,
newest first; items that the feed has dropped stand in older ones), ``ids`` (the ids that were given, by key),
``extras`` (texts of chapters files that items name, by address), ``transcripts`` (which file beside this one holds the
transcript of an address; see ``transcripts.py``) and ``missing`` (addresses of transcripts that could not be had, and
why). So reading needs no network and can be repeated, and an id stays although an item's date or address is edited.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field

from zunda_mcp.reading.feeds.item import Feed
from zunda_mcp.reading.feeds.json_feed import loaded

VERSION = 1
MARK = "zunda_mcp_feed"
TRANSCRIPTS = ".transcripts"
"""The folder beside the file; its name begins with a dot, so that no scan takes it for episodes."""

_FILE = re.compile(r"[0-9a-f]{16}\.[a-z]{3,4}")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a feed as text."""

    url: str
    text: str


@dataclass(frozen=True, slots=True)
class StoredTranscript:
    """A transcript that was fetched: its ``file`` in the folder ``TRANSCRIPTS``, the SHA-256 of its text, and what its
    server gave to recognise the version by.
    """

    file: str
    digest: str
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class StoredFeed:
    """What is kept of one feed."""

    url: str
    pages: tuple[Page, ...] = ()
    ids: dict[str, str] = field(default_factory=dict)
    extras: dict[str, str] = field(default_factory=dict)
    transcripts: dict[str, StoredTranscript] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def feeds(self) -> list[Feed]:
        """The pages, read; one that is no feed any more is left out."""
        from zunda_mcp.reading.feeds.document import read_document

        read = (read_document(page.text).feed for page in self.pages)
        return [feed for feed in read if feed is not None]

    def text(self) -> str:
        """The file's content."""
        value = {
            MARK: VERSION,
            "url": self.url,
            "pages": [{"url": page.url, "text": page.text} for page in self.pages],
            "ids": self.ids,
            "extras": self.extras,
            "transcripts": {url: asdict(one) for url, one in self.transcripts.items()},
            "missing": self.missing,
        }
        return json.dumps(value, ensure_ascii=False, indent=0)


def read_stored(text: str) -> StoredFeed | None:
    """Read such a file; ``None`` for anything else."""
    value = loaded(text)
    if not isinstance(value, dict) or value.get(MARK) != VERSION:
        return None
    pages, ids, extras = value.get("pages"), value.get("ids"), value.get("extras")
    return StoredFeed(
        url=str(value.get("url", "")),
        pages=tuple(
            Page(str(page.get("url", "")), page["text"])
            for page in (pages if isinstance(pages, list) else ())
            if isinstance(page, dict) and isinstance(page.get("text"), str)
        ),
        ids=_texts(ids),
        extras=_texts(extras),
        transcripts=_transcripts(value.get("transcripts")),
        missing=_texts(value.get("missing")),
    )


def _texts(value: object) -> dict[str, str]:
    return {k: v for k, v in value.items() if isinstance(v, str)} if isinstance(value, dict) else {}


def _transcripts(value: object) -> dict[str, StoredTranscript]:
    """Those whose files are named as ours are: a feed file from elsewhere leads to no other place."""
    found: dict[str, StoredTranscript] = {}
    for url, row in value.items() if isinstance(value, dict) else ():
        texts = _texts(row)
        if _FILE.fullmatch(texts.get("file", "")):
            names = ("file", "digest", "etag", "last_modified")
            found[url] = StoredTranscript(**{name: texts.get(name, "") for name in names})
    return found
