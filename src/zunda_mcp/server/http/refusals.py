"""How a request is refused: a status, and a JSON-RPC error with one sentence that says what to do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

INVALID_REQUEST = -32600
SERVER_BUSY = -32000
TIMED_OUT = -32001


class Refusal(Exception):  # noqa: N818  (it is an answer, raised to where answers are sent)
    """A refused request; also an ASGI application that says so. ``id`` is that of the JSON-RPC request, if known."""

    def __init__(
        self,
        status: int,
        message: str,
        headers: Mapping[str, str] | None = None,
        *,
        code: int = INVALID_REQUEST,
        id: str | int | None = None,  # noqa: A002  (JSON-RPC's own word)
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error = error_message(message, code, id)
        self._headers = dict(headers or {})

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        body = dump(self.error)
        headers = {
            "content-type": "application/json",
            "content-length": str(len(body)),
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
            **self._headers,
        }
        raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": raw})
        await send({"type": "http.response.body", "body": body, "more_body": False})


def error_message(message: str, code: int, id_: str | int | None) -> dict[str, Any]:
    """A JSON-RPC 2.0 error."""
    return {"jsonrpc": "2.0", "id": id_, "error": {"code": code, "message": message}}


def dump(message: Mapping[str, Any]) -> bytes:
    """Compact JSON, Japanese as it is."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
