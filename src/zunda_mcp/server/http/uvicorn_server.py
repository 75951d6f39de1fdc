"""Run the application with uvicorn until a signal. Sockets are bound before anything else starts, and an address that
others can reach without a token is refused unless it is meant.
"""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from zunda_mcp.config.http_options import DEFAULT_HOST, HttpOptions, is_loopback
from zunda_mcp.errors import SettingsError
from zunda_mcp.server.dispatch import LazyArchive
from zunda_mcp.server.http.app import HttpApp, Served
from zunda_mcp.server.instructions import ArchiveInstructions, open_archive
from zunda_mcp.server.notifications import watch_files
from zunda_mcp.server.process import close_and_end, end_soon, log_to_stderr
from zunda_mcp.server.sdk import ArchiveServer

if TYPE_CHECKING:
    from types import FrameType

    from zunda_mcp.config.settings import Settings

__all__ = ["AppServer", "listen", "serve_http"]

_NO_IPV6 = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
_uvicorn_log = logging.getLogger("uvicorn.error")


def serve_http(
    settings: Settings,
    options: HttpOptions,
    started: Callable[[HttpOptions], None],
    *,
    watched: bool = False,
    connector: bool = False,
) -> None:
    """Serve the archive over HTTP until SIGINT or SIGTERM. ``started`` is called once the server answers, with the
    options and the port in use.

    Stops within a second of the signal, with exit code 0 and open streams closed; a second signal kills. If a thread
    is still running, the process exits here: the index is safe even if its writer dies.

    Raises ``SettingsError``, before anything is served, if the address or the token file cannot be used.
    """
    log_to_stderr()
    with ExitStack() as stack:
        sockets = [stack.enter_context(one) for one in listen(options)]
        gc.enable()
        opening = LazyArchive(lambda: open_archive(settings), connector=connector)
        servers: list[ArchiveServer] = []

        def serve(archives: frozenset[str] | None) -> Served:
            own = opening if archives is None else opening.within(archives)
            servers.append(ArchiveServer(own, ArchiveInstructions(own, wait=0.0).text, sessions=not options.stateless))
            return Served(servers[-1], lambda: _report(own), own.get)

        archives = None if settings.is_remote else frozenset(one.label for one in settings.archives)
        options = replace(options, port=sockets[0].getsockname()[1], archives=archives)
        app = HttpApp(options, serve)
        if watched:

            def nudge() -> None:
                for server in servers:
                    server.nudge()

            watch_files(opening, settings.episodes, nudge)
        AppServer(app, options, lambda: started(options)).run(sockets)
    close_and_end(opening)


def _report(opening: LazyArchive) -> Mapping[str, Any]:
    """Return the fields of ``GET /health``."""
    fresh = opening.get().freshness()
    return {name: getattr(fresh, name) for name in ("archive", "episodes", "newest", "state", "pending")}


class AppServer(uvicorn.Server):
    """uvicorn with our limits. ``should_exit`` stops it like a signal; ``started`` is called once it answers."""

    def __init__(self, app: HttpApp, options: HttpOptions, started: Callable[[], None] = lambda: None) -> None:
        config = uvicorn.Config(
            app,
            http=_YieldingConnection,
            ws="none",
            loop="asyncio",
            lifespan="on",
            log_config=None,
            log_level="error",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=10,
            timeout_graceful_shutdown=options.limits.stop_seconds,  # type: ignore[arg-type]  # fractions work too
            limit_concurrency=options.limits.connections + 1,  # uvicorn refuses the one that reaches its limit
        )
        super().__init__(config)
        self._app, self._on_started = app, started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        _uvicorn_log.disabled = False
        await super().startup(sockets)
        self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.end_subscriptions()
        _uvicorn_log.disabled = True  # calls that are cut short are not errors
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop. Unlike uvicorn, do not raise the signal again at the end: an orderly stop exits with code 0."""
        self.should_exit = True
        for kind in (signal.SIGINT, signal.SIGTERM):
            signal.signal(kind, signal.SIG_DFL)  # a second one kills
        end_soon()


class _YieldingConnection(H11Protocol):
    """A connection that is closed if no request begins in time. If too many are open, a new one closes the oldest that
    waits for a request, so that a client with many connections cannot shut others out.
    """

    made = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self.made = time.monotonic()
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)
        if self.limit_concurrency is not None and len(self.connections) >= self.limit_concurrency:
            others = (one for one in self.connections if one is not self and isinstance(one, _YieldingConnection))
            oldest = min((one for one in others if one.waits), key=lambda one: one.made, default=None)
            if oldest is not None:  # if all are busy, uvicorn refuses this one
                self.connections.discard(oldest)
                oldest.transport.abort()

    @property
    def waits(self) -> bool:
        """Whether no request is being answered, and the headers of the next are not complete."""
        return (self.cycle is None or self.cycle.response_complete) and self.conn.their_state is h11.IDLE


def listen(options: HttpOptions) -> list[socket.socket]:
    """Return listening sockets on every address of the host, all with the same port; 0 means any free port.

    Raises ``SettingsError`` if this machine does not have the address, the port is taken, other machines could connect
    without a token, or OAuth is used and the address that clients use is unknown.
    """
    shown = f"--http {f'[{options.host}]' if ':' in options.host else options.host}:{options.port}"
    # localhost means both loopback addresses (RFC 6761), whatever /etc/hosts says.
    hosts = ("127.0.0.1", "::1") if options.host.lower() == "localhost" else (options.host or None,)
    kind, passive = socket.SOCK_STREAM, socket.AI_PASSIVE
    try:
        resolved = [one for host in hosts for one in socket.getaddrinfo(host, 0, type=kind, flags=passive)]
    except (OSError, UnicodeError) as error:
        advice = f"write it like {DEFAULT_HOST}:8765."
        raise SettingsError(f"{shown}: this machine has no address {options.host}; {advice}") from error
    addresses = list(dict.fromkeys((family, address) for family, *_, address in resolved))
    if not options.guarded and not options.no_token and not all(is_loopback(str(one[0])) for _, one in addresses):
        raise SettingsError(
            f"{shown} would let everyone on the network read the archive: "
            f"pass --token-file FILE or --oauth-issuer URL, --no-token if everyone may, or use {DEFAULT_HOST}."
        )
    if options.oauth is not None and options.public_url is None and options.wildcard:
        raise SettingsError(
            f"{shown} does not say which address clients use, and access tokens are issued for that: "
            "pass --public-url https://NAME/mcp."
        )
    with ExitStack() as stack:
        opened: list[socket.socket] = []
        for family, (host, _, *scope) in sorted(addresses, key=lambda one: one[0] == socket.AF_INET6):
            port = opened[0].getsockname()[1] if opened else options.port
            both = host == "::" and len(addresses) == 1 and socket.has_dualstack_ipv6()
            try:
                one = socket.create_server((host, port, *scope), family=family, dualstack_ipv6=both)
            except OSError as error:
                if opened and family == socket.AF_INET6 and error.errno in _NO_IPV6:
                    continue  # containers often name the IPv6 loopback without having it
                cause = os.strerror(error.errno or 0)
                advice = f"cannot be used ({cause}): stop what uses it, or name another port."
                raise SettingsError(f"{shown} {advice}") from error
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # connections inherit this
            opened.append(stack.enter_context(one))
        stack.pop_all()
        return opened
