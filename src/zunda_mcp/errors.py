"""Every error zunda-mcp raises on purpose.

ZundaError
├── ArgumentError      an argument cannot be understood; names it and shows a call that works
├── NotFoundError      an id, date, number or URL names nothing in the archive; offers near ones
├── SettingsError      a flag, environment variable or settings file is wrong
├── ArchiveError       the episodes cannot be read at all (no such folder, no permission)
├── FetchError         an added source cannot be fetched (network, server, git); what was there before stays
├── InstallError       a client's configuration cannot be read or changed; says what to do by hand
├── EmbeddingError     the embedder cannot be used (no such endpoint, a wrong answer)
├── EngineError        the cluster that has the index cannot be asked, or cannot answer whole
└── IndexingError      the index cannot be written, opened or waited for
    └── BuildingError  the first index or a survey is still being made; try again in a moment

A message is one or two plain sentences: what is wrong, and what to do next.
A fault in one episode file is never an error: it is a ``Problem`` (see ``zunda_mcp.models``).
"""

from __future__ import annotations

__all__ = [
    "ArchiveError", "ArgumentError", "BuildingError", "EmbeddingError", "EngineError", "FetchError", "IndexingError",
    "InstallError", "NotFoundError", "SettingsError", "ZundaError",
]  # fmt: skip


class ZundaError(Exception):
    """The base of all errors a user or an assistant can act on."""


class ArgumentError(ZundaError):
    """An argument is unknown, missing or malformed.

    ``argument`` is its name; the message already holds a corrected call or value.
    """

    def __init__(self, argument: str, message: str) -> None:
        super().__init__(message)
        self.argument = argument


class NotFoundError(ZundaError):
    """Nothing in the archive has this id; ``suggestions`` are ids or names that do exist."""

    def __init__(self, message: str, suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.suggestions = suggestions


class SettingsError(ZundaError):
    """A setting has a wrong name or value; the message says where it was read."""


class ArchiveError(ZundaError):
    """The episodes cannot be read at all."""


class InstallError(ZundaError):
    """A client's configuration cannot be read or changed safely; it is left as it is."""


class EmbeddingError(ZundaError):
    """The embedder cannot be used; questions are answered without it."""


class EngineError(ZundaError):
    """The cluster that has the index cannot be asked, or cannot answer whole."""


class IndexingError(ZundaError):
    """The index cannot be written, opened or waited for."""


class BuildingError(IndexingError):
    """The first index, or a survey, is still being built."""


class FetchError(ZundaError):
    """An added source cannot be fetched; what was fetched before stays.

    ``status`` is the HTTP status where a server answered with one.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status
