"""Which names and which web pages lead here: ``Host`` and ``Origin``, against DNS rebinding, by the SDK's settings.

A page on the web can make a name of its own point to this machine and then speak to it from the visitor's browser.
Such a request still carries that name as ``Host`` and the page as ``Origin`` (MCP specification, Streamable HTTP).
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
from zunda_mcp.server.http.options import HOST, LOOPBACK_NAMES, HttpOptions, is_loopback, split_origin
from zunda_mcp.server.http.refusals import Refusal

logging.getLogger("mcp.server.transport_security").setLevel(logging.ERROR)  # the answer says it; a log could be flooded


class Gate:
    """Lets pass what was sent to a name of this server, by no web page or by one that may."""

    def __init__(self, options: HttpOptions) -> None:
        self._any_address = options.wildcard
        local = options.wildcard or is_loopback(options.host)
        names = {options.host.lower(), *(LOOPBACK_NAMES if local else ())} - {""}
        if options.public_url is not None:
            names.add(urlsplit(options.public_url).hostname or "")
        self._names = {*(f"[{name}]" if ":" in name else name for name in names), *map(str.lower, options.allow_hosts)}
        self._origins = [split_origin(origin, "--allow-origin") for origin in options.allow_origins]
        self._security = self._of(self._names)

    async def check(self, scope: Scope) -> None:
        """Let a request pass. Raises ``Refusal``: 400, 403 or 421."""
        headers = Headers(scope=scope)
        if "transfer-encoding" in headers and "content-length" in headers:  # who stands in front may see another end
            message = "A request has a Content-Length or a Transfer-Encoding, never both; send one of them."
            raise Refusal(400, message, {"Connection": "close"})
        host, origins = headers.get("host", "").lower(), headers.getlist("origin")
        written = HOST.fullmatch(host)
        name, port = (written[1].removesuffix("."), written[2] or "") if written else ("-", "")
        security = self._of({*self._names, name}) if self._any_address and _is_address(name) else self._security
        normalized = {"host": f"{name}{port}", **({"origin": origins[0].lower()} if origins else {})}
        refused = await security.validate_request(Request({"type": "http", "headers": Headers(normalized).raw}))
        if refused is not None and refused.status_code == 421:
            shown = ascii(shorten(one_line(host), 80)).strip("'") or "(none)"
            raise Refusal(
                421, f"This server does not answer to the host {shown}; start it with --allow-host NAME if it should."
            )
        if refused is not None or len(origins) > 1:
            shown = ascii(shorten(one_line(origins[0]), 80)).strip("'")
            raise Refusal(
                403, f"Pages of {shown} may not use this server; start it with --allow-origin ORIGIN if they should."
            )

    def _of(self, names: Iterable[str]) -> TransportSecurityMiddleware:
        """The SDK's check: a name without a port counts with every port, and so do the pages that it serves."""
        hosts = [form for name in names for form in ((name, f"{name}:*") if _portless(name) else (name,))]
        pages = [f"{scheme}://{host}" for scheme in ("http", "https") for host in hosts]
        settings = TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=[*pages, *self._origins])
        return TransportSecurityMiddleware(settings)


def _portless(name: str) -> bool:
    return name.endswith("]") or ":" not in name


def _is_address(name: str) -> bool:
    """A rebound name is a name, never an address."""
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
