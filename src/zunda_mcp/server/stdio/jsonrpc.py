"""Check one line of JSON-RPC and say what is wrong with it, where the MCP SDK would leave the client waiting.

The SDK ignores a line that is not a request as JSON-RPC defines one. Where such a line has an id that an answer can
carry, we answer "Invalid Request" (JSON-RPC 2.0, section 5.1); without an id an answer helps nobody.
"""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["INVALID_REQUEST", "TOO_DEEP", "UNREADABLE", "Message", "find_fault", "find_id", "is_id", "is_plain"]

Message = dict[str, Any]

INVALID_REQUEST = -32600
TOO_DEEP = "This message is nested too deeply; send a flatter one."
UNREADABLE = "This message is not valid JSON (half a character, an impossible number) or is nested too deeply."

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[{}\[\]:,]|[^\s"{}\[\]:,]+', re.DOTALL)


def find_fault(message: Message) -> str | None:
    """Say in a sentence why a message with an id is not a valid request; None where it is one, or needs no answer."""
    if not is_id(message.get("id")) or "result" in message or "error" in message:
        return None
    if message.get("jsonrpc") != "2.0":
        return 'This message has no "jsonrpc": "2.0"; send one that has.'
    if not isinstance(message.get("method"), str):
        return 'This request has no method; send one such as "tools/list".'
    if not isinstance(message.get("params", {}), dict):
        return "The params of this request must be an object: send {…}, or leave them out."
    return None


def is_id(value: object) -> bool:
    """Whether an answer can carry this id: a string or an integer."""
    return isinstance(value, str | int) and not isinstance(value, bool)


def find_id(text: str) -> object:
    """The top-level id of a message that is nested too deeply to be parsed, or None."""
    depth, key, previous = 0, None, ""
    for match in _TOKEN.finditer(text):
        sign = match[0]
        if sign in ("{", "["):
            depth += 1
        elif sign in ("}", "]"):
            depth -= 1
        elif depth == 1 and sign == ":":
            key = previous
        elif depth == 1 and key == '"id"' and sign != ",":
            return _scalar(sign)
        if depth == 1 and sign == ",":
            key = None
        previous = sign
    return None


def _scalar(sign: str) -> object:
    try:
        value = json.loads(sign)
    except ValueError:
        return None
    return value if is_id(value) else None


def is_plain(message: Message) -> bool:
    """Whether a message is a well-formed request or notification."""
    request_id = message.get("id", "")
    return (
        message.get("jsonrpc") == "2.0"
        and isinstance(message.get("method"), str)
        and isinstance(message.get("params", {}), dict)
        and is_id(request_id)
    )
