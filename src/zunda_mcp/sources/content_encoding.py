"""Decompression of a response body that never holds more than the caller allows.

httpx2's own decoders stop after the first gzip member and accept a body that breaks off, so bodies are read raw and
decompressed here. Supported are the encodings we ask for: ``gzip``, and ``deflate`` with or without the zlib header
that RFC 9110, 8.4.1.2 requires and some servers omit.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

__all__ = ["TooLargeError", "TruncatedError", "mebibytes", "read_limited"]

_EITHER_HEADER = zlib.MAX_WBITS | 32  # zlib or gzip, whichever the data begins with
_ZLIB_FIRST_BYTES = (b"\x78", b"\x58", b"\x08")


class TooLargeError(ValueError):
    """The body is larger than the limit, before or after decompression."""


class TruncatedError(ValueError):
    """The compressed data breaks off before its end."""


def read_limited(pieces: Iterable[bytes], encoding: str, limit: int) -> bytes:
    """Join and decompress the pieces of a body, at most ``limit`` bytes of it.

    ``encoding`` is the ``Content-Encoding`` header. Raises ``TooLargeError``, ``TruncatedError``, and ``ValueError``
    for an encoding that was not asked for or data that cannot be decompressed.
    """
    name = encoding.strip().lower()
    if name in ("gzip", "x-gzip", "deflate"):
        pieces = _decompress(pieces, limit, may_be_raw=name == "deflate")
    elif name not in ("", "identity"):
        raise ValueError(f"it is packed as {name[:40]!r}, which nobody asked for")
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > limit:
            raise TooLargeError(f"it has more than {mebibytes(limit)}, which is the limit")
    return bytes(body)


def mebibytes(size: int) -> str:
    """A number of bytes for a message."""
    return f"{size / 1024 / 1024:.0f} MiB"


def _decompress(pieces: Iterable[bytes], limit: int, *, may_be_raw: bool) -> Iterator[bytes]:
    stream = zlib.decompressobj(_EITHER_HEADER)
    begun = False
    for piece in pieces:
        if not begun and may_be_raw and piece[:1] not in _ZLIB_FIRST_BYTES:
            stream = zlib.decompressobj(-zlib.MAX_WBITS)
        rest = piece
        while rest:
            if stream.eof:  # another gzip member follows, or padding
                if not rest.strip(b"\0"):
                    break
                stream = zlib.decompressobj(_EITHER_HEADER)
            begun = True
            try:
                yield stream.decompress(rest, limit + 1)
            except zlib.error as error:
                raise ValueError(f"it cannot be decompressed ({error})") from None
            rest = stream.unconsumed_tail or stream.unused_data
    if begun and not stream.eof:
        raise TruncatedError("the compressed data breaks off")
