"""One's own posts of Bluesky, as programs that export them write JSON (https://docs.bsky.app/docs/api/).

Records lie bare (a file each, as ``goat repo unpack`` writes them, or in lists), in answers of ``listRecords`` (``uri``
and ``value``), or in feeds (``post`` with ``record`` and ``author``).

The repository that Bluesky itself exports is a CAR file: blocks of DAG-CBOR, whose keys stand in a tree
(https://atproto.com/specs/repository). ``libipld`` of the extra ``formats`` decodes the blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zunda_mcp.models import Problem
from zunda_mcp.reading.detection.conventions import Origin
from zunda_mcp.reading.draft import Draft
from zunda_mcp.reading.posts.post import Kind, Post, Remarks, drafts_of, loaded_json, moment_of
from zunda_mcp.reading.posts.tweets import rows, tidy

__all__ = ["claims", "read", "read_repository"]

_BEGINNING = 20_000
_POST = "app.bsky.feed.post"
_KINDS: dict[str, Kind] = {"app.bsky.feed.repost": "repost", "app.bsky.feed.like": "like"}


def claims(text: str) -> bool:
    """Whether a JSON text holds posts of Bluesky, by its beginning."""
    beginning = text[:_BEGINNING]
    return f'"{_POST}"' in beginning or f"/{_POST}/" in beginning or any(f'"{kind}"' in beginning for kind in _KINDS)


def read(text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
    """Read a file; one without posts is nothing."""
    loaded, problems = loaded_json(text, origin)
    if problems:
        return [], problems
    folder = origin.path.parent
    alone = f"at://{folder.parent.name}/{folder.name}/{origin.path.stem}"
    posts = list(_posts(loaded, alone if folder.name in (_POST, *_KINDS) else ""))
    return drafts_of(posts, origin, Remarks(origin), "This export") if posts else ([], [])


def read_repository(data: bytes, origin: Origin) -> tuple[list[Draft], list[Problem]]:
    """Read a repository from the bytes of its CAR file."""
    from libipld import decode_car  # of an extra

    try:
        header, blocks = decode_car(data)
        commit = blocks[header["roots"][0]]
        records = list(_records(blocks, commit["data"]))
        did = str(commit["did"])
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        return [], [origin.problem(f"This repository is cut off or broken ({error}); it was skipped.", skipped=True)]
    posts = [_record(record, f"at://{did}/{key}", "") for key, record in records]
    written = [post for post in posts if post is not None]
    return drafts_of(written, origin, Remarks(origin), "This repository")


def _records(blocks: Mapping[bytes, Any], root: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the records of posts with their keys. In a node of the tree each key tells its difference to the last."""
    waiting, seen = [root], set[bytes]()
    while waiting:
        cid = waiting.pop()
        if cid in seen or cid not in blocks:
            continue
        seen.add(cid)
        node, key = blocks[cid], b""
        waiting += [one for one in (node["l"], *(entry["t"] for entry in node["e"])) if one is not None]
        for entry in node["e"]:
            key = key[: entry["p"]] + entry["k"]
            name = key.decode("utf-8", "replace")
            record = blocks.get(entry["v"])
            if name.partition("/")[0] in (_POST, *_KINDS) and isinstance(record, dict):
                yield name, record


def _posts(loaded: Any, uri: str) -> Iterator[Post]:
    """Yield the posts in an export, wherever they lie; not those that are only quoted or answered."""
    waiting: list[tuple[Any, str]] = [(loaded, uri)]
    while waiting:
        value, uri = waiting.pop()
        if isinstance(value, list):
            waiting += [(one, "") for one in reversed(value)]
        elif isinstance(value, dict):
            if isinstance(value.get("post"), dict):  # of a feed: what it answers lies beside it
                if post := _view(value["post"], value.get("reason")):
                    yield post
            elif post := _view(value, None) or _record(value, uri, ""):
                yield post
            else:
                waiting += [(one, "" if name != _POST else uri) for name, one in reversed(list(value.items()))]


def _view(view: dict[str, Any], reason: Any) -> Post | None:
    """Return a post with its address and author, as feeds and lists of records have it."""
    record = next((view[name] for name in ("record", "value") if isinstance(view.get(name), dict)), None)
    author = view.get("author")
    handle = str(author.get("handle") or author.get("did") or "") if isinstance(author, dict) else ""
    post = _record(record, str(view.get("uri") or ""), handle) if record is not None else None
    if post is None or not isinstance(reason, dict) or "reasonRepost" not in str(reason.get("$type")):
        return post
    by = reason.get("by")
    user = str(by.get("handle") or "") if isinstance(by, dict) else ""
    return post._replace(kind="repost", user=user or None, at=moment_of(reason.get("indexedAt")) or post.at)


def _record(record: dict[str, Any], uri: str, handle: str) -> Post | None:
    """Return a record as a post: what was written, passed on or liked; ``None`` for any other."""
    at = moment_of(record.get("createdAt"))
    uri = uri or str(record.get("uri") or "")
    user = handle or uri.removeprefix("at://").partition("/")[0] or None
    if (kind := _KINDS.get(str(record.get("$type")))) is not None:
        subject = record.get("subject")
        liked = str(subject.get("uri") or "") if isinstance(subject, dict) else ""
        return Post(uri or liked, user, at, "", kind, _address(liked, "")) if liked else None
    text = record.get("text")
    if not isinstance(text, str) or "createdAt" not in record or record.get("$type", _POST) != _POST:
        return None
    linked = _with_full_links(text, record)
    written = tidy(linked + _beside(record.get("embed"), linked))
    return Post(uri or f"{record['createdAt']} {text}", user, at, written, "post", _address(uri, handle))


def _address(uri: str, handle: str) -> str | None:
    """Return the page of a post: ``at://did/app.bsky.feed.post/key`` is shown at ``bsky.app/profile/did/post/key``."""
    did, _, rest = uri.removeprefix("at://").partition("/")
    key = rest.rpartition("/")[2]
    return f"https://bsky.app/profile/{handle or did}/post/{key}" if uri.startswith("at://") and key else None


def _with_full_links(text: str, record: dict[str, Any]) -> str:
    """Return the text with links in full; facets count bytes of UTF-8."""
    data = text.encode("utf-8", "surrogatepass")
    links = []
    for facet in rows(record.get("facets")):
        index = facet.get("index")
        uri = next((one["uri"] for one in rows(facet.get("features")) if isinstance(one.get("uri"), str)), "")
        start, end = (index.get(name) for name in ("byteStart", "byteEnd")) if isinstance(index, dict) else (None, None)
        if uri and isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(data):
            links.append((start, end, uri))
    for start, end, uri in sorted(links, reverse=True):
        shown = data[start:end].decode("utf-8", "replace")
        whole = uri if shown.rstrip("….").removeprefix("https://") in uri else f"{shown} {uri}"
        data = data[:start] + whole.encode() + data[end:]
    return data.decode("utf-8", "replace")


def _beside(embed: Any, text: str) -> str:
    """Return the words of what is embedded: the card of a link, descriptions of pictures."""
    if not isinstance(embed, dict):
        return ""
    media = embed.get("media")
    inner: dict[str, Any] = media if isinstance(media, dict) else embed
    card = inner.get("external")
    words = [str(one.get("alt") or "") for one in rows(inner.get("images"))]
    words.append(str(inner.get("alt") or ""))
    if isinstance(card, dict):
        words += [str(card.get(name) or "") for name in ("title", "uri", "description")]
    return "".join(f"\n\n{one.strip()}" for one in words if one.strip() and one not in text)
