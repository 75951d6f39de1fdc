"""Finds the topics of an archive among the candidates of all stories, with one entry for all spellings of a topic.

Spellings, plurals, acronyms with their expansions, and the other names that the archive itself gives are merged.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from zunda_mcp.topics.judge import MIN_EPISODES, CandidateCounts, CandidateTable, Judge
from zunda_mcp.topics.tokens import ArchiveTopic, StoryNames, best_form, spelling_key

__all__ = ["find_topics"]

_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_RUNS = re.compile(r"[ァ-ヺー]{3,}")
_MIN_ACRONYM = 3
_SHARED = 0.5
"""Least share of the stories with the full name that must have its acronym as well."""


def _merged_into(accepted: Mapping[str, CandidateCounts], names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The key of the topic for each key that is another spelling of it; ``names`` are the other names that the archive
    gives for each normalised name.
    """
    targets: dict[str, str] = {}
    by_key = {spelling_key(name): [spelling_key(other) for other in others] for name, others in names.items()}
    for key, entry in accepted.items():
        for other in _other_keys(key, by_key):
            same = accepted.get(other)
            if same is None or other == key:
                continue
            less, more = (key, other) if (same.df, other) > (entry.df, key) else (other, key)
            _merge(less, more, targets)
    for key, entry in accepted.items():
        name = best_form(entry.forms)
        if not name.isascii() or key in targets:
            continue
        if name.endswith("s") and not name.endswith("ss") and key[:-1] in accepted and len(key) > _MIN_ACRONYM:
            _merge(key, key[:-1], targets)
            continue
        acronym = _initials(name)
        if len(acronym) >= _MIN_ACRONYM and acronym in accepted and len(acronym) < len(key):
            shared = set(entry.stories) & set(accepted[acronym].stories)
            if len(shared) >= _SHARED * entry.df:
                _merge(key, acronym, targets)
    return {key: _end(target, targets) for key, target in targets.items()}


def _other_keys(key: str, by_key: Mapping[str, Sequence[str]]) -> list[str]:
    """The keys of other names of ``key``: of the whole, or with one katakana run replaced (AIエージェント and AI Agent
    if エージェント is agent).
    """
    keys = list(by_key.get(key, ()))
    for run in set(_RUNS.findall(key)):
        if run != key:
            keys += [key.replace(run, other) for other in by_key.get(run, ())]
    return keys


def _merge(key: str, into: str, targets: dict[str, str]) -> None:
    """Map one key to another, unless it is mapped already or the other leads back to it."""
    if key not in targets and _end(into, targets) != key:
        targets[key] = into


def _end(key: str, targets: Mapping[str, str]) -> str:
    """The last key of a chain of spellings; ``_merge`` makes no circles."""
    while key in targets:
        key = targets[key]
    return key


def _initials(name: str) -> str:
    """The acronym of a name: ``rag`` for ``Retrieval-Augmented Generation`` (after Schwartz & Hearst 2003, "A simple
    algorithm for identifying abbreviation definitions in biomedical text"; here the evidence is shared stories).
    """
    return "".join(word[0] for word in _WORDS.findall(name)).lower()


_MAX_ALIASES, _MAX_GLOSSED = 6, 2
_HIRAGANA = re.compile(r"[ぁ-ゖ]")


def find_topics(
    stories: Iterable[StoryNames], names: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> list[ArchiveTopic]:
    """The topics of an archive, those in most stories first; ``names`` are other names, as ``other_names`` returns
    them.

    A topic is in at least two episodes and is not a word of general use (see ``judge``). All its spellings have one
    entry: case, width, hyphens, spaces, long-vowel marks, plurals, acronyms and other names in the archive.
    """
    lexicon = CandidateTable(list(stories))
    judge = Judge(lexicon)
    accepted = {key: entry for key, entry in lexicon.entries.items() if judge.accepts(key, entry)}
    targets = _merged_into(accepted, names)
    variants: dict[str, list[CandidateCounts]] = {key: [entry] for key, entry in accepted.items() if key not in targets}
    for key, target in targets.items():
        variants[target].append(accepted[key])
    others_by_key = {spelling_key(name): others for name, others in names.items()}
    candidates = (
        _topic(key, entries, lexicon.stories, others_by_key.get(key, ())) for key, entries in variants.items()
    )
    topics = [topic for topic in candidates if topic.episodes >= MIN_EPISODES]
    return sorted(topics, key=lambda topic: (-len(topic.story_ids), topic.name))


def _topic(
    key: str, entries: Sequence[CandidateCounts], stories: Sequence[StoryNames], glossed: Sequence[str]
) -> ArchiveTopic:
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
    keys = {spelling_key(form) for form in (name, *others)}
    others = [*others[: _MAX_ALIASES - _MAX_GLOSSED], *(other for other in glossed if spelling_key(other) not in keys)]
    return ArchiveTopic(
        name=name,
        aliases=tuple(others[:_MAX_ALIASES]),
        key=key,
        story_ids=tuple(story.story_id for story in mentioned),
        episodes=len({story.episode_id for story in mentioned}),
        first=days[-1] if days else "",
        last=days[0] if days else "",
    )
