"""The models of what is read: episode, story, problem.

An episode is one dated publication. A story is one linked item of it: what a listener remembers, and the unit of
search. A value that a source does not state is ``None``, never guessed. All models are immutable.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

__all__ = ["OWN", "PASSAGE", "Episode", "Line", "Model", "Problem", "Story", "one_line", "unknown"]

PASSAGE = "passage"
"""The kind of a story that is only spoken: a stretch of a transcript that belongs to no linked item."""
OWN = "episode"
"""The kind of the one story of an episode without a linked item: the episode's own title and text."""


class Model(BaseModel):
    """Immutable, and strict about names: a misspelt field is an error, not a silent extra.

    Validators are built when a model is first used, which keeps them off the start of the server.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


def one_line(text: str) -> str:
    """Return ``text`` on one line: each line break and tab becomes a space."""
    lines = text.replace("\t", " ").splitlines()
    return (lines[0] if lines else "") if len(lines) < 2 else " ".join(filter(None, map(str.strip, lines)))


Line = Annotated[str, AfterValidator(one_line)]
"""A short text on one line: an id, a title, a name."""


def unknown(value: object) -> bool:
    """Whether to leave a value out of an answer: few sources state it, and every character counts."""
    return value is None


class Problem(Model):
    """Something wrong in a source file: collected, shown by ``zunda-mcp doctor``, never fatal.

    ``path`` is the file as the archive names it (source folder name and relative path, with ``/``), ``line`` counts
    from 1 where the place is known, ``cause`` is one sentence with what was done about it. ``skipped`` says that the
    whole file is not part of the archive because of it.
    """

    path: Line
    line: int | None = None
    cause: Line
    skipped: bool = False


class Story(Model):
    """One linked item of an episode.

    ``id`` is the episode's id, ``#`` and the story's place from 1 (``2025-07-08-279#2``). ``title`` may be empty in
    the source; then it is ``""`` and readers show the first sentence of the summary. ``site`` is the URL's host
    without a leading ``www.``. ``summary`` is the Markdown of the source, a slice of it. ``start`` is where it begins
    in the recording, in seconds, where a transcript has times. ``kind`` is what a post is: ``post``, ``repost``,
    ``like`` or ``bookmark``; ``passage`` for what is only spoken; ``episode`` for the text of an episode that links to
    nothing; ``None`` for a linked item. ``at`` is when a post was written. ``section`` are the headings it stands
    under, from the outermost, without those that many files of its archive have.
    """

    id: Line
    episode_id: Line
    place: int
    title: Line
    url: str | None
    site: Line | None
    summary: str
    start: float | None = Field(default=None, exclude_if=unknown)
    kind: str | None = Field(default=None, exclude_if=unknown)
    at: dt.datetime | None = Field(default=None, exclude_if=unknown)
    section: Line = Field(default="", exclude_if=lambda value: not value)


class Episode(Model):
    """One dated publication.

    ``id`` is the file's stem (``2025-07-08-279``), with the names of its folders if the stem says too little.
    ``date`` is the day in the archive's own time zone, ``None`` if the source has none, and ``published`` the exact
    moment if known. ``page_url`` is the place to send a reader to and ``page_kind`` what it is: the published page, or
    the source file if the episode has no page. ``prose`` is the text of the body that belongs to no story (Markdown).
    ``path`` names the source file as ``Problem.path`` does. ``archive`` is the name of the archive if there are
    several, ``language`` the tag of the episode's own language (``en``) if that may differ from the archive's.
    """

    id: Line
    number: int | None
    date: dt.date | None
    published: dt.datetime | None
    title: Line
    description: str
    hosts: tuple[Line, ...]
    page_url: str | None
    page_kind: Literal["page", "file"] | None
    audio_url: str | None
    youtube_id: str | None
    prose: str
    path: Line
    archive: Line | None = None
    language: Line | None = Field(default=None, exclude_if=unknown)
    stories: tuple[Story, ...]
