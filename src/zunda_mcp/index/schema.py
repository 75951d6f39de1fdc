"""What a document of the index consists of: fields, columns, exact keys, and the version of the format.

A story is one document, and so is the text that an episode has of its own (its notes):

- ``key``: exact keys without weight: ``id:``, ``episode:``, ``kind:``, ``host:``, ``site:`` (each parent domain too),
  ``url:``, ``gloss:`` (two names for one thing as the text has them, see ``zunda_mcp.topics.glossary``) and ``name:``.
- ``text``: terms of a story with their impact; ``notes``: the same for an episode's own text. They are separate because
  notes repeat the titles of the stories, and must not change how rare a word is among stories.
- ``spoken``: terms of the transcript of a story, and of an episode outside its stories. Also separate: a transcript
  says nothing about how rare a word is in writing, or how it is spelled.
- ``item``: a column, the id of the story or episode.
- ``day``: a column, the date as its proleptic ordinal.
- ``plain``: a column, the normalised text for exact phrase checks, UTF-8.
- ``plain_speech``: a column, the normalised speech; ``speech``: the speech as shown; ``moments``: pairs of a place in
  it and the second of the recording, as JSON.
- ``record``: a column, the story or the episode as JSON: what an answer shows.
- ``entry``: a column, for notes what hits show of the episode; for a story its title.
- ``names``: a column, the names that a story mentions with their counts as JSON: what topics are made of.

The stories of an episode follow its notes, so the notes document before a story belongs to its episode.

Change ``VERSION`` whenever terms, weights or fields change: an index of another version is rebuilt, not opened.
"""

from __future__ import annotations

__all__ = [
    "DAY", "ENTRY", "GLOSS", "GREATEST", "ITEM", "KEY", "MOMENTS", "NAME", "NAMES", "NOTES", "PASSAGE", "PLAIN",
    "PLAIN_SPEECH", "RECORD", "SPEECH", "SPOKEN", "STORED", "TEXT", "UNDATED", "VERSION", "WITH_MARKUP", "WITH_SPEECH",
    "gloss_key", "gloss_prefix",
]  # fmt: skip

VERSION = 28
#: The greatest impact a term has in a document: impacts are kept in a byte.
GREATEST = 255
#: The day of what has no date; real days, which count from the first of the year 1, come after it.
UNDATED = 0

KEY, TEXT, NOTES, SPOKEN = "key", "text", "notes", "spoken"
ITEM, DAY, PLAIN, RECORD, ENTRY, NAMES = "item", "day", "plain", "record", "entry", "names"
PLAIN_SPEECH, SPEECH, MOMENTS = "plain_speech", "speech", "moments"
#: The columns that everything answers show, or are made from, stands in.
STORED = (ITEM, PLAIN, RECORD, ENTRY, NAMES, SPEECH, MOMENTS)

#: The key of every document with something spoken.
WITH_SPEECH = "kind:spoken"
#: The key of every document whose text has marks of Markdown, links or entities, so that it reads otherwise than it is
#: indexed: a word may run on over a link.
WITH_MARKUP = "kind:markup"
#: The key of what is not a story but a passage of a transcript.
PASSAGE = "kind:passage"


GLOSS = "gloss:"
#: The keys of names that the vocabulary has and no term is: of several Latin words, and in hiragana.
NAME = "name:"


def gloss_key(name: str, other: str, proof: str) -> str:
    """Return the key of a story that says ``other`` is another name of ``name``."""
    return f"{gloss_prefix(name)}{other}\t{proof}"


def gloss_prefix(name: str) -> str:
    """Return the beginning of the keys of all glosses of a name."""
    return f"{GLOSS}{name}\t"
