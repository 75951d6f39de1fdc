"""Read and write the file in which a fetched feed is stored, so that reading it needs no network and can be repeated.

The file is one JSON object:

- ``zunda_mcp_feed``: the version of this form, 1
- ``url``: the address of the feed
- ``pages``: objects with ``url`` and ``text``, newest first; older pages hold items that the feed has dropped
- ``ids``: the ids that were given, by the key of the item, so that an id stays when a date or an address is edited
- ``extras``: texts of the chapter files that items refer to, by address
- ``transcripts``: the stored files of transcripts, by address
- ``missing``: why a transcript could not be fetched, by address
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field, fields

from zunda_mcp.reading.feeds.document import read_document
from zunda_mcp.reading.feeds.item import Feed
from zunda_mcp.reading.json_values import parsed, record, rows

__all__ = ["TRANSCRIPTS", "Page", "StoredFeed", "StoredTranscript", "read_stored"]

_VERSION = 1
_MARK = "zunda_mcp_feed"
TRANSCRIPTS = ".transcripts"
"""The folder of transcripts beside the file. Scans skip it, since its name begins with a dot."""

_FILE = re.compile(r"[0-9a-f]{16}\.[a-z]{3,4}")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a feed as it was fetched."""

    url: str
    text: str


@dataclass(frozen=True, slots=True)
class StoredTranscript:
    """A transcript that was fetched: its ``file`` in the folder ``TRANSCRIPTS``, the SHA-256 of its text, and the
    validators of its server.
    """

    file: str
    digest: str
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class StoredFeed:
    """All that is stored of one feed; the module describes the fields."""

    url: str
    pages: tuple[Page, ...] = ()
    ids: dict[str, str] = field(default_factory=dict)
    extras: dict[str, str] = field(default_factory=dict)
    transcripts: dict[str, StoredTranscript] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def feeds(self) -> list[Feed]:
        """Read the pages; one that is not a feed is left out."""
        documents = (read_document(page.text).feed for page in self.pages)
        return [feed for feed in documents if feed is not None]

    def text(self) -> str:
        """Return the content of the file."""
        return json.dumps({_MARK: _VERSION, **asdict(self)}, ensure_ascii=False, indent=0)


def read_stored(text: str) -> StoredFeed | None:
    """Read the content of such a file; ``None`` for anything else."""
    value = record(parsed(text))
    if value.get(_MARK) != _VERSION:
        return None
    pages = [_texts(page) for page in rows(value, "pages")]
    stored = {url: _texts(row) for url, row in record(value, "transcripts").items()}
    names = [one.name for one in fields(StoredTranscript)]
    return StoredFeed(
        url=str(value.get("url", "")),
        pages=tuple(Page(page.get("url", ""), page["text"]) for page in pages if "text" in page),
        ids=_texts(value.get("ids")),
        extras=_texts(value.get("extras")),
        transcripts={
            url: StoredTranscript(**{name: row.get(name, "") for name in names})
            for url, row in stored.items()
            if _FILE.fullmatch(row.get("file", ""))  # a foreign feed file must not lead to other files
        },
        missing=_texts(value.get("missing")),
    )


def _texts(value: object) -> dict[str, str]:
    return {name: text for name, text in record(value).items() if isinstance(text, str)}
