"""How a request is refused: a status, and a JSON-RPC error with one sentence that says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse

INVALID_REQUEST, SERVER_BUSY, TIMED_OUT = -32600, -32000, -32001


class Refusal(Exception):  # noqa: N818  (it is an answer, raised to where answers are sent)
    """A refused request."""

    def __init__(
        self, status: int, message: str, headers: Mapping[str, str] | None = None, *, code: int = INVALID_REQUEST
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"code": code, "message": message}
        self._headers = dict(headers or {})

    def message(self, request_id: str | int | None = None) -> dict[str, Any]:
        """The JSON-RPC error; ``request_id`` is null where it is not known."""
        return {"jsonrpc": "2.0", "id": request_id, "error": self.error}

    def response(self, request_id: str | int | None = None) -> JSONResponse:
        """The whole HTTP answer."""
        return answer(self.message(request_id), self.status, self._headers)


def busy(message: str, seconds: int = 1) -> Refusal:
    """Too much at once: a client may try again after so many seconds."""
    return Refusal(503, message, {"Retry-After": str(seconds)}, code=SERVER_BUSY)


def answer(content: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """JSON that is kept by nobody on the way and taken for nothing else."""
    safe = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return JSONResponse(content, status, {**safe, **(headers or {})})
