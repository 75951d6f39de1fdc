"""The MCP server over stdio: handshake, list of tools, calls.

``mcp`` speaks both eras of the protocol (``initialize`` and ``server/discover``); its low-level server is used because
it leaves arguments and answers to us. Importing it is most of a cold start, so it is imported when serving begins and
nothing else waits for it: the archive opens in the background, and the handshake never waits for an index.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

from zunda_mcp.errors import ZundaError
from zunda_mcp.server import render
from zunda_mcp.server.answering import Archive, Opening, answer, refusal
from zunda_mcp.server.arguments import near
from zunda_mcp.server.clean import one_line, shorten
from zunda_mcp.server.tools import BY_NAME, TOOLS

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server
    from mcp_types import Tool

    from zunda_mcp.settings import Settings

logger = logging.getLogger(__name__)

_GREETING_WAIT = 0.5
"""How long, in seconds, the handshake may wait for an index that is there to say what is in it."""
_GLANCE = 0.01
"""How often, in seconds, it is looked whether the archive is open."""
_CLOSING_WAIT = 0.2
"""How long, in seconds, the end waits for the archive to close; its index survives being left open."""


def serve(settings: Settings) -> None:
    """Serve the archive over stdin and stdout until stdin ends or a signal comes.

    Returns when stdin has ended and nothing is left running; where a thread still is (a search, the building of an
    index), the process ends here, because the client is gone and waits for nothing. SIGINT and SIGTERM end it at
    once: the index is written so that a writer may die at any moment.
    """
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # what is installed for others stays out
    _log_to_stderr()
    _die_on_signals()
    gc.disable()  # importing makes many objects and no garbage
    opening = Opening(lambda: _open(settings))
    import anyio

    server = build_server(opening)
    greeting = threading.Thread(target=_greet, args=(server, opening), name="greeting", daemon=True)
    greeting.start()
    if settings.index.is_dir():
        greeting.join(_GREETING_WAIT)
    gc.enable()
    gc.freeze()
    anyio.run(_run, server)
    closing = threading.Thread(target=opening.close, name="closing", daemon=True)
    closing.start()
    closing.join(_CLOSING_WAIT)
    if any(thread.is_alive() and thread is not threading.main_thread() for thread in threading.enumerate()):
        sys.stderr.flush()
        os._exit(0)


def build_server(opening: Opening, instructions: str | None = None) -> Server[Any]:
    """The server over an archive, ready to be run on any transport."""
    import mcp_types as types
    from anyio import to_thread
    from mcp.server.caching import CacheHint
    from mcp.server.lowlevel import Server
    from mcp.shared.exceptions import MCPError

    listed = [_declared(tool.name) for tool in TOOLS]

    async def on_list_tools(_context: object, _params: object) -> types.ListToolsResult:
        return types.ListToolsResult(tools=listed)

    async def on_call_tool(_context: object, params: types.CallToolRequestParams) -> types.CallToolResult:
        if params.name not in BY_NAME:
            raise MCPError(code=types.INVALID_PARAMS, message=_unknown_tool(params.name))
        try:
            reply = await to_thread.run_sync(
                lambda: answer(opening.get(), params.name, params.arguments), abandon_on_cancel=True
            )
        except ZundaError as error:
            return _refused(refusal(error))
        except Exception:
            logger.exception("%s failed", params.name)
            return _refused(
                f"{params.name} could not answer because of a fault in the server, which is in its log. "
                "Try a simpler call; `zunda-mcp doctor` checks the archive and its index."
            )
        return types.CallToolResult(content=[types.TextContent(text=reply.text)], structured_content=reply.data)

    def _refused(text: str) -> types.CallToolResult:
        return types.CallToolResult(content=[types.TextContent(text=text)], is_error=True)

    return Server(
        "zunda-mcp",
        version=_version(),
        title="zunda-mcp",
        instructions=instructions or render.instructions(None),
        cache_hints={"tools/list": CacheHint(ttl_ms=3_600_000, scope="public")},
        on_list_tools=on_list_tools,
        on_call_tool=on_call_tool,
    )


def _declared(name: str) -> Tool:
    """A tool as the protocol lists it."""
    import mcp_types as types

    tool = BY_NAME[name]
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.input_schema(),
        output_schema=tool.output_schema(),
        annotations=types.ToolAnnotations(
            read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
        ),
    )


def _unknown_tool(name: str) -> str:
    names = tuple(tool.name for tool in TOOLS)
    meant = near(name[:100], names)
    offered = f"did you mean {meant[0]}?" if meant else f"there are {', '.join(names)}."
    return f'Unknown tool "{shorten(one_line(name), 60)}"; {offered}'


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("zunda-mcp")
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "0"


def _open(settings: Settings) -> Archive:
    from zunda_mcp.library import Library

    return Library.open(settings)


def _greet(server: Server[Any], opening: Opening) -> None:
    """Open the archive, and tell in the instructions what is in it as soon as that is known."""
    try:
        archive = opening.get()
        archive.start()
        while not (fresh := archive.freshness()).episodes:
            if fresh.state != "building" or opening.closed.wait(_GLANCE):
                return
        server.instructions = render.instructions(fresh)
    except ZundaError as error:
        logger.warning("%s", error)  # every call will say so too
    except Exception:
        logger.exception("the archive could not be opened")


async def _run(server: Server[Any]) -> None:
    """Serve one client on the standard streams; a client that is gone is an end, not a failure."""
    from mcp.server.stdio import stdio_server

    try:
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())
    except* OSError:
        logger.info("the client closed its end while an answer was on its way")


def _log_to_stderr() -> None:
    """stdout belongs to the protocol. Whoever has set up logging before keeps it."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="zunda-mcp: %(levelname)s: %(message)s")


def _die_on_signals() -> None:
    """Let the system end the process: a handler would wait for a thread that blocks on reading stdin."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
