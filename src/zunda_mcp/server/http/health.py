"""``GET /health``: whether the server answers, and for those who may ask, how its archive is.

Where tokens are asked for, whoever shows none is told ``ok`` and nothing else. That a request comes from this machine
makes no difference then: so does everything that comes through a proxy on it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import anyio
from anyio import to_thread

from zunda_mcp import __version__
from zunda_mcp.errors import ZundaError
from zunda_mcp.server.http.access import Access
from zunda_mcp.server.http.refusals import Refusal, dump

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

logger = logging.getLogger(__name__)

_FRESH = 1.0
_WAIT = 5.0


class Health:
    """Answers health checks; asks ``report`` at most once a second, in a thread of its own."""

    def __init__(self, report: Callable[[], Mapping[str, Any]] | None, access: Access) -> None:
        self._report = report
        self._access = access
        self._known: tuple[int, bytes] | None = None
        self._at = float("-inf")
        self._asking = anyio.Lock()
        self._threads = anyio.CapacityLimiter(2)

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        status, body = 200, dump({"status": "ok"})
        if await self._may_know(scope):
            status, body = await self._state()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    async def _may_know(self, scope: Scope) -> bool:
        try:
            await self._access.user(scope)
        except Refusal:
            return False
        return True

    async def _state(self) -> tuple[int, bytes]:
        if self._known is None or time.monotonic() - self._at > _FRESH:
            async with self._asking:
                if self._known is None or time.monotonic() - self._at > _FRESH:
                    self._known = await self._ask()
                    self._at = time.monotonic()
        return self._known

    async def _ask(self) -> tuple[int, bytes]:
        told: Mapping[str, Any] = {}
        status = 200
        try:
            with anyio.fail_after(_WAIT):
                if self._report is not None:
                    told = await to_thread.run_sync(self._report, abandon_on_cancel=True, limiter=self._threads)
        except TimeoutError:
            status, told = 503, {"error": f"The archive did not answer within {_WAIT:g} seconds; look at the log."}
        except ZundaError as error:
            status, told = 503, {"error": str(error)}
        except Exception:
            logger.exception("the archive could not be asked how it is")
            status, told = 503, {"error": "A fault in the server, which is in its log; zunda-mcp doctor says more."}
        good = "ok" if status == 200 else "failing"
        return status, dump({"status": good, **told, "version": __version__})
