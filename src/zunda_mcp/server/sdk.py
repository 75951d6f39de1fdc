"""The server on the MCP SDK: every method of the protocol, any transport, both eras.

The SDK's low-level server is used because it leaves arguments and answers to us. Importing it is most of a cold
start, so nothing outside this module and ``behind`` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zunda_mcp import __version__
from zunda_mcp.server import render
from zunda_mcp.server.answering import Opening, respond, unknown_tool
from zunda_mcp.server.front import LIST_TTL_MS, declarations
from zunda_mcp.server.tools import BY_NAME

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server


def build_server(opening: Opening, instructions: str | None = None) -> Server[Any]:
    """The server over an archive, ready to be run on any transport."""
    import mcp_types as types
    from anyio import to_thread
    from mcp.server.caching import CacheHint
    from mcp.server.lowlevel import Server
    from mcp.shared.exceptions import MCPError

    listed = [types.Tool.model_validate(declared) for declared in declarations()]

    async def on_list_tools(_context: object, _params: object) -> types.ListToolsResult:
        return types.ListToolsResult(tools=listed)

    async def on_call_tool(_context: object, params: types.CallToolRequestParams) -> types.CallToolResult:
        if params.name not in BY_NAME:
            raise MCPError(code=types.INVALID_PARAMS, message=unknown_tool(params.name))
        reply = await to_thread.run_sync(
            lambda: respond(opening, params.name, params.arguments), abandon_on_cancel=True
        )
        content: list[types.ContentBlock] = [types.TextContent(text=reply.text)]
        if reply.refused:
            return types.CallToolResult(content=content, is_error=True)
        return types.CallToolResult(content=content, structured_content=reply.data)

    return Server(
        "zunda-mcp",
        version=__version__,
        title="zunda-mcp",
        instructions=instructions or render.instructions(None),
        cache_hints={"tools/list": CacheHint(ttl_ms=LIST_TTL_MS, scope="public")},
        on_list_tools=on_list_tools,
        on_call_tool=on_call_tool,
    )
