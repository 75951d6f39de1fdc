"""What is said to a line that asks for an answer but is no request as JSON-RPC writes one.

The MCP SDK passes such lines over, and the client waits for ever. Where a line has an id that an answer can carry, it
is answered with "Invalid Request" (JSON-RPC 2.0, section 5.1); without one, as the SDK has it, an answer helps nobody.
"""

from __future__ import annotations

import re
from typing import Any

INVALID_REQUEST = -32600
TOO_DEEP = "This message is nested too deep to be read; send a flatter one."
UNREADABLE = "This message holds what JSON cannot (half a character, a number that is none) or is nested too deep."

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[{}\[\]:,]|[^\s"{}\[\]:,]+', re.DOTALL)


def fault(message: dict[str, Any]) -> str | None:
    """What is wrong with a message that asks something, in a sentence; None where it is a request, or asks nothing."""
    if not is_id(message.get("id")) or "result" in message or "error" in message:
        return None
    if message.get("jsonrpc") != "2.0":
        return 'This message has no "jsonrpc": "2.0"; send one that has.'
    if not isinstance(message.get("method"), str):
        return 'This request has no method; send one such as "tools/list".'
    if not isinstance(message.get("params", {}), dict):
        return "The params of this request are no object; send them as {…}, or leave them out."
    return None


def is_id(value: object) -> bool:
    """Whether an answer can carry this id: a text or a whole number."""
    return isinstance(value, str | int) and not isinstance(value, bool)


def id_in(text: str) -> object:
    """The id at the top of a message that is nested too deep to be read, None where it has none."""
    depth, key, before = 0, None, ""
    for found in _TOKEN.finditer(text):
        sign = found[0]
        if sign in ("{", "["):
            depth += 1
        elif sign in ("}", "]"):
            depth -= 1
        elif depth == 1 and sign == ":":
            key = before
        elif depth == 1 and key == '"id"' and sign != ",":
            return _scalar(sign)
        if depth == 1 and sign == ",":
            key = None
        before = sign
    return None


def _scalar(sign: str) -> object:
    import json

    try:
        value = json.loads(sign)
    except ValueError:
        return None
    return value if is_id(value) else None
