"""From the candidates of all stories to the topics of the archive."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from zunda_mcp.topics.judge import MIN_EPISODES, Judge
from zunda_mcp.topics.lexicon import Entry, Lexicon
from zunda_mcp.topics.merging import merged_into
from zunda_mcp.topics.model import FoundTopic, StoryNames
from zunda_mcp.topics.spelling import best_form, spelling_key

_MAX_ALIASES, _MAX_TOLD = 6, 2
_HIRAGANA = re.compile(r"[ぁ-ゖ]")


def find_topics(
    stories: Iterable[StoryNames], names: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> list[FoundTopic]:
    """The topics of an archive, those of most stories first; ``names`` are other names as ``other_names`` has them.

    A topic is in two episodes at least, is no word of general use (see ``judge``), and has one entry for all its
    spellings: case, width, hyphens, spaces, long-vowel marks, plural, an acronym with its expansion, and
    the other names the archive tells.
    """
    lexicon = Lexicon(list(stories))
    judge = Judge(lexicon)
    accepted = {key: entry for key, entry in lexicon.entries.items() if judge.accepts(key, entry)}
    targets = merged_into(accepted, names)
    variants: dict[str, list[Entry]] = {key: [entry] for key, entry in accepted.items() if key not in targets}
    for key, target in targets.items():
        variants[target].append(accepted[key])
    told = {spelling_key(name): others for name, others in names.items()}
    found = (_topic(key, entries, lexicon.stories, told.get(key, ())) for key, entries in variants.items())
    topics = [topic for topic in found if topic.episodes >= MIN_EPISODES]
    return sorted(topics, key=lambda topic: (-len(topic.story_ids), topic.name))


def _topic(key: str, entries: Sequence[Entry], stories: Sequence[StoryNames], told: Sequence[str]) -> FoundTopic:
    places = {place for entry in entries for place in entry.stories}
    if _HIRAGANA.match(key):
        places.update(place for place, story in enumerate(stories) if key in story.title)
    mentioned = sorted((stories[place] for place in places), key=lambda s: (s.date, s.story_id), reverse=True)
    days = [story.date for story in mentioned if story.date]
    forms: Counter[str] = Counter()
    for entry in entries:
        forms.update(entry.forms)
    name = best_form(max(entries, key=lambda entry: entry.df).forms)
    others = sorted((form for form in forms if form != name), key=lambda form: (-forms[form], form))
    known = {spelling_key(form) for form in (name, *others)}
    others = [*others[: _MAX_ALIASES - _MAX_TOLD], *(other for other in told if spelling_key(other) not in known)]
    return FoundTopic(
        name=name,
        aliases=tuple(others[:_MAX_ALIASES]),
        key=key,
        story_ids=tuple(story.story_id for story in mentioned),
        episodes=len({story.episode_id for story in mentioned}),
        first=days[-1] if days else "",
        last=days[0] if days else "",
    )
