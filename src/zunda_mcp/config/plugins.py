"""Formats, embedders and engines from other installed distributions, found by entry points.

The group of an entry point is the kind of plug-in (``zunda_mcp.formats``); its name is the plug-in's. Installing one
does not load it: each kind says when it is loaded. A distribution lists its plug-ins in its ``pyproject.toml``, as
``examples/format-plugin`` does::

    [project.entry-points."zunda_mcp.formats"]
    minutes = "my_package:Minutes"
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from zunda_mcp.errors import SettingsError

__all__ = ["load_plugin", "plugin_names"]

_Plugin = TypeVar("_Plugin")


def plugin_names(group: str) -> list[str]:
    """Return the sorted names of the installed plug-ins of a group."""
    from importlib.metadata import entry_points  # start-up

    return sorted(entry_points(group=group).names)


def load_plugin(group: str, name: str, kind: str, make: Callable[[Any], _Plugin]) -> _Plugin:
    """Load the object that an entry point names, and return what ``make`` makes from it.

    ``kind`` is the word for such a plug-in in messages (``embedder``). Raises ``SettingsError``, whatever the plug-in
    raises.
    """
    from importlib.metadata import entry_points  # start-up

    try:
        return make(entry_points(group=group)[name].load())
    except Exception as error:
        msg = f"The {kind} {name} cannot be loaded ({type(error).__name__}: {error}); mend its plug-in."
        raise SettingsError(msg) from error
