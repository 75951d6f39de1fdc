"""The verbs that show the archive as pages: ``open`` in a browser, ``export`` as files."""

from __future__ import annotations

import threading
from pathlib import Path
from urllib.parse import urlencode

from zunda_mcp.cli.arguments import Arguments
from zunda_mcp.cli.chosen_archive import Progress, opened, settings_of
from zunda_mcp.cli.streams import complain
from zunda_mcp.cli.terminal import count
from zunda_mcp.errors import ArgumentError, SettingsError

__all__ = ["export", "open_pages"]

_USUAL = "127.0.0.1:8765"


def open_pages(arguments: Arguments) -> bool:
    """Serve the pages to this machine until interrupted, and open them in a browser, with the words searched for.

    Raises ``SettingsError`` where an address was named that cannot be used. The usual one is any free port where it is
    taken.
    """
    from zunda_mcp.server.http.options import HttpOptions, read_address  # start-up
    from zunda_mcp.server.http.uvicorn_server import serve_http  # start-up

    settings = settings_of(arguments)
    words = " ".join(arguments.words)

    def show(address: str) -> None:
        page = f"{address}?{urlencode({'q': words})}" if words else address
        threading.Thread(target=_browse, args=(page,), daemon=True).start()  # some browsers are waited for

    named = arguments.given("http").get("http")
    host, port = read_address(named or _USUAL)
    try:
        serve_http(settings, HttpOptions(host=host, port=port), started=show)
    except SettingsError:
        if named is not None:
            raise
        serve_http(settings, HttpOptions(host=host, port=0), started=show)
    return True


def _browse(page: str) -> None:
    import webbrowser  # start-up: it looks for browsers

    if not webbrowser.open(page):
        complain(f"no browser was found; open {page}")


def export(arguments: Arguments) -> bool:
    """The pages as files in a folder."""
    from zunda_mcp.server.web.static_site import export_site  # start-up

    folder = Path(" ".join(arguments.words)).expanduser()
    address = arguments.given("search_at").get("search_at", "")
    if address and not address.startswith(("http://", "https://")):
        raise ArgumentError(
            "--search-at", f"--search-at {address} is no address; write it like https://zunda.example.org"
        )
    with opened(arguments) as library, Progress() as progress:
        pages = export_site(library, folder, search_at=address, progress=progress, **arguments.given("language"))
    print(f"{count(pages, 'page')} in {folder}; open {folder / 'index.html'}")
    return True
