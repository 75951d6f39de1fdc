"""Open the engine that the settings name: the embedded one, or by its address an OpenSearch cluster (``http``,
``https``) or the engine of an installed plug-in.

A plug-in is a function with the arguments and the result of ``OpenEngines``, which its distribution names as an entry
point of the group ``zunda_mcp.engines``. The name of the entry point is the scheme of its addresses: ``--engine
vespa://host/NAME`` opens the one named ``vespa``. To install a plug-in is not enough to use it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from zunda_mcp.config.plugins import load_plugin, plugin_names
from zunda_mcp.engine.local import LocalEngines
from zunda_mcp.errors import SettingsError

if TYPE_CHECKING:
    from zunda_mcp.config.settings import Settings
    from zunda_mcp.embeddings.embedder import Embedder
    from zunda_mcp.engine.base import EngineSource
    from zunda_mcp.index.live import LiveIndex

__all__ = ["GROUP", "OpenEngines", "open_engines"]

GROUP = "zunda_mcp.engines"
"""The entry point group of plug-ins."""

_CLUSTER = ("http", "https")


class OpenEngines(Protocol):
    """Opens the engines of a remote index."""

    def __call__(
        self,
        address: str,
        live: LiveIndex | None,
        aliases: Callable[[], Mapping[str, tuple[str, ...]]],
        embedder: Callable[[], Embedder | None],
        /,
    ) -> EngineSource:
        """Return the engines at ``address``, kept up to date with ``live``; without it they are only queried.

        Raises ``SettingsError`` if the address is invalid, or a package that is needed is not installed.
        """


def open_engines(
    settings: Settings,
    live: LiveIndex,
    aliases: Callable[[], Mapping[str, tuple[str, ...]]],
    embedder: Callable[[], Embedder | None],
) -> EngineSource:
    """Return the engines that the settings name: the embedded ones over ``live`` if they name none.

    Raises ``SettingsError`` as ``OpenEngines`` does, and for a scheme that no engine reads.
    """
    address = settings.engine
    if address is None:
        return LocalEngines(live, aliases, embedder)
    scheme, separator, _ = address.partition("://")
    scheme = scheme.lower()
    if not separator or scheme in _CLUSTER:
        from zunda_mcp.engine.opensearch.engine_source import cluster_engines  # optional: the extra opensearch

        opened: OpenEngines = cluster_engines
    else:
        names = plugin_names(GROUP)
        if scheme not in names:
            schemes = ", ".join(f"{one}://" for one in (*_CLUSTER, *names))
            raise SettingsError(f"No engine reads addresses that begin with {scheme[:40]}://; there are {schemes}.")
        opened = load_plugin(GROUP, scheme, "engine", lambda engine: engine)
    return opened(address, None if settings.is_remote else live, aliases, embedder)
