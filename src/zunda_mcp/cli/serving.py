"""``zunda-mcp serve``: hand stdin and stdout over to the MCP server."""

from __future__ import annotations

import gc

from zunda_mcp.cli.arguments import Arguments
from zunda_mcp.cli.opening import settings_of


def serve(arguments: Arguments) -> bool:
    """Serve until the client goes away. Raises ``SettingsError`` before anything is said to the client."""
    gc.disable()  # importing makes many objects and no garbage; the server enables it when it is up
    from zunda_mcp.server import serve

    serve(settings_of(arguments))
    return True
