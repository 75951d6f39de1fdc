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
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Scope

from zunda_mcp.rendering.sanitize import one_line, shorten
from zunda_mcp.server.http.options import HOST, LOOPBACK_NAMES, HttpOptions, is_loopback, normalize_origin
from zunda_mcp.server.http.refusals import Refusal

__all__ = ["HostCheck"]

# The response says what is wrong; strangers could flood a log.
logging.getLogger("mcp.server.transport_security").setLevel(logging.ERROR)


class HostCheck:
    """Accepts requests to a name of this server, from no web page or from an allowed one."""

    def __init__(self, options: HttpOptions) -> None:
        self._any_address = options.wildcard
        local = options.wildcard or is_loopback(options.host)
        names = {options.host.lower(), *(LOOPBACK_NAMES if local else ())} - {""}
        if options.public_url is not None:
            names.add(urlsplit(options.public_url).hostname or "")
        self._names = {*(f"[{name}]" if ":" in name else name for name in names), *map(str.lower, options.allow_hosts)}
        self._origins = [normalize_origin(origin, "--allow-origin") for origin in options.allow_origins]
        self._security = self._allow(self._names)

    async def check(self, scope: Scope) -> None:
        """Raises ``Refusal`` (400, 403 or 421) unless the host and the origin are allowed."""
        headers = Headers(scope=scope)
        # With both, a proxy may see another end of the request than we do (RFC 9112, section 6.3).
        if "transfer-encoding" in headers and "content-length" in headers:
            message = "A request has a Content-Length or a Transfer-Encoding, never both; send one of them."
            raise Refusal(400, message, {"Connection": "close"})
        host, origins = headers.get("host", "").lower(), headers.getlist("origin")
        match = HOST.fullmatch(host)
        name, port = (match[1].removesuffix("."), match[2] or "") if match else ("-", "")
        security = self._allow({*self._names, name}) if self._any_address and _is_address(name) else self._security
        normalized = {"host": f"{name}{port}", **({"origin": origins[0].lower()} if origins else {})}
        refused = await security.validate_request(Request({"type": "http", "headers": Headers(normalized).raw}))
        if refused is not None and refused.status_code == 421:
            advice = "start it with --allow-host NAME if it should"
            raise Refusal(421, f"This server does not answer to the host {_quoted(host) or '(none)'}; {advice}.")
        if refused is not None or len(origins) > 1:
            advice = "start it with --allow-origin ORIGIN if they should"
            raise Refusal(403, f"Pages of {_quoted(origins[0])} may not use this server; {advice}.")

    def _allow(self, names: Iterable[str]) -> TransportSecurityMiddleware:
        """The SDK's check. A name without a port is allowed with every port, and so are the pages it serves."""
        hosts = [form for name in names for form in ((name, f"{name}:*") if _has_no_port(name) else (name,))]
        pages = [f"{scheme}://{host}" for scheme in ("http", "https") for host in hosts]
        settings = TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=[*pages, *self._origins])
        return TransportSecurityMiddleware(settings)


def _quoted(text: str) -> str:
    return ascii(shorten(one_line(text), 80)).strip("'")


def _has_no_port(name: str) -> bool:
    return name.endswith("]") or ":" not in name


def _is_address(name: str) -> bool:
    """DNS rebinding needs a name; an address is safe."""
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
