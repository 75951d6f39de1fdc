"""The formats of files with episodes, by file ending or whole name.

The built-in formats are listed in `_BUILT_IN`. Each is loaded with the first file that it reads, since a scan opens no
file. Other distributions add formats, subclasses of `Format`, as entry points of the group ``zunda_mcp.formats`` (see
``examples/format-plugin``). Every start loads these, so the top of their modules should import only light packages.
"""

from __future__ import annotations

import importlib
import io
import logging
import os
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import BinaryIO, ClassVar, Literal, NamedTuple

from zunda_mcp.config.plugins import load_plugin, plugin_names
from zunda_mcp.errors import SettingsError
from zunda_mcp.reading.detection.conventions import Origin
from zunda_mcp.reading.draft import Drafts
from zunda_mcp.reading.encoding import Decoded, decode
from zunda_mcp.reading.endings import CONVERTED, ending_of, endings_of, is_usable
from zunda_mcp.reading.source_file import USUAL_BYTES, too_big

__all__ = ["GROUP", "Format", "format_of", "is_readable", "limit_of", "merges", "parts_of"]

GROUP = "zunda_mcp.formats"
"""The entry point group of plug-ins."""

_MIB = 1 << 20
_REMEMBERED_NAMES = 32_768
"""File names whose format is cached, since every question scans the files again."""


class Format:
    """One format. Bad input never raises: a file that cannot be read is a problem, one of another kind is ignored."""

    suffixes: ClassVar[frozenset[str]] = frozenset()
    """The endings of its files, in lower case with the dot."""
    file_names: ClassVar[frozenset[str]] = frozenset()
    """Whole file names, in lower case, for formats that an ending does not identify."""
    max_bytes: int = USUAL_BYTES
    """The largest file it reads, in bytes."""
    source: ClassVar[Literal["text", "stream", "path"]] = "text"
    """What it reads: the decoded text, a stream of bytes (`read_stream`), or the path (`read` gets an empty text)."""
    fallback: ClassVar[bool] = False
    """Whether it is tried after all other formats with the same ending."""
    merges: bool = False
    """Whether an episode in several files is merged from all of them, each post once; else the first file counts."""

    def read(self, text: str, origin: Origin) -> Drafts:
        r"""Read the text of one file, with newlines as ``\n``. By default, pass its bytes to `read_stream`."""
        return self.read_stream(io.BytesIO(text.encode("utf-8", "surrogateescape")), origin)

    def read_stream(self, stream: BinaryIO, origin: Origin) -> Drafts:
        """Read the bytes of one file, for a ``source`` of ``stream``. Raises ``OSError``."""
        raise NotImplementedError

    def decoded(self, data: bytes, name: str) -> Decoded:
        """Return the text of a file called ``name``, with a remark if there is one, for a ``source`` of ``text``."""
        return decode(data)

    def claims(self, text: str) -> bool:
        """Whether a text is in this format; asked only where several formats share an ending."""
        return True

    def parts(self, path: Path) -> Sequence[Path]:
        """Return all files that are read together with ``path``, including itself; none if it is read alone."""
        return ()

    def digest(self, path: Path) -> str:
        """Return a digest of everything read, for a ``source`` of ``path``. Raises ``OSError``."""
        raise NotImplementedError


class _Listed(NamedTuple):
    """A built-in format: its module and class, the kinds or whole names of its files, and their largest size."""

    place: str
    kinds: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    max_bytes: int = USUAL_BYTES


_BUILT_IN = (
    _Listed("formats.page_formats:MarkdownPage", ("markdown",)),
    _Listed("formats.page_formats:MarkupPage", ("html", "mail")),
    _Listed("formats.page_formats:PlainText", ("text",)),
    _Listed("formats.page_formats:ConvertedPage", tuple(sorted(CONVERTED)), max_bytes=64 * _MIB),  # mostly pictures
    _Listed("formats.page_formats:Mbox", ("mbox",), max_bytes=256 * _MIB),
    _Listed("feeds.episodes:FeedFile", ("feed", "json")),
    _Listed("feeds.episodes:KeptFeed", ("kept feed",), max_bytes=256 * _MIB),  # fetching has limits of its own
    _Listed("formats.post_export:PostExport", ("json", "html"), max_bytes=64 * _MIB),  # it contains icons of sites
    _Listed("formats.post_export:PostStream", names=("outbox.json",), max_bytes=4096 * _MIB),
    _Listed("formats.post_export:PostStream", ("car",), max_bytes=512 * _MIB),
    _Listed("formats.post_export:XArchive", names=("manifest.js",), max_bytes=8192 * _MIB),
    _Listed(
        "formats.post_export:XZip", ("zip",), max_bytes=1 << 40
    ),  # it contains pictures and films, which are not read
    _Listed("formats.record_lists:CsvFile", ("csv",), max_bytes=1024 * _MIB),
    _Listed("formats.record_lists:Table", ("rows",), max_bytes=64 * _MIB),
    _Listed("transcripts.transcript_file:Captions", ("captions",), max_bytes=32 * _MIB),
    _Listed("transcripts.transcript_file:SpokenJson", ("json",), max_bytes=32 * _MIB),
    _Listed("formats.record_lists:JsonList", ("json",)),
    _Listed("formats.record_lists:YamlList", ("yaml",)),
)
_log = logging.getLogger(__name__)


@cache
def _by_key() -> dict[str, list[_Listed | Format]]:
    """Return the formats of each ending and each whole name."""
    by_key: dict[str, list[_Listed | Format]] = {}
    for listed in _BUILT_IN:
        for key in (*endings_of(*filter(is_usable, listed.kinds)), *listed.names):
            by_key.setdefault(key, []).append(listed)
    for plugin in _plugins():
        for key in (*plugin.suffixes, *plugin.file_names):
            by_key.setdefault(key, []).append(plugin)
    return by_key


@lru_cache(maxsize=_REMEMBERED_NAMES)
def _key_of(name: str) -> str:
    """Return the key of a file: its whole name, else its ending; ``""`` if nothing reads it."""
    lower = name.lower()
    return next((key for key in (lower, ending_of(lower)) if key in _by_key()), "")


def is_readable(name: str) -> bool:
    """Whether there is a format for a file of this name."""
    return bool(_key_of(name))


def limit_of(name: str) -> int:
    """Return the largest size, in bytes, of a file of this name that is read."""
    return _limit(_key_of(name))


@cache
def _limit(key: str) -> int:
    return max((one.max_bytes for one in _by_key().get(key, ())), default=USUAL_BYTES)


def format_of(name: str) -> Format | None:
    """Return the format of a file by its name; ``None`` if nothing reads it."""
    return _format(key) if (key := _key_of(name)) else None


def merges(name: str) -> bool:
    """Whether an episode in several files of this format is merged from all of them."""
    form = format_of(name)
    return form is not None and form.merges


def parts_of(location: str) -> Sequence[Path]:
    """Return all files that are read together with one, including itself; none if it is read alone."""
    key = _key_of(os.path.basename(location))  # noqa: PTH119 - called for thousands of paths
    return _format(key).parts(Path(location)) if _has_parts(key) else ()


@cache
def _has_parts(key: str) -> bool:
    """Whether files with this key may have parts; built-in formats have them only under whole names."""
    return bool(key) and not (key.startswith(".") and all(isinstance(one, _Listed) for one in _by_key()[key]))


@cache
def _format(key: str) -> Format:
    several = [_loaded(one) if isinstance(one, _Listed) else one for one in _by_key()[key]]
    return several[0] if len(several) == 1 else _Shared(several)


@cache
def _loaded(listed: _Listed) -> Format:
    module, _, name = listed.place.partition(":")
    form: Format = getattr(importlib.import_module(f"zunda_mcp.reading.{module}"), name)()
    form.max_bytes = listed.max_bytes
    return form


def _plugins() -> list[Format]:
    """Return the formats of installed plug-ins. Faulty ones are logged and left out."""
    plugins: list[Format] = []
    for name in plugin_names(GROUP):
        try:
            plugins.append(load_plugin(GROUP, name, "format", _made))
        except SettingsError as error:
            _log.warning("%s It is left out.", error)
    return plugins


def _made(plugin: Callable[[], Format]) -> Format:
    if not isinstance(form := plugin(), Format):
        raise TypeError(f"{type(form).__name__} is not a Format")
    return form


class _Shared(Format):
    """Text formats that share a file ending. The first that claims a text reads it; fallbacks come last."""

    def __init__(self, several: Sequence[Format]) -> None:
        self._formats = sorted(several, key=lambda one: one.fallback)
        self.max_bytes = max(one.max_bytes for one in several)
        self.merges = any(one.merges for one in several)

    def read(self, text: str, origin: Origin) -> Drafts:
        """Read a text with the first format that claims it, unless it is too large for that format."""
        chosen = next((one for one in self._formats if one.claims(text)), None)
        if chosen is None:
            return [], []
        if len(text) > chosen.max_bytes:
            return [], [origin.problem(too_big(len(text), chosen.max_bytes), skipped=True)]
        return chosen.read(text, origin)
