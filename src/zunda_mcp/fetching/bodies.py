"""The body of an answer: whole or not at all, decompressed piece by piece, and never larger than agreed."""

from __future__ import annotations

import http.client
import zlib

PIECE = 64 * 1024


class TooLargeError(ValueError):
    """The body is larger than the limit, before or after decompression."""


def read_body(answer: http.client.HTTPResponse, limit: int) -> bytes:
    """Read to the end.

    Raises ``TooLargeError``, ``http.client.IncompleteRead`` where it breaks off, and ``ValueError`` for an encoding
    that was not asked for or data that is not in it.
    """
    if answer.length is not None and answer.length > limit:
        raise TooLargeError(f"it announces {_mebibytes(answer.length)}, and {_mebibytes(limit)} is the limit")
    unpacked = _unpacker(answer.getheader("Content-Encoding") or "")
    pieces: list[bytes] = []
    size = 0
    while piece := answer.read(PIECE):
        out = unpacked.take(piece, limit - size) if unpacked else piece
        size += len(out)
        if size > limit:
            raise TooLargeError(f"it has more than {_mebibytes(limit)}, which is the limit")
        pieces.append(out)
    if answer.length or (unpacked and not unpacked.is_whole):  # what http.client still expects
        raise http.client.IncompleteRead(b"".join(pieces), answer.length or None)
    return b"".join(pieces)


class _Unpacker:
    """Decompresses gzip and zlib without ever holding more than was asked for."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(zlib.MAX_WBITS | 32)
        self._begun = False

    @property
    def is_whole(self) -> bool:
        """Whether the end of the compressed data was seen, or there was none at all."""
        return self._stream.eof or not self._begun

    def take(self, piece: bytes, room: int) -> bytes:
        """Decompress a piece, to at most ``room`` bytes and one more that says there were too many."""
        out: list[bytes] = []
        while piece:
            if self._stream.eof:  # another member, or padding
                if not piece.strip(b"\0"):
                    break
                self._stream = zlib.decompressobj(zlib.MAX_WBITS | 32)
            self._begun = True
            try:
                out.append(self._stream.decompress(piece, max(room - sum(map(len, out)), 0) + 1))
            except zlib.error as error:
                raise ValueError(f"it cannot be decompressed ({error})") from None
            if sum(map(len, out)) > room:
                break
            piece = self._stream.unconsumed_tail or self._stream.unused_data
        return b"".join(out)


class _RawDeflate(_Unpacker):
    """``deflate`` without the header that RFC 9110 asks for, as some servers send it."""

    def take(self, piece: bytes, room: int) -> bytes:
        if not self._begun and piece[:1] not in (b"\x78", b"\x58", b"\x08"):
            self._stream = zlib.decompressobj(-zlib.MAX_WBITS)
        return super().take(piece, room)


def _unpacker(encoding: str) -> _Unpacker | None:
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return None
    if name in ("gzip", "x-gzip"):
        return _Unpacker()
    if name == "deflate":
        return _RawDeflate()
    raise ValueError(f"it is packed as {name[:40]!r}, which nobody asked for")


def _mebibytes(size: int) -> str:
    return f"{size / 1024 / 1024:.0f} MiB"
