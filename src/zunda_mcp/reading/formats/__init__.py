"""The formats that episodes may be written in, found by file ending or whole name.

The built-in ones are listed in `_BUILT_IN`; installed distributions add theirs as entry points of the group
``zunda_mcp.formats`` (see ``examples/format-plugin``). Every one is a class like `Format`.
"""

from __future__ import annotations

import importlib
import logging
import os
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from zunda_mcp.config.plugins import load_plugin, plugin_names
from zunda_mcp.errors import SettingsError
from zunda_mcp.reading.formats.format import USUAL_BYTES, Format
from zunda_mcp.reading.source_file import too_big

if TYPE_CHECKING:
    from zunda_mcp.models import Problem
    from zunda_mcp.reading.detection.conventions import Origin
    from zunda_mcp.reading.draft import Draft

__all__ = ["GROUP", "USUAL_BYTES", "Format", "format_of", "formats", "limit_of", "merges"]

GROUP = "zunda_mcp.formats"
"""The entry point group of plug-ins."""

_BUILT_IN = (
    "post_export:BlueskyRepository",
    "post_export:BookmarkFile",
    "captions:Captions",
    "converted_page:ConvertedPage",
    "lists_and_tables:CsvFile",
    "feed_file:FeedFile",
    "lists_and_tables:JsonList",
    "kept_feed:KeptFeed",
    "markdown_page:MarkdownPage",
    "markup_page:MarkupPage",
    "mbox:Mbox",
    "post_export:Outbox",
    "plain_text:PlainText",
    "post_export:PostExport",
    "spoken_json:SpokenJson",
    "lists_and_tables:Table",
    "x_archive:XArchive",
    "x_archive:XZip",
)
_log = logging.getLogger(__name__)


@cache
def formats() -> dict[str, Format]:
    """Return the format for each file ending and each whole name."""
    by_key: dict[str, list[Format]] = {}
    for one in (*_built_in(), *_plugins()):
        for key in (*one.suffixes, *one.file_names):
            by_key.setdefault(key, []).append(one)
    return {key: several[0] if len(several) == 1 else _Shared(several) for key, several in by_key.items()}


def format_of(name: str) -> Format | None:
    """Return the format of a file by its name, the whole name first."""
    lower = name.lower()
    return formats().get(lower) or formats().get(os.path.splitext(lower)[1])  # noqa: PTH122 - a scan has names alone


def limit_of(name: str) -> int:
    """Return how many bytes a file of this name may have."""
    form = format_of(name)
    return form.max_bytes if form is not None else USUAL_BYTES


def merges(name: str) -> bool:
    """Return whether an episode that stands in several files like this is made of all of them."""
    form = format_of(name)
    return form is not None and form.merges


def _built_in() -> list[Format]:
    pairs = [entry.split(":") for entry in _BUILT_IN]
    return [getattr(importlib.import_module(f"{__name__}.{module}"), name)() for module, name in pairs]


def _plugins() -> list[Format]:
    """Return the formats of installed plug-ins. A faulty one is logged and left out."""
    plugins: list[Format] = []
    for name in plugin_names(GROUP):
        try:
            plugins.append(load_plugin(GROUP, name, "format", _made))
        except SettingsError as error:
            _log.warning("%s It is left out.", error)
    return plugins


def _made(plugin: Callable[[], Format]) -> Format:
    form = plugin()
    if not isinstance(form, Format):
        raise TypeError(f"{type(form).__name__} is no Format")
    return form


class _Shared(Format):
    """Text formats that share a file ending: the first that claims a text reads it, fallbacks last."""

    def __init__(self, several: Sequence[Format]) -> None:
        self._formats = sorted(several, key=lambda one: one.fallback)
        self.max_bytes = max(one.max_bytes for one in several)  # type: ignore[misc]
        self.merges = any(one.merges for one in several)  # type: ignore[misc]

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read with the first that claims the text, unless that reads none so large."""
        chosen = next((one for one in self._formats if one.claims(text)), None)
        if chosen is None:
            return [], []
        if len(text) > chosen.max_bytes:
            return [], [origin.problem(too_big(len(text), chosen.max_bytes), skipped=True)]
        return chosen.read(text, origin)

    def merged(self, drafts: Sequence[Draft]) -> Draft:
        """Make one episode of what several files hold of a day."""
        return next(one for one in self._formats if one.merges).merged(drafts)
