"""The server that the conformance suite asks: its fixtures, behind our own HTTP transport and middleware.

Run with a port of the loopback; it stops on SIGTERM. It exists for the suite alone, which calls tools, resources and
prompts of fixed names that no real server has.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

import mcp_types as types
from fixture_content import (
    NO_ARGUMENTS,
    PLAIN_TOOLS,
    PROMPTS,
    RESOURCES,
    SCHEMAS,
    TEMPLATES,
    Wire,
    prompt,
    read,
)
from fixture_rounds import ROUNDS, prompt_round
from fixture_tools import ACTIVE_TOOLS, BUS, Context
from mcp.server.lowlevel import Server
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity
from mcp.server.subscriptions import ListenHandler
from mcp.shared.exceptions import MCPDeprecationWarning, MCPError
from pydantic import BaseModel

from zunda_mcp.config.http_options import HttpOptions
from zunda_mcp.server.http.app import HttpApp, Served
from zunda_mcp.server.http.uvicorn_server import AppServer, listen

_NAME = "zunda-mcp-conformance"
TOOL_NAMES = sorted([*PLAIN_TOOLS, *ACTIVE_TOOLS, *ROUNDS])


def _unknown(what: str, name: str) -> MCPError:
    return MCPError(code=types.INVALID_PARAMS, message=f"There is no {what} {name!r}.")


async def _list_tools(_context: Context, _params: object) -> Wire:
    tools = [
        {"name": name, "description": f"Fixture {name}.", "inputSchema": SCHEMAS.get(name, NO_ARGUMENTS)}
        for name in TOOL_NAMES
    ]
    return {"tools": tools}


async def _call_tool(context: Context, params: types.CallToolRequestParams) -> Wire:
    if params.name in PLAIN_TOOLS:
        return PLAIN_TOOLS[params.name]
    if params.name in ACTIVE_TOOLS:
        return await ACTIVE_TOOLS[params.name](context, params.arguments or {})
    if params.name in ROUNDS:
        able = context.session.client_capabilities
        can = able.model_dump(by_alias=True, exclude_none=True) if able is not None else {}
        return ROUNDS[params.name](_answers(context), params.request_state, can)
    raise _unknown("tool", params.name)


def _answers(context: Context) -> Wire:
    answers: Wire = dict((context.params or {}).get("inputResponses") or {})
    return answers


async def _list_resources(_context: Context, _params: object) -> Wire:
    return {"resources": RESOURCES}


async def _list_templates(_context: Context, _params: object) -> Wire:
    return {"resourceTemplates": TEMPLATES}


async def _read(_context: Context, params: types.ReadResourceRequestParams) -> Wire:
    uri = str(params.uri)
    contents = read(uri)
    if contents is None:
        raise MCPError(code=types.INVALID_PARAMS, message=f"There is no resource {uri!r}.", data={"uri": uri})
    return {"contents": [contents]}


async def _list_prompts(_context: Context, _params: object) -> Wire:
    return {"prompts": PROMPTS}


async def _get_prompt(context: Context, params: types.GetPromptRequestParams) -> Wire:
    if params.name == "test_input_required_result_prompt":
        return prompt_round(_answers(context))
    contents = prompt(params.name, params.arguments or {})
    if contents is None:
        raise _unknown("prompt", params.name)
    return {"messages": [{"role": "user", "content": content} for content in contents]}


async def _complete(_context: Context, params: types.CompleteRequestParams) -> Wire:
    values = [word for word in ("paris", "park", "party") if word.startswith(params.argument.value)]
    return {"completion": {"values": values, "total": len(values), "hasMore": False}}


async def _nothing(_context: Context, _params: object) -> Wire:
    return {}


_Handler = Callable[[Context, Any], Awaitable[Wire]]
_METHODS: dict[str, tuple[type[BaseModel], _Handler, type[types.Result]]] = {
    "tools/list": (types.PaginatedRequestParams, _list_tools, types.ListToolsResult),
    "tools/call": (types.CallToolRequestParams, _call_tool, types.CallToolResult),
    "resources/list": (types.PaginatedRequestParams, _list_resources, types.ListResourcesResult),
    "resources/templates/list": (types.PaginatedRequestParams, _list_templates, types.ListResourceTemplatesResult),
    "resources/read": (types.ReadResourceRequestParams, _read, types.ReadResourceResult),
    "resources/subscribe": (types.SubscribeRequestParams, _nothing, types.EmptyResult),
    "resources/unsubscribe": (types.UnsubscribeRequestParams, _nothing, types.EmptyResult),
    "prompts/list": (types.PaginatedRequestParams, _list_prompts, types.ListPromptsResult),
    "prompts/get": (types.GetPromptRequestParams, _get_prompt, types.GetPromptResult),
    "completion/complete": (types.CompleteRequestParams, _complete, types.CompleteResult),
    "logging/setLevel": (types.SetLevelRequestParams, _nothing, types.EmptyResult),
}


def _typed(handler: _Handler, result: type[types.Result]) -> Callable[[Context, Any], Awaitable[types.Result]]:
    """The handler with its answer as a model, which knows what each era adds to a result."""

    async def handle(context: Context, params: Any) -> types.Result:
        answered = await handler(context, params)
        asks = answered.get("resultType") == "input_required"
        return (types.InputRequiredResult if asks else result).model_validate(answered)

    return handle


def build_fixture_server() -> Server[Any]:
    """A low-level server with everything the suite asks for, ready for any transport."""
    server: Server[Any] = Server(
        _NAME,
        version="1",
        on_subscriptions_listen=ListenHandler(BUS),
        get_tool_input_schema=lambda name: SCHEMAS.get(name, NO_ARGUMENTS),
    )
    for method, (params, handler, result) in _METHODS.items():
        server.add_request_handler(method, params, _typed(handler, result))
    server.middleware.append(RequestStateBoundary(RequestStateSecurity.ephemeral(), default_audience=_NAME))
    return server


def main() -> None:
    """Serve the fixtures on a port of the loopback until told to stop, as ``zunda-mcp serve --http`` serves."""
    warnings.simplefilter("ignore", MCPDeprecationWarning)  # sampling and logging are what is being tested
    options = HttpOptions(port=int(sys.argv[1]))
    AppServer(HttpApp(options, lambda _: Served(build_fixture_server(), dict)), options).run(listen(options))


if __name__ == "__main__":
    main()
