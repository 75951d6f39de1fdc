"""A repository of Bluesky as a CAR file, made byte by byte (https://ipld.io/specs/transport/car/carv1/)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from itertools import takewhile
from typing import Any, NamedTuple

__all__ = ["Link", "car"]


class Link(NamedTuple):
    """The number of a block (CIDv1, DAG-CBOR, SHA-256)."""

    cid: bytes


def cbor(value: Any) -> bytes:  # noqa: PLR0911 - a kind of value after the other
    """A value in CBOR (RFC 8949), links with tag 42."""
    if value is None:
        return b"\xf6"
    if isinstance(value, int):
        return _head(0, value)
    if isinstance(value, Link):
        return b"\xd8\x2a" + cbor(b"\x00" + value.cid)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        return _head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(map(cbor, value))
    pairs = sorted(value.items(), key=lambda pair: (len(pair[0]), pair[0]))
    return _head(5, len(pairs)) + b"".join(cbor(name) + cbor(one) for name, one in pairs)


def _head(kind: int, size: int) -> bytes:
    for code, length in ((24, 1), (25, 2), (26, 4)):
        if size < 24:
            return bytes([kind << 5 | size])
        if size < 1 << 8 * length:
            return bytes([kind << 5 | code]) + size.to_bytes(length, "big")
    raise ValueError(size)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def car(did: str, records: Mapping[str, Any]) -> bytes:
    """A repository with these records by key (``app.bsky.feed.post/3k…``), half of them in a subtree."""
    blocks: dict[bytes, bytes] = {}

    def put(value: Any) -> Link:
        data = cbor(value)
        cid = b"\x01\x71\x12\x20" + hashlib.sha256(data).digest()
        blocks[cid] = data
        return Link(cid)

    def node(keys: list[str], below: Link | None) -> Link:
        entries, before = [], b""
        for key in keys:
            name = key.encode()
            shared = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(before, name, strict=False))))
            entries.append({"k": name[shared:], "p": shared, "v": put(records[key]), "t": None})
            before = name
        return put({"l": below, "e": entries})

    keys = sorted(records)
    middle = len(keys) // 2
    tree = node(keys[middle:], node(keys[:middle], None) if middle else None)
    root = put({"did": did, "version": 3, "rev": "3krev", "prev": None, "data": tree, "sig": b"s"})
    head = cbor({"version": 1, "roots": [root]})
    sections = (_varint(len(cid) + len(data)) + cid + data for cid, data in blocks.items())
    return _varint(len(head)) + head + b"".join(sections)
