"""Running the application until a signal comes: uvicorn, and an end within a second whatever clients do."""

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
from zunda_mcp.server.http.connections import limited
from zunda_mcp.server.http.listening import BACKLOG, listen
from zunda_mcp.server.http.options import HttpOptions
from zunda_mcp.server.instructions import ArchiveInstructions, log_to_stderr, open_archive
from zunda_mcp.server.sdk import build_server

if TYPE_CHECKING:
    from types import FrameType

    from zunda_mcp.config.settings import Settings

_CLOSING_WAIT = 0.2
_LAST_MOMENT = 0.9
"""When, in seconds after the signal, the process ends even if something in it does not."""


def serve_http(settings: Settings, options: HttpOptions, *, watched: bool = False) -> None:
    """Serve the archive over HTTP until SIGINT or SIGTERM.

    Ends within a second of the signal, with exit code 0 and open streams closed; a second signal kills. Returns where
    no thread is left, else the process ends here: the index is written so that a writer may die at any moment.

    Raises ``SettingsError`` before anything is served, where the address or the token file cannot be used.
    """
    log_to_stderr()
    sockets = listen(options)
    gc.enable()
    try:
        options = replace(options, port=sockets[0].getsockname()[1])
        opening = Opening(lambda: open_archive(settings))
        server = build_server(opening, ArchiveInstructions(opening, wait=0.0).text, sessions=not options.stateless)
        app = HttpApp(server, options, lambda: _report(opening))
    except BaseException:
        for opened in sockets:
            opened.close()
        raise
    if watched:
        from zunda_mcp.server import file_watch

        file_watch.watch_files(opening, settings.episodes, server.nudge)
    run_app(app, options, sockets, lambda: _say_where(settings, options))
    closing = threading.Thread(target=opening.close, name="closing", daemon=True)
    closing.start()
    closing.join(_CLOSING_WAIT)
    if any(thread.is_alive() and thread is not threading.main_thread() for thread in threading.enumerate()):
        _end()


def run_app(
    app: HttpApp, options: HttpOptions, sockets: list[socket.socket], started: Callable[[], None] | None = None
) -> None:
    """Run the application on listening sockets until SIGINT or SIGTERM; ``started`` is called once it answers."""
    AppServer(app, options, started).run(sockets)


class AppServer(uvicorn.Server):
    """uvicorn with our limits and an orderly end; ``should_exit`` stops it as a signal does."""

    def __init__(self, app: HttpApp, options: HttpOptions, started: Callable[[], None] | None = None) -> None:
        limits = options.limits
        config = uvicorn.Config(
            app,
            http=limited(limits),
            ws="none",
            loop="asyncio",
            lifespan="on",
            log_config=None,
            log_level="error",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=max(1, round(limits.head_seconds)),
            backlog=BACKLOG,
            limit_concurrency=limits.connections + 1,
        )
        super().__init__(config)
        self._app = app
        self._grace = limits.stop_seconds
        self._on_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._on_started is not None:
            self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for listening in self.servers:
            listening.close()
        await self._app.stop(self._grace)
        for connection in list(self.server_state.connections):
            connection.shutdown()
            if getattr(connection, "serving", False):
                connection.transport.abort()  # it takes nothing, not even the last word
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; unlike uvicorn's, the signal is not raised again at the end: an orderly end is no failure."""
        self.should_exit = True
        for kind in (signal.SIGINT, signal.SIGTERM):
            signal.signal(kind, signal.SIG_DFL)  # a second one kills
        watchdog = threading.Timer(_LAST_MOMENT, _end)
        watchdog.daemon = True
        watchdog.start()


def _report(opening: Opening) -> Mapping[str, Any]:
    """How the archive is, for a health check."""
    fresh = opening.get().freshness()
    return {
        "archive": fresh.archive,
        "episodes": fresh.episodes,
        "newest": fresh.newest,
        "state": fresh.state,
        "pending": fresh.pending,
    }


def _say_where(settings: Settings, options: HttpOptions) -> None:
    header = ' --header "Authorization: Bearer TOKEN"' if options.token_file is not None and not options.oauth else ""
    folders = ", ".join(str(folder) for folder in settings.episodes)
    sys.stderr.write(
        f"zunda-mcp: serving {folders} at {options.url} (Ctrl-C stops)\n"
        f"zunda-mcp: connect with: claude mcp add --transport http zunda {options.url}{header}\n"
    )
    if not options.guarded and (options.allow_hosts or options.public_url):
        sys.stderr.write(
            "zunda-mcp: no token is asked for, so whoever reaches the proxy in front reads the archive; "
            "--token-file FILE closes that.\n"
        )
    sys.stderr.flush()


def _end() -> None:
    with contextlib.suppress(Exception):
        sys.stderr.flush()
    os._exit(0)
