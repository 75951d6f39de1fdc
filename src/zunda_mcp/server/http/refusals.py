"""How a request is refused: a status, and a JSON-RPC error with one sentence that says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse

__all__ = ["Refusal", "busy", "json_response"]

_INVALID_REQUEST, _SERVER_BUSY = -32600, -32000


class Refusal(Exception):  # noqa: N818  (raised to where responses are sent)
    """A refused request; the response is always a JSON-RPC error with a null id."""

    def __init__(
        self, status: int, message: str, headers: Mapping[str, str] | None = None, *, code: int = _INVALID_REQUEST
    ) -> None:
        super().__init__(message)
        error = {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": message}}
        self.response = json_response(error, status, headers)


def busy(message: str, retry_seconds: int = 1) -> Refusal:
    """A 503 that asks the client to try again after ``retry_seconds``."""
    return Refusal(503, message, {"Retry-After": str(retry_seconds)}, code=_SERVER_BUSY)


def json_response(
    content: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """JSON that no cache stores and no browser sniffs."""
    safe = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return JSONResponse(content, status, {**safe, **(headers or {})})
