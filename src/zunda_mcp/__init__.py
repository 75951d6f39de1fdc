"""zunda-mcp: an archive of dated episodes, answerable.

>>> from zunda_mcp import Library
>>> with Library.open("episodes") as library:         # doctest: +SKIP
...     for hit in library.search("TensorRT-LLM", limit=50).hits:
...         print(hit.date, hit.title, hit.url)

docs/library.md has recipes. What is answered is described in ``zunda_mcp.answers``, what is read in
``zunda_mcp.models``, what goes wrong in ``zunda_mcp.errors``. Names here are loaded when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zunda_mcp.answers import (
        About,
        EpisodeAnswer,
        EpisodeBrief,
        Freshness,
        Hit,
        Mention,
        QuoteCheck,
        RefreshReport,
        Related,
        SearchResult,
        TextMatches,
        Timeline,
        Topic,
        TopicList,
    )
    from zunda_mcp.config.load import load_settings
    from zunda_mcp.config.settings import Settings
    from zunda_mcp.errors import (
        ArchiveError,
        ArgumentError,
        BuildingError,
        EmbeddingError,
        EngineError,
        FetchError,
        IndexingError,
        InstallError,
        NotFoundError,
        SettingsError,
        ZundaError,
    )
    from zunda_mcp.library import Library
    from zunda_mcp.models import Episode, Problem, Story

__version__ = "0.1.0"

__all__ = [
    "About", "ArchiveError", "ArgumentError", "BuildingError", "EmbeddingError", "EngineError", "Episode",
    "EpisodeAnswer", "EpisodeBrief", "FetchError", "Freshness", "Hit", "IndexingError", "InstallError", "Library",
    "Mention", "NotFoundError", "Problem", "QuoteCheck", "RefreshReport", "Related", "SearchResult", "Settings",
    "SettingsError", "Story", "TextMatches", "Timeline", "Topic", "TopicList", "ZundaError", "load_settings",
]  # fmt: skip

_HOMES = {
    "Library": "library",
    "Settings": "config.settings",
    "load_settings": "config.load",
    **dict.fromkeys(("Episode", "Problem", "Story"), "models"),
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module  # start-up

    home = _HOMES.get(name, "errors" if name.endswith("Error") else "answers")
    return getattr(import_module(f"{__name__}.{home}"), name)
