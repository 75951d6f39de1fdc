"""Read a person's posts on Bluesky, from JSON that other programs export (https://docs.bsky.app/docs/api/) or from CAR.

In JSON, records are bare (one to a file, as ``goat repo unpack`` writes them, or in lists), in answers of
``listRecords`` (``uri`` and ``value``), or in feeds (``post`` with ``record`` and ``author``).

The repository that Bluesky itself exports is a CAR file: blocks of DAG-CBOR, with their keys in a tree
(https://atproto.com/specs/repository). ``libipld`` of the extra ``formats`` decodes the blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zunda_mcp.reading.detection.conventions import Origin
from zunda_mcp.reading.draft import Drafts
from zunda_mcp.reading.json_values import parsed, record, rows, text
from zunda_mcp.reading.posts.post import BROKEN, Kind, Post, Remarks, drafts_of, moment_of, tidy

__all__ = ["claims", "read", "read_repository"]

_BEGINNING = 20_000
_POST = "app.bsky.feed.post"
_KINDS: dict[str, Kind] = {"app.bsky.feed.repost": "repost", "app.bsky.feed.like": "like"}


def claims(written: str) -> bool:
    """Whether a JSON text contains posts of Bluesky, as far as its beginning shows."""
    beginning = written[:_BEGINNING]
    return any(f'"{kind}"' in beginning for kind in (_POST, *_KINDS)) or f"/{_POST}/" in beginning


def read(written: str, origin: Origin) -> Drafts:
    """Read a JSON file; ``([], [])`` if it has no posts."""
    if (loaded := parsed(written)) is None:
        return [], [origin.problem(BROKEN, skipped=True)]
    folder = origin.path.parent
    alone = f"at://{folder.parent.name}/{folder.name}/{origin.path.stem}"
    posts = list(_posts(loaded, alone if folder.name in (_POST, *_KINDS) else ""))
    return drafts_of(posts, origin, Remarks(origin), "This export") if posts else ([], [])


def read_repository(data: bytes, origin: Origin) -> Drafts:
    """Read a repository from the bytes of its CAR file."""
    from libipld import decode_car  # of an extra

    try:
        header, blocks = decode_car(data)
        commit = blocks[header["roots"][0]]
        records = list(_records(blocks, commit["data"]))
        did = str(commit["did"])
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        return [], [origin.problem(f"This repository is cut off or broken ({error}); it was skipped.", skipped=True)]
    posts = [post for key, one in records if (post := _record(one, f"at://{did}/{key}", ""))]
    return drafts_of(posts, origin, Remarks(origin), "This repository")


def _records(blocks: Mapping[bytes, Any], root: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield posts, reposts and likes with their keys. A node of the tree stores how each key differs from the last."""
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
            if name.partition("/")[0] in (_POST, *_KINDS) and (one := record(blocks.get(entry["v"]))):
                yield name, one


def _posts(loaded: Any, uri: str) -> Iterator[Post]:
    """Yield the posts anywhere in an export, but not those that are only quoted or answered."""
    waiting: list[tuple[Any, str]] = [(loaded, uri)]
    while waiting:
        value, uri = waiting.pop()
        if isinstance(value, list):
            waiting += [(one, "") for one in reversed(value)]
        elif isinstance(value, dict):
            if isinstance(value.get("post"), dict):  # in a feed, which also has the posts that it answers
                if post := _view(value["post"], value.get("reason")):
                    yield post
            elif post := _view(value, None) or _record(value, uri, ""):
                yield post
            else:
                waiting += [(one, "" if name != _POST else uri) for name, one in reversed(list(value.items()))]


def _view(view: dict[str, Any], reason: Any) -> Post | None:
    """Read a post with its address and author, from a feed or a list of records."""
    handle = text(record(view, "author"), "handle", "did")
    written = record(view, "record") or record(view, "value")
    post = _record(written, text(view, "uri"), handle) if written else None
    if post is None or "reasonRepost" not in text(reason, "$type"):
        return post
    user = text(record(reason, "by"), "handle") or None
    return post._replace(kind="repost", user=user, at=moment_of(reason.get("indexedAt")) or post.at)


def _record(one: dict[str, Any], uri: str, handle: str) -> Post | None:
    """Read the record of a post, repost or like; ``None`` for any other."""
    at, words, uri = moment_of(one.get("createdAt")), one.get("text"), uri or text(one, "uri")
    user = handle or uri.removeprefix("at://").partition("/")[0] or None
    if (kind := _KINDS.get(text(one, "$type"))) is not None:
        liked = text(record(one, "subject"), "uri")
        return Post(uri or liked, user, at, "", kind, _address(liked, "")) if liked else None
    if not isinstance(words, str) or "createdAt" not in one or one.get("$type", _POST) != _POST:
        return None
    linked = _with_full_links(words, one)
    written = tidy(linked + _beside(record(one, "embed"), linked))
    return Post(uri or f"{one['createdAt']} {words}", user, at, written, "post", _address(uri, handle))


def _address(uri: str, handle: str) -> str | None:
    """Return the page of a post: ``at://did/app.bsky.feed.post/key`` is shown at ``bsky.app/profile/did/post/key``."""
    did, _, rest = uri.removeprefix("at://").partition("/")
    key = rest.rpartition("/")[2]
    return f"https://bsky.app/profile/{handle or did}/post/{key}" if uri.startswith("at://") and key else None


def _with_full_links(words: str, one: dict[str, Any]) -> str:
    """Return the text with links in full; facets count bytes of UTF-8."""
    data = words.encode("utf-8", "surrogatepass")
    links = []
    for facet in rows(one, "facets"):
        start, end = (record(facet, "index").get(name) for name in ("byteStart", "byteEnd"))
        uri = next((uri for feature in rows(facet, "features") if (uri := text(feature, "uri"))), "")
        if uri and isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(data):
            links.append((start, end, uri))
    for start, end, uri in sorted(links, reverse=True):
        shown = data[start:end].decode("utf-8", "replace")
        whole = uri if shown.rstrip("….").removeprefix("https://") in uri else f"{shown} {uri}"
        data = data[:start] + whole.encode() + data[end:]
    return data.decode("utf-8", "replace")


def _beside(embed: dict[str, Any], shown: str) -> str:
    """Return the words of an embed that the text has not ``shown``: descriptions of pictures, the card of a link."""
    inner = record(embed, "media") or embed
    words = [text(one, "alt") for one in (*rows(inner, "images"), inner)]
    words += [text(record(inner, "external"), name) for name in ("title", "uri", "description")]
    return "".join(f"\n\n{one.strip()}" for one in words if one.strip() and one not in shown)
