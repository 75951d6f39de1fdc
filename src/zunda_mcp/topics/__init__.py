"""Names and subjects that stories share, found in the archive itself.

``mentions`` reads one story at indexing time and keeps its candidate names. ``find_topics`` takes the candidates of
all stories and chooses: what is a name or a subject, and which spellings are the same. ``rising_score`` says how
surely a topic is more frequent in a window than before. No dictionary, no model, no list of names: only the archive.
"""

from __future__ import annotations

from zunda_mcp.topics.candidates import mentions
from zunda_mcp.topics.find import find_topics
from zunda_mcp.topics.glossary import Gloss, Told, believed, glosses, other_names
from zunda_mcp.topics.markup import plain
from zunda_mcp.topics.measures import rising_score
from zunda_mcp.topics.model import FoundTopic, StoryNames

__all__ = [
    "FoundTopic",
    "Gloss",
    "StoryNames",
    "Told",
    "believed",
    "find_topics",
    "glosses",
    "mentions",
    "other_names",
    "plain",
    "rising_score",
]
