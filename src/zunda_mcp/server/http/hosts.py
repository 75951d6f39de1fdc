"""Protection against DNS rebinding: the ``Host`` and ``Origin`` of each request, checked by the SDK.

A web page can point a name of its own at this machine and call the server from its visitor's browser. Such a request
still carries that name as ``Host`` and the page as ``Origin`` (MCP specification, Streamable HTTP).
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Iterable
from urllib.parse import urlsplit

from mcp.server.transport_security import TransportSecurityMiddleware, TransportSecuritySettings
from starlette.requests import Request
from starlette.types import Scope

from zunda_mcp.server.http.open_requests import Refusal
from zunda_mcp.server.http.options import HOST, LOOPBACK_NAMES, HttpOptions, is_loopback

__all__ = ["HostCheck"]

# The response says what is wrong; strangers could flood a log.
logging.getLogger("mcp.server.transport_security").setLevel(logging.ERROR)

_ADVICE = {
    403: "This web page may not use the server; start it with --allow-origin ORIGIN if it should.",
    421: "This server does not answer to that host; start it with --allow-host NAME if it should.",
}


class HostCheck:
    """Accepts requests to a name of this server, from no web page or from an allowed one."""

    def __init__(self, options: HttpOptions) -> None:
        self._options = options
        local = LOOPBACK_NAMES if options.wildcard or is_loopback(options.host) else ()
        names = {options.host, urlsplit(options.public_url or "").hostname or "", *local} - {""}
        self._names = [*(f"[{name}]" if ":" in name else name for name in names), *options.allow_hosts]
        self._check = self._check_of(self._names)

    async def check(self, scope: Scope) -> None:
        """Raises ``Refusal`` (403 or 421) unless the host and the origin are allowed."""
        request = Request({**scope, "headers": [(name, value.lower()) for name, value in scope["headers"]]})
        host = HOST.fullmatch(request.headers.get("host", ""))
        if host is None:
            raise Refusal(421, _ADVICE[421])
        check = self._check
        if self._options.wildcard and _is_address(host[1]):  # rebinding needs a name
            check = self._check_of([*self._names, host[1]])
        if (refused := await check.validate_request(request)) is not None:
            raise Refusal(refused.status_code, _ADVICE[refused.status_code])

    def _check_of(self, names: Iterable[str]) -> TransportSecurityMiddleware:
        """The SDK's check. A name without a port is allowed with every port, and so are the pages it serves."""
        ports = ((name, f"{name}:*") if name.endswith("]") or ":" not in name else (name,) for name in names)
        hosts = [form.lower() for forms in ports for form in forms]
        origins = [f"{scheme}://{host}" for scheme in ("http", "https") for host in hosts]
        origins += [origin.lower().rstrip("/") for origin in self._options.allow_origins]
        return TransportSecurityMiddleware(TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=origins))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
