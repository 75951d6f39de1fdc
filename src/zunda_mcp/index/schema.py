"""What a document in the index holds: names of fields and columns, exact keys, and the version of it all.

A story is one document, and so is the text an episode has of its own (its notes):

- ``key``: exact keys without weight: ``id:``, ``episode:``, ``kind:``, ``host:``, ``site:`` (each parent domain too),
  ``url:``, ``gloss:`` (two names for one thing as the text has them, see ``zunda_mcp.topics.glossary``) and ``name:``.
- ``text``: terms of a story with their impact; ``notes``: the same for an episode's own text. They are apart so
  that notes, which repeat the titles of the stories, never change how rare a word is among stories.
- ``spoken``: terms of what is said of a story in the recording, and of an episode outside its stories. Apart as well:
  the spelling of a speech engine says nothing of how rare a word is, or how anything is written.
- ``item``: a column, the id of the story or episode.
- ``day``: a column, the date as its proleptic ordinal.
- ``plain``: a column, the normalised text for exact phrase checks, UTF-8.
- ``plain_speech``: a column, the same of what is spoken; ``speech`` what is spoken as it is shown, ``moments`` at
  which place in that which second of the recording is, as JSON.
- ``record``: a column, the story or the episode as JSON: what an answer shows.
- ``entry``: a column, what hits show of an episode, with its notes document; of a story its title.
- ``names``: a column, the names a story mentions with their counts as JSON: what topics are made of.

The stories of an episode follow its notes, so that the notes document before a story is that of its episode.

Change ``VERSION`` whenever terms, weights or fields change: an index of another version is rebuilt, not opened.
"""

from __future__ import annotations

__all__ = [
    "DAY", "ENTRY", "GLOSS", "GREATEST", "ITEM", "KEY", "MOMENTS", "NAME", "NAMES", "NOTES", "PASSAGE", "PLAIN",
    "PLAIN_SPEECH", "RECORD", "SPEECH", "SPOKEN", "STORED", "TEXT", "UNDATED", "VERSION", "WITH_MARKUP", "WITH_SPEECH",
    "gloss_key", "gloss_prefix",
]  # fmt: skip

VERSION = 29
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
    """The key of a story that says ``other`` is another name of ``name``."""
    return f"{gloss_prefix(name)}{other}\t{proof}"


def gloss_prefix(name: str) -> str:
    """What the keys of all glosses of a name begin with."""
    return f"{GLOSS}{name}\t"
