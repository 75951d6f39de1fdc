"""The pages as files, for any web server or a local folder: overview, topics and episodes, but no search.

Addresses are relative, so that the folder can be anywhere. There is a search box only if a served site is named, which
then answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from zunda_mcp.errors import SettingsError
from zunda_mcp.server.web.episode_pages import episode_page
from zunda_mcp.server.web.overview_pages import connect_page, episodes_page, home_page, topics_page
from zunda_mcp.server.web.routes import ASSETS, read_asset
from zunda_mcp.server.web.search_page import search_page
from zunda_mcp.server.web.site_links import PHRASES, Links, PageContext, SearchForm, StaticLinks, language_of

if TYPE_CHECKING:
    from zunda_mcp.library import Library

__all__ = ["export_site"]

_TOPICS = 50
"""The most topics that have a page: those on the list of topics."""


def export_site(
    library: Library,
    folder: Path,
    *,
    language: str = "",
    search_at: str = "",
    progress: Callable[[int, int, str], None] = lambda done, total, what: None,
) -> int:
    """Write the pages into ``folder``, overwriting files with the same names, and return the number of pages.

    ``language`` is that of our own words on the pages, by default the archive's. ``search_at`` is the address of a
    served site of the same archive. Raises ``SettingsError`` if the folder cannot be written.
    """
    about = library.about()
    phrases = PHRASES[language_of(language or None, about.language or "en")]
    endpoint = f"{search_at.rstrip('/')}/mcp" if search_at else ""

    def site(depth: int) -> PageContext:
        return PageContext(StaticLinks(depth, search_at), phrases, about.freshness, about.language, endpoint)

    pages = list(_pages(library, site))
    try:
        for done, (name, page) in enumerate(pages):
            progress(done, len(pages), name)
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(page(), encoding="utf-8", errors="replace")
        (folder / "assets").mkdir(parents=True, exist_ok=True)
        for name in ASSETS:
            (folder / "assets" / name).write_bytes(read_asset(name))
    except OSError as error:
        cause = error.strerror or type(error).__name__
        raise SettingsError(f"{folder} cannot be written ({cause}); name another folder.") from error
    return len(pages)


def _pages(library: Library, site: Callable[[int], PageContext]) -> Iterator[tuple[str, Callable[[], str]]]:
    """Yield the name of each file, and the function that makes its page."""
    top, inner = site(0), site(1)
    yield "index.html", partial(home_page, top, library)
    yield "topics/index.html", partial(topics_page, inner, library)
    yield "episodes/index.html", partial(episodes_page, inner, library)
    if top.endpoint:
        yield "connect.html", partial(connect_page, top)
    for topic in library.topic_names()[:_TOPICS]:
        question = SearchForm(q=Links.query_for(topic.name))
        yield (
            f"topics/{StaticLinks.slug(topic.name)}.html",
            partial(search_page, inner, library, question),
        )
    for episode in library.episodes():
        name = f"episodes/{StaticLinks.slug(episode.id)}.html"
        yield name, partial(_episode, inner, library, episode.id)


def _episode(site: PageContext, library: Library, episode_id: str) -> str:
    return episode_page(site, library, episode_id)[0]
