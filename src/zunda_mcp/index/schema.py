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

VERSION = 30
#: The greatest impact of a term in a document: impacts are stored in a byte.
GREATEST = 255
#: The day of an undated document; real days count from 1, the first day of the year 1.
UNDATED = 0

KEY, TEXT, NOTES, SPOKEN = "key", "text", "notes", "spoken"
ITEM, DAY, PLAIN, RECORD, ENTRY, NAMES = "item", "day", "plain", "record", "entry", "names"
PLAIN_SPEECH, SPEECH, MOMENTS = "plain_speech", "speech", "moments"
#: The columns with everything that answers show or are made from.
STORED = (ITEM, PLAIN, RECORD, ENTRY, NAMES, SPEECH, MOMENTS)

#: The key of every document with speech.
WITH_SPEECH = "kind:spoken"
#: The key of every document with Markdown, links or entities, whose text reads differently from what is
#: indexed: a word may run on over a link.
WITH_MARKUP = "kind:markup"
#: The key of every passage of a transcript.
PASSAGE = "kind:passage"


GLOSS = "gloss:"
#: The prefix of keys for names that are no terms: those of several Latin words, and those in hiragana.
NAME = "name:"


def gloss_key(name: str, other: str, proof: str) -> str:
    """Return the key of a story that says ``other`` is another name of ``name``."""
    return f"{gloss_prefix(name)}{other}\t{proof}"


def gloss_prefix(name: str) -> str:
    """Return the beginning of the keys of all glosses of a name."""
    return f"{GLOSS}{name}\t"
