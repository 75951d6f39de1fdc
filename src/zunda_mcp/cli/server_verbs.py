"""The verbs that start the server or write its pages: ``serve``, ``open`` in a browser, ``export`` as files.

Imports are inside functions, so that a server over stdin and stdout loads no code for HTTP or for writing pages.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from zunda_mcp.cli.arguments import Arguments
from zunda_mcp.cli.chosen_archive import Progress, opened, settings_of
from zunda_mcp.cli.styles import complain, messages
from zunda_mcp.cli.verb_table import VERBS
from zunda_mcp.errors import ArgumentError, SettingsError

if TYPE_CHECKING:
    from zunda_mcp.config.http_options import HttpOptions
    from zunda_mcp.config.settings import Settings

__all__ = ["export", "open_pages", "serve"]

_USUAL = "127.0.0.1:8765"


def serve(arguments: Arguments) -> bool:
    """Serve until the client disconnects, or over HTTP until a signal arrives.

    Raises ``SettingsError`` before any message to a client, ``ArgumentError`` for flags that do not go together.
    """
    watched, connector = "watch" in arguments.options, "chatgpt" in arguments.options
    if watched:
        from zunda_mcp.server.notifications import require_watchfiles  # start-up

        require_watchfiles()
    if "http" not in arguments.options:
        for option in VERBS["serve"].options:
            if option.heading and option.argument in arguments.options:
                flag = option.names[0]
                raise ArgumentError(flag, f"{flag} is about HTTP: add --http {_USUAL}, or leave it out")
        gc.disable()  # imports create many objects but no garbage; the server enables it once it is up
        from zunda_mcp.server.stdio import stdio_server  # start-up: HTTP does not need it

        settings = settings_of(arguments)
        if sys.stdin.isatty():
            _greet_person(settings)
        stdio_server.serve(settings, watched=watched, connector=connector)
        return True
    settings = settings_of(arguments)
    gc.disable()
    options = _http_options(arguments)
    from zunda_mcp.server.http.uvicorn_server import serve_http  # start-up: stdio does not need it

    serve_http(settings, options, lambda ready: _print_address(settings, ready), watched=watched, connector=connector)
    return True


def _print_address(settings: Settings, options: HttpOptions) -> None:
    """Print where the server is, and how to connect."""
    header = ' --header "Authorization: Bearer TOKEN"' if options.token_file is not None and not options.oauth else ""
    folders = ", ".join(map(str, settings.episodes))
    complain(f"serving {folders} at {options.url}, pages at {options.page_url} (Ctrl-C stops)")
    complain(f"connect with: claude mcp add --transport http zunda {options.url}{header}")
    if not options.guarded and not options.no_token and (options.allow_hosts or options.public_url):
        complain(
            "no token is needed, so everyone who reaches the proxy can read the archive; add --token-file FILE to "
            "close it."
        )


def _greet_person(settings: Settings) -> None:
    """Tell a person at the terminal that the server waits for an assistant, since nothing else is shown."""
    folders = ", ".join(map(str, settings.episodes))
    complain(
        f"serving {folders} to an assistant over stdin and stdout; zunda-mcp install CLIENT lets one start this by "
        "itself, --http 8765 serves over HTTP, Ctrl-C ends it."
    )


def _http_options(arguments: Arguments) -> HttpOptions:
    from zunda_mcp.config.http_options import HttpOptions, OAuthOptions, read_address  # start-up

    given = arguments.options
    audiences, scopes = tuple(given.get("oauth_audience", ())), tuple(given.get("oauth_scope", ()))
    issuer = given.get("oauth_issuer")
    if issuer is None and (audiences or scopes):
        flag = "--oauth-audience" if audiences else "--oauth-scope"
        raise ArgumentError(flag, f"{flag} needs an issuer: add --oauth-issuer URL")
    host, port = read_address(given["http"])
    token_file = given.get("token_file") or os.environ.get("ZUNDA_MCP_TOKEN_FILE", "").strip()
    return HttpOptions(
        host=host,
        port=port,
        stateless="stateless" in given,
        allow_hosts=tuple(given.get("allow_host", ())),
        allow_origins=tuple(given.get("allow_origin", ())),
        token_file=Path(token_file).expanduser() if token_file else None,
        oauth=OAuthOptions(issuer, audiences, scopes) if issuer else None,
        public_url=given.get("public_url"),
        public_page="public_page" in given,
        no_token="no_token" in given,
    )


def open_pages(arguments: Arguments) -> bool:
    """Serve the pages on this machine until interrupted, and open them in a browser, with a search for the words.

    If the usual port is taken, any free one is used. Raises ``SettingsError`` if a named address cannot be used.
    """
    from zunda_mcp.config.http_options import HttpOptions, read_address  # start-up
    from zunda_mcp.server.http.uvicorn_server import serve_http  # start-up

    settings = settings_of(arguments)

    def show(options: HttpOptions) -> None:
        _print_address(settings, options)
        page = f"{options.page_url}?{urlencode({'q': arguments.text})}" if arguments.words else options.page_url
        threading.Thread(target=_browse, args=(page,), daemon=True).start()  # some browsers block

    named = arguments.options.get("http")
    host, port = read_address(named or _USUAL)
    try:
        serve_http(settings, HttpOptions(host=host, port=port), show)
    except SettingsError:
        if named is not None:
            raise
        serve_http(settings, HttpOptions(host=host, port=0), show)
    return True


def _browse(page: str) -> None:
    import webbrowser  # start-up: it looks for browsers

    if not webbrowser.open(page):
        complain(f"no browser was found; open {page}")


def export(arguments: Arguments) -> bool:
    """Write the pages of the archive as files into a folder."""
    from zunda_mcp.server.web.static_site import export_site  # start-up

    folder = Path(arguments.text).expanduser()
    options = dict(arguments.options)
    address = options.setdefault("search_at", "")
    if address and not address.startswith(("http://", "https://")):
        raise ArgumentError(
            "--search-at", f"--search-at {address} is not an address; write it like https://zunda.example.org"
        )
    with opened(arguments) as library, Progress() as progress:
        pages = export_site(library, folder, progress=progress, **options)
    say = messages()
    print(
        say(
            "{pages} in {folder}; open {file}",
            pages=say.count(pages, "page"),
            folder=folder,
            file=folder / "index.html",
        )
    )
    return True
