"""Which names and which web pages lead here: the ``Host`` and ``Origin`` headers, against DNS rebinding.

A page on the web can make a name of its own point to this machine and then speak to it from the visitor's browser.
Such a request still carries that name as ``Host`` and the page as ``Origin`` (MCP specification, Streamable HTTP).
"""

from __future__ import annotations

import ipaddress
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from zunda_mcp.errors import SettingsError
from zunda_mcp.server.clean import one_line, shorten
from zunda_mcp.server.http.options import LOOPBACK_NAMES, HttpOptions, is_loopback, split_host, split_origin
from zunda_mcp.server.http.refusals import Refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class Gate:
    """Passes on what was sent to a name of this server, by no web page or by one that may."""

    def __init__(self, app: ASGIApp, options: HttpOptions) -> None:
        self._app = app
        self._any_address = options.wildcard
        names = {options.host.lower()} | (LOOPBACK_NAMES if options.wildcard or is_loopback(options.host) else set())
        self._hosts: set[tuple[str, int | None]] = {(name, None) for name in names}
        self._hosts |= {split_host(host, "--allow-host") for host in options.allow_hosts}
        if options.public_url is not None:
            self._hosts.add((urlsplit(options.public_url).hostname or "", None))
        self._origins = {split_origin(origin, "--allow-origin") for origin in options.allow_origins}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
        origins = [value.decode("latin-1") for name, value in headers if name == b"origin"]
        names = {name for name, _ in headers}
        if b"transfer-encoding" in names and b"content-length" in names:  # whoever stands in front may see another end
            message = "A request has a Content-Length or a Transfer-Encoding, never both; send one of them."
            await Refusal(400, message, {"Connection": "close"})(scope, receive, send)
        elif len(hosts) != 1 or not self._knows(hosts[0]):
            told = shorten(one_line(hosts[0]), 80) if hosts else "(none)"
            message = f"This server does not answer to the host {told}; start it with --allow-host NAME if it should."
            await Refusal(421, message.encode("ascii", "replace").decode())(scope, receive, send)
        elif not all(self._trusts(origin, hosts[0]) for origin in origins):
            told = shorten(one_line(origins[0]), 80).encode("ascii", "replace").decode()
            message = f"Pages of {told} may not use this server; start it with --allow-origin ORIGIN if they should."
            await Refusal(403, message)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _knows(self, host: str) -> bool:
        try:
            name, port = split_host(host, "Host")
        except SettingsError:
            return False
        if self._any_address:  # a rebound name is a name, never an address
            with suppress(ValueError):
                ipaddress.ip_address(name)
                return True
        return (name, None) in self._hosts or (name, port) in self._hosts

    def _trusts(self, origin: str, host: str) -> bool:
        """An allowed origin, or a page of one of this server's own hosts, whatever its port."""
        try:
            spoken = split_origin(origin, "Origin")
            name, port = split_host(spoken.partition("://")[2], "Origin")
        except SettingsError:  # "null", the origin of a file or a sandbox, is none
            return False
        own = (name, None) in self._hosts or (name, port) in self._hosts or name == split_host(host, "Host")[0]
        return own or spoken in self._origins
