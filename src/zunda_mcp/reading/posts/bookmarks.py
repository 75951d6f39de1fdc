"""Read bookmarks: each day is an episode, and each page that was saved on it a story.

- HTML of the Netscape bookmark file (https://learn.microsoft.com/en-us/previous-versions/windows/internet-explorer/
  ie-developer/platform-apis/aa753582(v=vs.85)): every browser, Pinboard, Raindrop, Hatena, Shaarli, linkding; and the
  list that Pocket wrote.
- JSON of Pinboard, backups of Firefox, and the bookmark file of Chrome.
- CSV with the address of a page and the time when it was saved: Pocket, Raindrop, Instapaper and others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from zunda_mcp.reading.detection.conventions import Origin
from zunda_mcp.reading.draft import Drafts
from zunda_mcp.reading.html.tags import Tag, tokens
from zunda_mcp.reading.json_values import columns_of, parsed, record, rows, table_rows, text
from zunda_mcp.reading.posts.post import BROKEN, Post, Remarks, episodes_by_day, moment_of, tidy, zone_of
from zunda_mcp.text.urls import is_web

__all__ = ["claims_html", "claims_json", "is_list", "read_csv", "read_html", "read_json"]

_BEGINNING = 20_000
_KEPT = (
    "time_added", "time", "created", "timestamp", "saved date", "date_added", "add_date", "added", "saved", "saved_at",
)  # fmt: skip
"""Columns with the time when a page was saved. In a table with a column of addresses, these names mean nothing else."""
_PUT = ("tags", "folder", "status", "selection")
_NOTES = ("note", "notes", "extended", "selection", "excerpt", "highlights", "comment")
_SPLIT_TAGS = re.compile(r"\s*[,|、]\s*")


class _Page(NamedTuple):
    """A page as an export lists it. ``kept`` is the time as written, ``folder`` the name of the folder it was in."""

    url: str
    title: str
    kept: object
    note: str = ""
    tags: tuple[str, ...] = ()
    folder: str = ""


def claims_html(written: str) -> bool:
    """Whether a page of HTML is a list of bookmarks."""
    beginning = written[:_BEGINNING].lower()
    return "netscape-bookmark-file-1" in beginning or (
        "<title>pocket export" in beginning and "time_added=" in beginning
    )


def claims_json(written: str) -> bool:
    """Whether a JSON text is a list of bookmarks."""
    beginning = written[:_BEGINNING]
    return (
        ('"href"' in beginning and '"extended"' in beginning)
        or '"text/x-moz-place' in beginning
        or ('"bookmark_bar"' in written and '"roots"' in beginning)
    )


def is_list(header: str) -> bool:
    """Whether the first line of a CSV names the columns of a list of bookmarks."""
    names = columns_of(header)
    kept, put = (any(name in names for name in several) for several in (_KEPT, _PUT))
    return "url" in names and kept and put and "date" not in names


def read_html(written: str, origin: Origin) -> Drafts:
    """Read a bookmark file."""
    return _drafts(_of_html(tokens(written)), origin)


def read_json(written: str, origin: Origin) -> Drafts:
    """Read bookmarks in JSON: a Pinboard export, or a browser's bookmark file or backup."""
    loaded = parsed(written)
    return ([], [origin.problem(BROKEN, skipped=True)]) if loaded is None else _drafts(_of_json(loaded), origin)


def read_csv(lines: Iterable[str], origin: Origin, remarks: Remarks) -> Drafts:
    """Read a list from its lines, with their newlines. Its columns may be in any order."""
    table = table_rows(remarks.cleaned(lines), remarks.add)
    return _drafts((_of_row(row) for _, row in table), origin, remarks)


def _drafts(pages: Iterable[_Page], origin: Origin, remarks: Remarks | None = None) -> Drafts:
    remarks = remarks or Remarks(origin)
    posts: list[Post] = []
    undated = 0
    for page in pages:
        if not is_web(page.url):  # bookmarklets, saved searches, pages of the browser
            continue
        at = moment_of(page.kept)
        undated += at is None
        tags = ", ".join(dict.fromkeys(tag for tag in page.tags if tag))
        put = "\n".join(f"{name}: {one}" for name, one in (("Tags", tags), ("Folder", page.folder)) if one)
        words = tidy("\n\n".join(part for part in (page.note.strip(), put) if part))
        posts.append(Post(page.url, None, at, words, "bookmark", page.url, " ".join(page.title.split()) or page.url))
    if not posts:
        return [], [*remarks.problems(), origin.problem("This list of bookmarks holds no page.", skipped=True)]
    if undated:
        remarks.add(None, f"{undated} of {len(posts)} bookmarks do not say when they were kept.")
    return episodes_by_day(posts, None, origin, zone_of(posts, origin, remarks, "This list")), remarks.problems()


def _of_html(markup: Iterable[Tag | str]) -> Iterator[_Page]:
    """Yield the pages of a bookmark file, each with the note below it and the folder it is in."""
    folders: list[str] = []
    heading = words = ""
    open_tag: Tag | None = None
    page: _Page | None = None
    for token in (*markup, Tag("dl", opens=False, attributes={})):
        if isinstance(token, str):
            words += token
            continue
        if open_tag is not None and token.name in (open_tag.name, "dt", "dd", "dl", "li", "ul"):
            one, name = open_tag.attributes, open_tag.name
            if name == "a":
                tags = tuple(_SPLIT_TAGS.split(one.get("tags", "").strip(" ,")))
                kept = one.get("add_date") or one.get("time_added") or one.get("last_modified")
                page = _Page(one.get("href", ""), words, kept, tags=tags, folder=folders[-1] if folders else "")
            elif name == "dd":
                page = page and (page if page.note else page._replace(note=words))
            else:
                own = name == "h1" or {"personal_toolbar_folder", "unfiled_bookmarks_folder"} & set(one)
                heading = "" if own else " ".join(words.split())
            open_tag = None
        if token.opens and token.name in ("a", "h3", "h1", "dd"):
            if token.name != "dd" and page is not None:
                yield page
                page = None
            open_tag, words = token, ""
        elif token.opens and token.name in ("dl", "ul"):
            folders.append(heading)
            heading = ""
        elif token.name == "dl" and folders and not token.opens:
            folders.pop()
    if page is not None:
        yield page


def _of_json(loaded: Any) -> Iterator[_Page]:
    """Yield the pages of a list from Pinboard, or of a browser's tree of folders."""
    for row in rows(loaded, "posts") or rows(loaded):
        tags = tuple(text(row, "tags").split())
        yield _Page(text(row, "href"), text(row, "description"), row.get("time"), text(row, "extended"), tags)
    if isinstance(loaded, list):
        return
    roots = list(record(loaded, "roots").values()) or [loaded]  # the browser's own folders
    waiting = [(one, "") for one in reversed(roots)]
    unnamed = set(map(id, roots))
    while waiting:
        node, folder = waiting.pop()
        title = text(node, "title", "name")
        if url := text(node, "uri", "url"):
            tags = tuple(_SPLIT_TAGS.split(text(node, "tags")))
            yield _Page(url, title, node.get("dateAdded") or node.get("date_added"), "", tags, folder)
        inner = "" if "root" in record(node) or id(node) in unnamed else title
        waiting += [(one, inner) for one in reversed(rows(node, "children"))]


def _of_row(row: Mapping[str, str]) -> _Page:
    kept = next((row[name] for name in _KEPT if name in row), None)
    note = "\n\n".join(dict.fromkeys(row[name] for name in _NOTES if name in row))
    tags = tuple(_SPLIT_TAGS.split(row.get("tags", "").strip(" ,[]").replace('"', "")))
    return _Page(row.get("url", ""), row.get("title", ""), kept, note, tags, row.get("folder", ""))
