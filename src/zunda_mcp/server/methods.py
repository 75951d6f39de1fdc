"""The methods of the protocol, in one table for both servers: from the parameters of a request to its result.

The light server (``stdio.light``) and the server on the SDK (``sdk``) send these results, which are plain JSON with the
protocol's names. Methods may block and belong in a thread, except those in ``IMMEDIATE``. Modules of single methods are
imported inside functions, so that the server starts without them.

Formats: MCP specification 2024-11-05 to 2025-11-25 (``initialize``) and 2026-07-28 (``server/discover``).
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal

from zunda_mcp.errors import NotFoundError, ZundaError
from zunda_mcp.server.dispatch import LazyArchive, refusal, respond, unknown_tool
from zunda_mcp.server.timeline_app import EXTENSION
from zunda_mcp.server.tools import TOOLS, Tool

__all__ = [
    "CACHE", "HANDSHAKES", "IMMEDIATE", "INVALID_PARAMS", "MODERN", "Refused", "capabilities", "declarations",
    "modern_result", "result", "served", "well_formed",
]  # fmt: skip

HANDSHAKES = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
"""The versions that begin with ``initialize``."""
MODERN = "2026-07-28"
"""The version without a handshake, which begins with ``server/discover``."""

_WITHOUT_LINKS = HANDSHAKES[:2]
"""The versions without resource links in tool results; their clients reject a result that has one."""

INVALID_PARAMS = -32602
_INTERNAL = -32603
_NO_RESOURCE = -32002
"""Resource not found, in versions with a handshake; 2026-07-28 uses ``INVALID_PARAMS`` for it."""

_HOUR = 3_600_000
CACHE: dict[str, tuple[int, Literal["public", "private"]]] = {
    "tools/list": (_HOUR, "public"),
    "prompts/list": (_HOUR, "public"),
    "resources/templates/list": (_HOUR, "public"),
    "resources/list": (0, "private"),
    "resources/read": (0, "private"),
    "server/discover": (0, "private"),
}
"""How long a result may be cached, in milliseconds, and for whom. Results from the archive are never cached."""

IMMEDIATE = frozenset({"tools/list", "prompts/list", "resources/templates/list"})
"""Methods that do not need the archive."""

_Params = Mapping[str, Any]
_Result = dict[str, Any]

_log = logging.getLogger(__name__)


class Refused(Exception):  # noqa: N818  (it is an answer, not an error)
    """A request that is answered with a JSON-RPC error."""

    def __init__(self, code: int, message: str, data: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


def capabilities(*, modern: bool, notify: bool = True) -> _Result:
    """Return the capabilities of the server. ``modern`` means 2026-07-28; ``notify``, that it can send notifications.

    Tools and prompts never change while a server runs, so their notifications are not offered. ``extensions`` is new in
    2026-07-28; clients of earlier versions find the app through the tool that names it.
    """
    offered: _Result = {
        "tools": {"listChanged": False},
        "resources": {"subscribe": notify, "listChanged": notify},
        "prompts": {"listChanged": False},
        "completions": {},
    }
    return {**offered, "extensions": {EXTENSION: {}}} if modern else offered


def result(opening: LazyArchive, method: str, params: _Params, era: str) -> _Result:
    """Return the result of one request whose parameters have passed ``well_formed``.

    Raises:
        Refused: The request cannot be answered; nothing else is raised.
    """
    try:
        answered = _METHODS[method](opening, params)
        return _without_links(answered) if era in _WITHOUT_LINKS and "content" in answered else answered
    except Refused:
        raise
    except NotFoundError as error:
        if method != "resources/read":
            raise Refused(INVALID_PARAMS, refusal(error)) from error
        code = INVALID_PARAMS if era == MODERN else _NO_RESOURCE
        raise Refused(code, refusal(error), {"uri": params["uri"][:500]}) from error
    except ZundaError as error:
        raise Refused(INVALID_PARAMS, refusal(error)) from error
    except Exception as error:
        _log.exception("%s failed", method)
        msg = f"{method} failed because of a fault in the server, which is in its log; zunda-mcp doctor checks more."
        raise Refused(_INTERNAL, msg) from error


def modern_result(method: str, plain: _Result) -> _Result:
    """Return a result in the form of 2026-07-28: marked as complete, with the caching hints of ``CACHE``."""
    ttl, scope = CACHE.get(method, (None, None))
    hints = {} if ttl is None else {"ttlMs": ttl, "cacheScope": scope}
    return {**plain, **hints, "resultType": "complete"}


def served(method: str) -> bool:
    """Whether ``result`` knows a method."""
    return method in _METHODS


def well_formed(method: str, params: _Params) -> bool:
    """Whether the parameters have the types of the specification; their values are not checked."""
    return all(_is(params.get(name), kind) for name, kind in _SHAPES[method].items())


# --- the methods


def _without_links(called: _Result) -> _Result:
    return {**called, "content": [block for block in called["content"] if block["type"] != "resource_link"]}


def _call_tool(opening: LazyArchive, params: _Params) -> _Result:
    name = params["name"]
    if all(tool.name != name for tool in opening.tools):
        raise Refused(INVALID_PARAMS, unknown_tool(name, opening.tools))
    reply = respond(opening, name, params.get("arguments"))
    called: _Result = {"content": [{"type": "text", "text": reply.text}, *reply.links], "isError": reply.refused}
    return called if reply.data is None else {**called, "structuredContent": reply.data}


def _list_tools(opening: LazyArchive, params: _Params) -> _Result:
    _only_page(params)
    return {"tools": declarations(opening.tools)}


def _list_resources(opening: LazyArchive, params: _Params) -> _Result:
    from zunda_mcp.server.resources import list_resources  # start-up
    from zunda_mcp.server.timeline_app import list_apps  # start-up

    page = list_resources(opening.get(), params.get("cursor"))
    return page if params.get("cursor") else {**page, "resources": [*page["resources"], *list_apps()]}


def _list_templates(_opening: LazyArchive, params: _Params) -> _Result:
    from zunda_mcp.server.resources import list_templates  # start-up

    _only_page(params)
    return list_templates()


def _read_resource(opening: LazyArchive, params: _Params) -> _Result:
    from zunda_mcp.server.resources import read_resource  # start-up
    from zunda_mcp.server.timeline_app import read_app  # start-up

    if (app := read_app(params["uri"])) is not None:
        return app
    return read_resource(opening.get(), params["uri"])


def _list_prompts(_opening: LazyArchive, params: _Params) -> _Result:
    from zunda_mcp.server.prompts import list_prompts  # start-up

    _only_page(params)
    return list_prompts()


def _get_prompt(opening: LazyArchive, params: _Params) -> _Result:
    from zunda_mcp.server.prompts import get_prompt  # start-up

    today: dt.date | None = None
    language: str | None = None
    with suppress(ZundaError):  # a prompt is text, and works before the archive can be read
        about = opening.get().about()
        today, language = dt.date.fromisoformat(about.today), about.language
    return get_prompt(params["name"], params.get("arguments"), today, language)


def _completion(opening: LazyArchive, params: _Params) -> _Result:
    from zunda_mcp.server.completion import complete  # start-up

    return complete(opening.get(), params["ref"], params["argument"], params.get("context"))


def _only_page(params: _Params) -> None:
    """Refuse a cursor for a list that fits on one page and so never gave one."""
    if params.get("cursor") is not None:
        raise Refused(INVALID_PARAMS, "This list has one page and gives no cursor; ask again without one.")


def declarations(tools: Sequence[Tool] = TOOLS) -> list[_Result]:
    """Return the tools in the form of the protocol's list."""
    listed = []
    for tool in tools:
        declared: _Result = {
            "name": tool.name,
            "title": tool.title,
            "description": tool.description,
            "inputSchema": tool.input_schema(),
            # The other hints do not apply to a tool that only reads.
            "annotations": {"readOnlyHint": True, "openWorldHint": False},
        }
        listed.append({**declared, "_meta": tool.meta} if tool.meta else declared)
    return listed


_METHODS: dict[str, Callable[[LazyArchive, _Params], _Result]] = {
    "tools/list": _list_tools,
    "tools/call": _call_tool,
    "resources/list": _list_resources,
    "resources/templates/list": _list_templates,
    "resources/read": _read_resource,
    "prompts/list": _list_prompts,
    "prompts/get": _get_prompt,
    "completion/complete": _completion,
}

_PAGE = {"cursor": "text?"}
_SHAPES: dict[str, dict[str, str]] = {
    "tools/list": _PAGE,
    "tools/call": {"name": "text", "arguments": "object?"},
    "resources/list": _PAGE,
    "resources/templates/list": _PAGE,
    "resources/read": {"uri": "text"},
    "prompts/list": _PAGE,
    "prompts/get": {"name": "text", "arguments": "texts?"},
    "completion/complete": {"ref": "reference", "argument": "argument", "context": "object?"},
}


def _is(value: object, kind: str) -> bool:
    if value is None and kind.endswith("?"):
        return True
    if kind.rstrip("?") == "text":
        return isinstance(value, str)
    if not isinstance(value, dict):
        return False
    texts: Iterable[object] = ()
    match kind:
        case "texts?":
            texts = value.values()
        case "argument":
            texts = value.get("name"), value.get("value")
        case "reference":
            texts = (value.get({"ref/prompt": "name", "ref/resource": "uri"}.get(str(value.get("type")), "")),)
    return all(isinstance(text, str) for text in texts)
