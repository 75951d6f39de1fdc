"""Read a person's posts in the fediverse, in the three forms that its programs export.

- ActivityStreams 2.0 (https://www.w3.org/TR/activitystreams-core/): the ``outbox.json``, ``likes.json`` and
  ``bookmarks.json`` of Mastodon, Pleroma and Akkoma. Likes and bookmarks are only addresses.
- Statuses of Mastodon's API (https://docs.joinmastodon.org/entities/Status/): Pixelfed, GoToSocial, and
  mastodon-archive, which adds favourites and bookmarks.
- Notes of Misskey and its relatives, which name neither their server nor their author.

Private messages are left out.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from typing import Any, TextIO
from urllib.parse import urlsplit

from zunda_mcp.reading.detection.conventions import Origin
from zunda_mcp.reading.draft import Drafts
from zunda_mcp.reading.html.to_markdown import markdown_of
from zunda_mcp.reading.json_values import array_items, parsed, record, rows, text
from zunda_mcp.reading.posts.post import BROKEN, Kind, Post, Remarks, drafts_of, moment_of, tidy

__all__ = ["claims", "read_collection", "read_json"]

_BEGINNING = 20_000
_ITEMS = re.compile(r'"orderedItems"\s*:\s*\[')
_LINK = re.compile(r"\[([^\[\]]*)\]\((\S+?)\)")
_WRITTEN = frozenset({"Note", "Article", "Question", "Page", "Image", "Video", "Audio", "Event"})
_COLLECTIONS: dict[str, Kind] = {"likes": "like", "bookmarks": "bookmark"}
_LISTS: dict[str, Kind] = {"statuses": "post", "favourites": "like", "bookmarks": "bookmark"}


def claims(written: str) -> bool:
    """Whether a JSON text looks like one of these exports."""
    beginning = written[:_BEGINNING]
    return (
        ("activitystreams" in beginning and "orderedItems" in beginning)
        or ('"visibility"' in beginning and ('"spoiler_text"' in beginning or '"renoteId"' in beginning))
        or ('"account"' in beginning and any(f'"{name}"' in written for name in ("statuses", "favourites")))
    )


def read_collection(stream: TextIO, origin: Origin) -> Drafts:
    """Read an ActivityStreams collection item by item; ``([], [])`` for a file of another kind."""
    remarks = Remarks(origin)
    broken = 0

    def count() -> None:
        nonlocal broken
        broken += 1

    listed = _COLLECTIONS.get(origin.path.stem.lower(), "post")
    posts = [post for item in array_items(stream, _ITEMS, count) if (post := _activity(item, listed, remarks))]
    if not posts and broken:
        return [], []
    if broken:
        remarks.add(None, f"{broken} parts of this collection are not the JSON they should be; they were left out.")
    return drafts_of(posts, origin, remarks, "This export")


def read_json(written: str, origin: Origin) -> Drafts:
    """Read a collection, statuses of Mastodon's API or notes of Misskey."""
    if '"orderedItems"' in written[:_BEGINNING]:
        return read_collection(io.StringIO(written), origin)
    if (loaded := parsed(written)) is None:
        return [], [origin.problem(BROKEN, skipped=True)]
    remarks = Remarks(origin)
    posts: list[Post] = []
    if isinstance(loaded, dict) and not isinstance(loaded.get("notes"), list):
        for name, kind in _LISTS.items():
            posts += _statuses(rows(loaded, name), kind, remarks)
        own = _account(record(loaded, "account"))
    else:
        listed = rows(loaded, "notes") or rows(loaded)
        posts += _statuses([row for row in listed if "content" in row], "post", remarks)
        posts += filter(None, (_note_of_misskey(row, remarks) for row in listed if "content" not in row))
        own = ""
    return drafts_of(posts, origin, remarks, "This export", own)


def _activity(item: Any, listed: Kind, remarks: Remarks) -> Post | None:
    """Return the post that an activity writes, shares or lists; ``None`` if it is private, a follow, a deletion …"""
    if isinstance(item, str):  # in a list of likes or bookmarks
        return Post(item, None, None, "", listed, item)
    if not isinstance(item, dict):
        return None
    inner, at = item.get("object"), moment_of(item.get("published"))
    user = _person(item.get("actor") or item.get("attributedTo"))
    match item.get("type"):
        case "Announce":
            address = _address(inner)
            words = _written(inner) if isinstance(inner, dict) else ""
            return Post(address, user, at, words, "repost", address) if address else None
        case "Create" | "Update" if isinstance(inner, dict):
            note = inner
        case kind if kind in _WRITTEN:
            note = item
        case _:
            return None
    if _is_direct(item) or _is_direct(note):
        remarks.add(None, f"A private message of {at:%Y-%m-%d} was left out." if at else _PRIVATE)
        return None
    address = _address(note)
    written = moment_of(note.get("published")) or at
    return Post(str(note.get("id") or address), user, written, _written(note), listed, address or None)


_PRIVATE = "A private message was left out."


def _is_direct(item: dict[str, Any]) -> bool:
    """Whether an activity is addressed to neither the public nor its author's followers."""
    readers = [str(one) for name in ("to", "cc") for one in _listed(item.get(name))]
    return bool(readers) and not any(one.endswith(("#Public", "as:Public", "/followers")) for one in readers)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _written(note: dict[str, Any]) -> str:
    """Return all words of a note: title, warning, text, choices of a poll, descriptions of pictures."""
    content = note.get("content")
    if not isinstance(content, str):
        content = next(iter(record(note, "contentMap").values()), "")
    choices = [text(one, "name") for name in ("oneOf", "anyOf") for one in rows(note, name)]
    pictures = [text(one, "name", "summary") for one in rows(_listed(note.get("attachment")))]
    return _joined((text(note, "name"), text(note, "summary"), _html(str(content))), choices, pictures)


def _joined(parts: Iterable[str], choices: Iterable[str], pictures: Iterable[str]) -> str:
    listed = "\n".join(f"- {one.strip()}" for one in choices if one.strip())
    return tidy("\n\n".join(part for one in (*parts, listed, *pictures) if (part := one.strip())))


def _html(content: str) -> str:
    """Return the text of a note with its links as full addresses, which Mastodon shows shortened."""
    return _LINK.sub(_link, markdown_of(content, "html").text)


def _link(match: re.Match[str]) -> str:
    words, url = match.groups()
    if words.startswith(("@", "#")):
        return words
    return url if "://" in words or words.rstrip("…") in url else f"{words} {url}"


def _address(item: Any) -> str:
    """Return the address of an object's page, or if it has none, its id."""
    if isinstance(item, str):
        return item if item.startswith("http") else ""
    if not isinstance(item, dict):
        return ""
    for value in (*_listed(item.get("url")), item.get("id"), item.get("uri")):
        address = value.get("href") if isinstance(value, dict) else value
        if isinstance(address, str) and address.startswith("http"):
            return address
    return ""


def _person(value: Any) -> str | None:
    """Return ``name@server`` for the address of a person; ``None`` if it has no such parts."""
    address = value.get("id") if isinstance(value, dict) else value
    try:
        parts = urlsplit(address if isinstance(address, str) else "")
    except ValueError:
        return None
    name = parts.path.rstrip("/").rpartition("/")[2].lstrip("@")
    return f"{name}@{parts.hostname}" if name and parts.hostname else None


def _statuses(listed: Iterable[dict[str, Any]], kind: Kind, remarks: Remarks) -> Iterator[Post]:
    for status in listed:
        if status.get("visibility") == "direct":
            remarks.add(None, _PRIVATE)
            continue
        passed_on = record(status, "reblog")
        shown = passed_on or status
        content = _html(text(shown, "content", "text"))
        choices = [text(one, "title") for one in rows(record(shown, "poll"), "options")]
        pictures = [text(one, "description") for one in rows(shown, "media_attachments")]
        words = _joined((text(shown, "spoiler_text"), content), choices, pictures)
        own: Kind = "repost" if passed_on and kind == "post" else kind
        id, user = str(status.get("uri") or status.get("id")), _account(record(status, "account")) or None
        yield Post(id, user, moment_of(status.get("created_at")), words, own, _address(shown) or None)


def _account(account: dict[str, Any]) -> str:
    """Return the name of an account, with its server if that is known."""
    name = text(account, "acct", "username")
    return name if "@" in name else _person(account.get("url")) or name


def _note_of_misskey(note: dict[str, Any], remarks: Remarks) -> Post | None:
    if note.get("visibility") == "specified":
        remarks.add(None, _PRIVATE)
        return None
    choices = [text(one, "text") for one in rows(record(note, "poll"), "choices")]
    pictures = [text(one, "comment") for one in rows(note, "files")]
    words = _joined((text(note, "cw"), text(note, "text")), choices, pictures)
    if not words:  # a renote, of which the export has only the number
        return None
    return Post(str(note.get("id")), None, moment_of(note.get("createdAt")), words, "post", _address(note) or None)
