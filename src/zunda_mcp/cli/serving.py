"""``zunda-mcp serve``: hand stdin and stdout over to the MCP server, or serve over HTTP."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import TYPE_CHECKING

from zunda_mcp.cli.arguments import Arguments
from zunda_mcp.cli.opening import settings_of
from zunda_mcp.errors import ArgumentError

if TYPE_CHECKING:
    from zunda_mcp.server.http.options import HttpOptions

_ONLY_HTTP = (
    "token_file",
    "oauth_issuer",
    "oauth_audience",
    "oauth_scope",
    "public_url",
    "allow_host",
    "allow_origin",
    "stateless",
)


def serve(arguments: Arguments) -> bool:
    """Serve until the client goes away, or over HTTP until a signal comes.

    Raises ``SettingsError`` before anything is said to a client, ``ArgumentError`` for flags that do not go together.
    """
    if arguments.watch:
        from zunda_mcp.server import watching

        watching.check()
    address = arguments.given("http").get("http")
    if address is None:
        for name in _ONLY_HTTP:
            if getattr(arguments, name):
                flag = f"--{name.replace('_', '-')}"
                raise ArgumentError(flag, f"{flag} is about HTTP: add --http 127.0.0.1:8765, or leave it out")
        gc.disable()  # importing makes many objects and no garbage; the server enables it when it is up
        from zunda_mcp.server import serve

        serve(settings_of(arguments), watched=arguments.watch)
        return True
    settings = settings_of(arguments)
    gc.disable()
    options = _http_options(arguments, address)
    from zunda_mcp.server.http import serve_http

    serve_http(settings, options, watched=arguments.watch)
    return True


def _http_options(arguments: Arguments, address: str) -> HttpOptions:
    from zunda_mcp.server.http.options import HttpOptions, OAuthOptions, read_address

    given = arguments.given(*_ONLY_HTTP)
    issuer = given.get("oauth_issuer")
    if issuer is None:
        for name in ("oauth_audience", "oauth_scope"):
            if given[name]:
                flag = f"--{name.replace('_', '-')}"
                raise ArgumentError(flag, f"{flag} needs an issuer: add --oauth-issuer URL")
    host, port = read_address(address)
    token_file = given.get("token_file") or os.environ.get("ZUNDA_MCP_TOKEN_FILE", "").strip()
    return HttpOptions(
        host=host,
        port=port,
        stateless=given["stateless"],
        allow_hosts=tuple(given["allow_host"]),
        allow_origins=tuple(given["allow_origin"]),
        token_file=Path(token_file).expanduser() if token_file else None,
        oauth=OAuthOptions(issuer, tuple(given["oauth_audience"]), tuple(given["oauth_scope"])) if issuer else None,
        public_url=given.get("public_url"),
    )
