"""What installed distributions add: formats, embedders and engines, found by entry points.

The group of an entry point says what kind of plug-in it is (``zunda_mcp.formats``), its name which one. Nothing is
loaded by being installed: each kind says when one of its own is. A distribution names what it has in its
``pyproject.toml``, as ``examples/format-plugin`` does::

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
    """The names of the installed plug-ins of a group, sorted."""
    from importlib.metadata import entry_points  # start-up

    return sorted(entry_points(group=group).names)


def load_plugin(group: str, name: str, kind: str, make: Callable[[Any], _Plugin]) -> _Plugin:
    """What ``make`` makes of the object that an entry point names; ``kind`` is what a message calls such a plug-in
    (``embedder``).

    Raises ``SettingsError``, whatever the plug-in raises.
    """
    from importlib.metadata import entry_points  # start-up

    try:
        return make(entry_points(group=group)[name].load())
    except Exception as error:
        msg = f"The {kind} {name} cannot be loaded ({type(error).__name__}: {error}); mend its plug-in."
        raise SettingsError(msg) from error
