"""Runs the application with uvicorn until a signal, and then ends within a second whatever clients do."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import uvicorn

from zunda_mcp.server.dispatch import Opening
from zunda_mcp.server.http.app import HttpApp
from zunda_mcp.server.http.connections import bounded_protocol
from zunda_mcp.server.http.listening import listen
from zunda_mcp.server.http.options import HttpOptions
from zunda_mcp.server.instructions import ArchiveInstructions, log_to_stderr, open_archive
from zunda_mcp.server.sdk import build_server

if TYPE_CHECKING:
    from types import FrameType

    from zunda_mcp.config.settings import Settings

__all__ = ["AppServer", "serve_http"]

_CLOSE_SECONDS = 0.2
"""How long the library may take to close."""
_EXIT_SECONDS = 0.9
"""When, after the signal, the process ends even if a thread still runs."""


def serve_http(
    settings: Settings,
    options: HttpOptions,
    *,
    watched: bool = False,
    started: Callable[[str], None] | None = None,
) -> None:
    """Serve the archive over HTTP until SIGINT or SIGTERM.

    Ends within a second of the signal, with exit code 0 and open streams closed; a second signal kills. If a thread
    still runs then, the process exits here: the index is safe even if its writer dies. ``started`` is called with the
    address of the pages once they can be opened.

    Raises ``SettingsError``, before anything is served, if the address or the token file cannot be used.
    """
    log_to_stderr()
    sockets = listen(options)
    gc.enable()
    try:
        options = replace(options, port=sockets[0].getsockname()[1])
        opening = Opening(lambda: open_archive(settings))
        server = build_server(opening, ArchiveInstructions(opening, wait=0.0).text, sessions=not options.stateless)
        app = HttpApp(server, options, lambda: _report(opening), opening.get)
    except BaseException:
        for opened in sockets:
            opened.close()
        raise
    if watched:
        from zunda_mcp.server import file_watch

        file_watch.watch_files(opening, settings.episodes, server.nudge)

    def on_started() -> None:
        _print_address(settings, options)
        if started is not None:
            started(options.page_url)

    AppServer(app, options, on_started).run(sockets)
    closing = threading.Thread(target=opening.close, name="closing", daemon=True)
    closing.start()
    closing.join(_CLOSE_SECONDS)
    if any(thread.is_alive() and thread is not threading.main_thread() for thread in threading.enumerate()):
        _exit()


class AppServer(uvicorn.Server):
    """uvicorn with our limits and an orderly stop; ``should_exit`` stops it as a signal does.

    ``started`` is called once it answers.
    """

    def __init__(self, app: HttpApp, options: HttpOptions, started: Callable[[], None] | None = None) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=bounded_protocol(options.limits),
                ws="none",
                loop="asyncio",
                lifespan="on",
                log_config=None,
                log_level="error",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=10,
                limit_concurrency=options.limits.connections + 1,  # uvicorn refuses the one that reaches its limit
            )
        )
        self._app = app
        self._grace_seconds = options.limits.stop_seconds
        self._on_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._on_started is not None:
            self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        await self._app.stop(self._grace_seconds)
        for connection in list(self.server_state.connections):
            connection.shutdown()
            if not connection.transport.is_closing():
                connection.transport.abort()  # its client does not read the answer
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop. Unlike uvicorn, do not raise the signal again at the end: an orderly stop exits with code 0."""
        self.should_exit = True
        for kind in (signal.SIGINT, signal.SIGTERM):
            signal.signal(kind, signal.SIG_DFL)  # a second one kills
        watchdog = threading.Timer(_EXIT_SECONDS, _exit)
        watchdog.daemon = True
        watchdog.start()


def _report(opening: Opening) -> Mapping[str, Any]:
    """The fields of ``GET /health``."""
    fresh = opening.get().freshness()
    return {name: getattr(fresh, name) for name in ("archive", "episodes", "newest", "state", "pending")}


def _print_address(settings: Settings, options: HttpOptions) -> None:
    header = ' --header "Authorization: Bearer TOKEN"' if options.token_file is not None and not options.oauth else ""
    folders = ", ".join(str(folder) for folder in settings.episodes)
    sys.stderr.write(
        f"zunda-mcp: serving {folders} at {options.url} (Ctrl-C stops)\n"
        f"zunda-mcp: open {options.page_url} in a browser, or\n"
        f"zunda-mcp: connect with: claude mcp add --transport http zunda {options.url}{header}\n"
    )
    if not options.guarded and not options.no_token and (options.allow_hosts or options.public_url):
        sys.stderr.write(
            "zunda-mcp: no token is needed, so everyone who reaches the proxy can read the archive; "
            "add --token-file FILE to close it.\n"
        )
    sys.stderr.flush()


def _exit() -> None:
    with contextlib.suppress(Exception):
        sys.stderr.flush()
    os._exit(0)
