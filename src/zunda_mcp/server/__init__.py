"""The MCP face: tools over stdio."""

from __future__ import annotations

from zunda_mcp.server.app import serve

__all__ = ["serve"]
