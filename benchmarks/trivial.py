"""The least a server on the same SDK can be: one tool that does nothing, on stdio."""

from __future__ import annotations

from mcp.server import MCPServer

server = MCPServer("trivial")


@server.tool()
def nothing(query: str = "") -> str:
    """Nothing."""
    return query


if __name__ == "__main__":
    server.run("stdio")
