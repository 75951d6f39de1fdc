"""Names inside sentences: how one asks may not change what is found.

Each judged name, variant and compound is asked bare and inside sentences of ten languages, and each query of the kind
``none`` as well. The sentences are our own; no engine was tuned on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from benchmarks.quality.judged import NONE, Ask, Query, rate

KINDS = frozenset({"name", "variant", "compound"})
SENTENCES = {
    "en": ("In which episode did you two go into {}?", "I'd love to listen to the one that explains {}, please"),
    "ja": ("{}を扱ったのは何回目の放送でしたか？", "前に{}の紹介をしていた気がするんだけど、どれだっけ"),
    "zh": ("哪一期节目讲过{}？",),
    "ko": ("{} 관련 내용을 다룬 회차를 찾아 주세요",),
    "de": ("In welcher Folge wurde {} vorgestellt?",),
    "fr": ("Dans quel épisode avez-vous parlé de {} ?",),
    "es": ("¿En qué episodio hablaron de {}?",),
    "pt": ("Vocês já comentaram {} em algum programa?",),
    "it": ("In quale puntata si è parlato di {}?",),
    "ru": ("Был ли у вас выпуск про {}?",),
}


@dataclass(frozen=True)
class Wrapped:
    """Mean nDCG@10 of ``queries`` bare, in sentences, by language, and what the worst sentence loses.

    ``silent`` is the share of the queries of the kind ``none`` that were answered with no hit inside a sentence, None
    where there is no such query.
    """

    queries: int
    bare: float
    mean: float
    most_lost: float
    by_language: dict[str, float]
    silent: float | None


def measure(queries: Sequence[Query], ask: Ask) -> Wrapped | None:
    """What ``ask`` finds, None where no query is a name."""
    names = [query for query in queries if query.kind in KINDS]
    if not names:
        return None
    bare = _mean(names, "{}", ask)
    means = {
        language: [_mean(names, sentence, ask) for sentence in sentences] for language, sentences in SENTENCES.items()
    }
    every = [mean for of_language in means.values() for mean in of_language]
    absent = [
        not ask(_inside(sentence, query))
        for query in queries
        if query.kind == NONE
        for sentences in SENTENCES.values()
        for sentence in sentences
    ]
    return Wrapped(
        queries=len(names),
        bare=bare,
        mean=fmean(every),
        most_lost=bare - min(every),
        by_language={language: fmean(of_language) for language, of_language in means.items()},
        silent=fmean(absent) if absent else None,
    )


def _mean(queries: Iterable[Query], sentence: str, ask: Ask) -> float:
    return fmean(rate(query, ask(_inside(sentence, query)))[0] for query in queries)


def _inside(sentence: str, query: Query) -> Query:
    return replace(query, text=sentence.format(query.text))
