"""The base class of every format that episodes are read from.

A plug-in subclasses `Format` and names its class under the entry point group ``zunda_mcp.formats``. Keep the imports at
the top of its module light: every start loads it.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, ClassVar, Literal

from zunda_mcp.reading.detection.conventions import Origin
from zunda_mcp.reading.draft import Draft, Drafts
from zunda_mcp.reading.encoding import Decoded, decode
from zunda_mcp.reading.source_file import USUAL_BYTES

__all__ = ["Format"]


class Format:
    """One format. Bad input never raises: what cannot be read is a problem, and a file of another kind is nothing."""

    suffixes: ClassVar[frozenset[str]] = frozenset()
    """The endings of its files, in lower case with the dot."""
    file_names: ClassVar[frozenset[str]] = frozenset()
    """Whole file names in lower case, where an ending is not enough."""
    max_bytes: int = USUAL_BYTES
    """The largest file it reads, in bytes."""
    source: ClassVar[Literal["text", "stream", "path"]] = "text"
    """What it reads from: the decoded text, a stream of bytes (`read_stream`), or the path (`read` gets no text)."""
    fallback: ClassVar[bool] = False
    """Whether it is tried after all other formats with the same ending."""
    merges: bool = False
    """Whether an episode found in several files is made of all of them (`merged`); otherwise the first file counts."""

    def read(self, text: str, origin: Origin) -> Drafts:
        r"""Read the text of one file, whose newlines are ``\n``; one whose ``source`` is ``stream`` as its bytes."""
        return self.read_stream(io.BytesIO(text.encode("utf-8", "surrogateescape")), origin)

    def read_stream(self, stream: BinaryIO, origin: Origin) -> Drafts:
        """Read the bytes of one file, for a ``source`` of ``stream``. Raises ``OSError``."""
        raise NotImplementedError

    def decoded(self, data: bytes, name: str) -> Decoded:
        """Return the text of a file called ``name``, for a ``source`` of ``text``, and a remark about it."""
        return decode(data)

    def claims(self, text: str) -> bool:
        """Whether a text is in this format; asked only where several formats share an ending."""
        return True

    def parts(self, path: Path) -> Sequence[Path]:
        """Return all files that are read together with ``path``, itself included; none if it stands alone."""
        return ()

    def digest(self, path: Path) -> str:
        """Return a digest of everything read, for a ``source`` of ``path``. Raises ``OSError``."""
        raise NotImplementedError

    def merged(self, drafts: Sequence[Draft]) -> Draft:
        """Make one episode of the drafts that several files hold of it, where ``merges`` is true: each post once."""
        from zunda_mcp.reading.posts.post import merged  # start-up: a scan merges nothing

        return merged(drafts)
