"""The methods of the protocol, once for both servers: parameters as they came in, the result as it goes out.

The front (``front``) and the server on the SDK (``sdk``) wrap what comes from here. Results are plain JSON with the
names of the wire. Everything may block, and belongs in a thread, where ``IMMEDIATE`` does not name it.

Formats: MCP specification 2024-11-05 to 2025-11-25 (``initialize``) and 2026-07-28 (``server/discover``).
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from zunda_mcp.errors import NotFoundError, ZundaError
from zunda_mcp.server.dispatch import Opening, refusal, respond, unknown_tool
from zunda_mcp.server.timeline_app import EXTENSION
from zunda_mcp.server.tools import BY_NAME, TOOLS

HANDSHAKES = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
MODERN = "2026-07-28"

_WITHOUT_LINKS = HANDSHAKES[:2]
"""The versions that do not know links to resources in an answer; clients of theirs refuse it."""

INVALID_PARAMS = -32602
_INTERNAL = -32603
_NO_RESOURCE = -32002
"""Resource not found, in the eras with a handshake; 2026-07-28 says it with ``INVALID_PARAMS``."""

_HOUR = 3_600_000
CACHE: dict[str, tuple[int, str]] = {
    "tools/list": (_HOUR, "public"),
    "prompts/list": (_HOUR, "public"),
    "resources/templates/list": (_HOUR, "public"),
    "resources/list": (0, "private"),
    "resources/read": (0, "private"),
    "server/discover": (0, "private"),
}
"""How long, in milliseconds, a result may be kept, and whether others may have it: what comes from the files never."""

IMMEDIATE = frozenset({"tools/list", "prompts/list", "resources/templates/list"})
"""Methods that ask nothing of the archive."""

Params = Mapping[str, Any]
Result = dict[str, Any]

logger = logging.getLogger(__name__)


class Refused(Exception):  # noqa: N818  (it is an answer, not a fault)
    """A request that is answered with a JSON-RPC error."""

    def __init__(self, code: int, message: str, data: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


def capabilities(*, modern: bool, notices: bool = True) -> Result:
    """What the server offers; ``modern`` means 2026-07-28. ``notices`` says whether this connection can carry them.

    Tools and prompts never change while a server runs, so no notice of theirs is promised. The extension is a word of
    2026-07-28; clients of the eras before find the app by the tool that names it.
    """
    found: Result = {
        "tools": {"listChanged": False},
        "resources": {"subscribe": notices, "listChanged": notices},
        "prompts": {"listChanged": False},
        "completions": {},
    }
    return {**found, "extensions": {EXTENSION: {}}} if modern else found


def result(opening: Opening, method: str, params: Params, era: str) -> Result:
    """The result of one request whose parameters have the right shape (``well_formed``).

    Raises:
        Refused: The request cannot be answered; nothing else is raised.
    """
    try:
        found = _METHODS[method](opening, params)
        return _without_links(found) if era in _WITHOUT_LINKS and "content" in found else found
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
        logger.exception("%s failed", method)
        said = f"{method} failed because of a fault in the server, which is in its log; zunda-mcp doctor checks more."
        raise Refused(_INTERNAL, said) from error


def complete(method: str, found: Result) -> Result:
    """A result as 2026-07-28 wants it: said to be whole, and how long it may be kept where the method says so."""
    ttl, scope = CACHE.get(method, (None, None))
    kept = {} if ttl is None else {"ttlMs": ttl, "cacheScope": scope}
    return {**found, **kept, "resultType": "complete"}


def served(method: str) -> bool:
    """Whether ``result`` knows a method."""
    return method in _METHODS


def well_formed(method: str, params: Params) -> bool:
    """Whether the parameters have the shape the specification gives; what they say is not looked at."""
    return all(_is(params.get(name), kind) for name, kind in _SHAPES[method].items())


# --- the methods


def _without_links(called: Result) -> Result:
    return {**called, "content": [block for block in called["content"] if block["type"] != "resource_link"]}


def _call_tool(opening: Opening, params: Params) -> Result:
    name = params["name"]
    if name not in BY_NAME:
        raise Refused(INVALID_PARAMS, unknown_tool(name))
    reply = respond(opening, name, params.get("arguments"))
    found: Result = {"content": [{"type": "text", "text": reply.text}, *reply.links], "isError": reply.refused}
    return found if reply.data is None else {**found, "structuredContent": reply.data}


def _list_tools(_opening: Opening, params: Params) -> Result:
    _only_page(params)
    return {"tools": declarations()}


def _list_resources(opening: Opening, params: Params) -> Result:
    from zunda_mcp.server.resources import list_resources
    from zunda_mcp.server.timeline_app import list_apps

    found = list_resources(opening.get(), params.get("cursor"))
    return found if params.get("cursor") else {**found, "resources": [*found["resources"], *list_apps()]}


def _list_templates(_opening: Opening, params: Params) -> Result:
    from zunda_mcp.server.resources import list_templates

    _only_page(params)
    return list_templates()


def _read_resource(opening: Opening, params: Params) -> Result:
    from zunda_mcp.server.resources import read_resource
    from zunda_mcp.server.timeline_app import read_app

    if (app := read_app(params["uri"])) is not None:
        return app
    return read_resource(opening.get(), params["uri"])


def _list_prompts(_opening: Opening, params: Params) -> Result:
    from zunda_mcp.server.prompts import list_prompts

    _only_page(params)
    return list_prompts()


def _get_prompt(opening: Opening, params: Params) -> Result:
    from zunda_mcp.server.prompts import get_prompt

    today: dt.date | None = None
    language: str | None = None
    with suppress(ZundaError):  # a prompt is text: it can be had before the archive can be read
        about = opening.get().about()
        today, language = dt.date.fromisoformat(about.today), about.language
    return get_prompt(params["name"], params.get("arguments"), today, language)


def _completion(opening: Opening, params: Params) -> Result:
    from zunda_mcp.server.completion import complete

    return complete(opening.get(), params["ref"], params["argument"], params.get("context"))


def _only_page(params: Params) -> None:
    """Lists that fit one page give no cursor, so none can come back."""
    if params.get("cursor") is not None:
        raise Refused(INVALID_PARAMS, "This list has one page and gives no cursor; ask again without one.")


def declarations() -> list[Result]:
    """The tools as the protocol lists them."""
    listed = []
    for tool in TOOLS:
        declared: Result = {
            "name": tool.name,
            "title": tool.title,
            "description": tool.description,
            "inputSchema": tool.input_schema(),
        }
        output = tool.output_schema()
        if output is not None:
            declared["outputSchema"] = output
        hints = {"readOnlyHint": True, "openWorldHint": False}  # the other hints say nothing of what only reads
        listed.append({**declared, "annotations": hints, **({"_meta": tool.meta} if tool.meta else {})})
    return listed


_METHODS: dict[str, Callable[[Opening, Params], Result]] = {
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
