"""The Whoosh documents of an episode and its stories (see ``zunda_mcp.index.schema``).

An episode without a linked item is its own only story, so everything that searches stories finds it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from whoosh import fields, formats

from zunda_mcp.index import index_tuning
from zunda_mcp.index.catalog import EpisodeEntry
from zunda_mcp.index.impact import FieldText, Lengths, impacts
from zunda_mcp.index.postings import COLUMNS
from zunda_mcp.index.schema import (
    DAY,
    ENTRY,
    ITEM,
    KEY,
    MOMENTS,
    NAME,
    NAMES,
    NOTES,
    PLAIN,
    PLAIN_SPEECH,
    RECORD,
    SPEECH,
    SPOKEN,
    TEXT,
    UNDATED,
    WITH_MARKUP,
    WITH_SPEECH,
    gloss_key,
)
from zunda_mcp.index.vocabulary import names_of
from zunda_mcp.models import OWN, PASSAGE, Episode, Story
from zunda_mcp.reading.draft import SpokenText
from zunda_mcp.text.markdown_text import has_markup
from zunda_mcp.text.normalize import normalize
from zunda_mcp.text.urls import canonical_url, link_words, linked, site, sites_of
from zunda_mcp.topics.glossary import Gloss

__all__ = [
    "ImpactField", "moments_column", "notes_document", "notes_texts", "own_text", "schema", "story_document",
    "story_texts", "with_own_story",
]  # fmt: skip


def with_own_story(episode: Episode, spoken: SpokenText) -> tuple[Episode, SpokenText]:
    """Return an episode in the form that is indexed, and its speech.

    If it has no stories except passages, its title and text become its first story, of the kind ``episode``. The text
    moves: the episode itself keeps none, so no answer shows it twice.
    """
    if any(story.kind != PASSAGE for story in episode.stories):
        return episode, spoken
    own = Story(
        id=f"{episode.id}#1",
        episode_id=episode.id,
        place=1,
        title=episode.title,
        url=None,
        site=None,
        summary=own_text(episode.description, episode.prose),
        kind=OWN,
    )
    passages = (
        story.model_copy(update={"id": f"{episode.id}#{place}", "place": place})
        for place, story in enumerate(episode.stories, start=2)
    )
    whole = episode.model_copy(update={"description": "", "prose": "", "stories": (own, *passages)})
    return whole, SpokenText("", (spoken.besides, *spoken.stories), ((), *spoken.moments))


def own_text(description: str, prose: str) -> str:
    """Return the text of an episode: its prose, after its description unless the prose repeats that."""
    repeated = _letters(description) in _letters(prose)
    return "\n\n".join(text for text in ("" if repeated else description, prose) if text)


def _letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


class ImpactField(fields.FieldType):
    """Terms or keys of a document with their impact: takes ``{term: impact}`` and passes it to the pool as one item."""

    def __init__(self) -> None:
        super().__init__(formats.Existence(), None)

    def index(self, value: Any, **kwargs: Any) -> Iterator[tuple[Any, int, float, bytes]]:
        yield value, 1, 1.0, b""


def schema() -> fields.Schema:
    """Return a new schema object."""
    columns = {name: fields.COLUMN(column) for name, column in COLUMNS.items()}
    return fields.Schema(**{name: ImpactField() for name in (KEY, TEXT, NOTES, SPOKEN)}, **columns)


def _story_keys(episode: Episode, story: Story, names: Iterable[str], glosses: Iterable[Gloss]) -> set[str]:
    """All keys of a story (see ``zunda_mcp.index.schema``); a gloss has one for each direction."""
    keys = {f"id:{story.id}", f"episode:{episode.id}", "kind:story"}
    keys |= {f"host:{normalize(host)}" for host in episode.hosts}
    keys |= {f"archive:{episode.archive}"} if episode.archive else set()
    if story.url:
        keys.add(f"url:{canonical_url(story.url)}")
    if story.site:
        keys |= {f"site:{site}" for site in sites_of(story.site)}
    if story.kind:  # a post is found by what it is, and by the pages it links to
        keys.add(f"kind:{story.kind}")
        for url in linked(story.summary):
            keys.add(f"url:{canonical_url(url)}")
            keys |= {f"site:{name}" for name in sites_of(site(url) or "") if name}
    keys |= {f"{NAME}{name}" for name in names}
    for name, other, proof in glosses:
        keys |= {gloss_key(name, other, proof), gloss_key(other, name, proof)}
    return keys


def story_texts(story: Story) -> tuple[str, str, str]:
    """Return the texts with the terms of a story, normalised: title, summary with headings, words of its link."""
    summary = f"{story.summary}\n{story.section}" if story.section else story.summary
    return normalize(story.title), normalize(summary), link_words(story.url) if story.url else ""


def notes_texts(episode: Episode) -> tuple[str, str, str, str]:
    """Return the texts that the terms of notes come from, normalised: title on one line, description, prose, people."""
    title = normalize(episode.title).replace("\n", " ")
    return title, normalize(episode.description), normalize(episode.prose), _people(episode)


def _people(episode: Episode) -> str:
    """The names of an episode's people on one line, separated so that no phrase runs over two of them."""
    return " | ".join(map(normalize, episode.hosts))


def story_document(
    episode: Episode,
    story: Story,
    lengths: Lengths,
    names: dict[str, int],
    glosses: Iterable[Gloss],
    *,
    spoken: str = "",
) -> dict[str, Any]:
    """Return the Whoosh document of a story; ``names`` and ``glosses`` are those in it, ``spoken`` is its speech. The
    only story of an episode without a linked item has its people as well.
    """
    title, summary, link = story_texts(story)
    people = _people(episode) if story.kind == OWN else ""
    return {
        **_speech(_story_keys(episode, story, names_of(names), glosses) | _markup(title, summary), spoken, lengths),
        TEXT: impacts(
            FieldText(title, index_tuning.TITLE_WEIGHT, lengths.title),
            FieldText(summary, index_tuning.SUMMARY_WEIGHT, lengths.summary),
            FieldText(link, index_tuning.LINK_WEIGHT, len(link) or 1),
            FieldText(people, index_tuning.PEOPLE_WEIGHT, len(people) or 1),
        ),
        ITEM: story.id.encode("utf-8", "surrogatepass"),
        DAY: episode.date.toordinal() if episode.date else UNDATED,
        PLAIN: _lines(title, summary, link or people),
        RECORD: _json(story.model_dump(mode="json")),
        ENTRY: story.title.encode("utf-8", "surrogatepass"),
        NAMES: _json(names),
    }


def notes_document(episode: Episode, lengths: Lengths, spoken: str = "") -> dict[str, Any]:
    """Return the Whoosh document of an episode's notes; ``spoken`` is its speech outside the stories."""
    title, description, prose, people = notes_texts(episode)
    keys = {f"id:{episode.id}", f"episode:{episode.id}", "kind:notes"}
    keys |= {f"archive:{episode.archive}"} if episode.archive else set()
    keys |= _markup(title, description, prose)
    return {
        **_speech(keys | {f"host:{normalize(host)}" for host in episode.hosts}, spoken, lengths),
        NOTES: impacts(
            FieldText(title, index_tuning.TITLE_WEIGHT, lengths.title),
            FieldText(description, index_tuning.DESCRIPTION_WEIGHT, lengths.summary),
            FieldText(prose, index_tuning.SUMMARY_WEIGHT, lengths.summary),
            FieldText(people, index_tuning.PEOPLE_WEIGHT, len(people) or 1),
        ),
        ITEM: episode.id.encode("utf-8", "surrogatepass"),
        DAY: episode.date.toordinal() if episode.date else UNDATED,
        PLAIN: _lines(title, description, prose, people),
        RECORD: _json(episode.model_copy(update={"stories": ()}).model_dump(mode="json")),
        ENTRY: EpisodeEntry.of(episode).packed(),
    }


def moments_column(moments: Sequence[tuple[int, float]]) -> dict[str, bytes]:
    """Return the column with the moments of the speech, see ``schema``."""
    return {MOMENTS: _json(moments)}


def _speech(keys: set[str], spoken: str, lengths: Lengths) -> dict[str, Any]:
    """The keys of a document, and the fields of its speech."""
    if not spoken:
        return {KEY: dict.fromkeys(keys, 1)}
    plain = normalize(spoken)
    return {
        KEY: dict.fromkeys(keys | {WITH_SPEECH}, 1),
        SPOKEN: impacts(FieldText(plain, index_tuning.SPOKEN_WEIGHT, lengths.summary)),
        PLAIN_SPEECH: plain.encode("utf-8", "surrogatepass"),
        SPEECH: spoken.encode("utf-8", "surrogatepass"),
    }


def _markup(*texts: str) -> set[str]:
    return {WITH_MARKUP} if any(map(has_markup, texts)) else set()


def _lines(*texts: str) -> bytes:
    return "\n".join(texts).encode("utf-8", "surrogatepass")


def _json(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
