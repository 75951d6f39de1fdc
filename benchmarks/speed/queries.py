"""The queries of each class, drawn from the texts by a fixed seed."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass
from pathlib import Path

from benchmarks.speed.corpus import Corpus

JUDGED = Path(__file__).parents[3] / "shared" / "eval" / "queries.jsonl"
CLASSES = (
    "one Latin name",
    "one Japanese word",
    "any of three",
    "all of two",
    "all of three",
    "phrase",
    "all of two, dated",
    "all of two, snippets",
    "judged queries",
)
_LATIN = re.compile(r"(?<![a-z0-9.-])[a-z][a-z0-9]{2,}(?![a-z0-9.-])")
_JAPANESE = re.compile(r"[一-龥]{2,4}|[ァ-ヺー]{3,7}")
_PHRASE = re.compile(r"[一-龥ァ-ヺーぁ-ん]{10}")
_WINDOW = 180
_SOME = 400


@dataclass(frozen=True)
class Query:
    """``words`` to be held (a phrase is one word), all or any of them, in a window of days where one is given."""

    words: list[str]
    every: bool = True
    since: int | None = None
    until: int | None = None
    snippets: bool = False
    phrase: bool = False
    text: str | None = None


def draw(corpus: Corpus, count: int) -> dict[str, list[Query]]:
    """``count`` queries of each class (the judged ones as they are, where they are there)."""
    chance = random.Random(11)
    rows = [(story.plain, story.day) for story in corpus.read()]
    some = [plain for plain, _ in rows[: _SOME * (len(rows) // _SOME) : max(1, len(rows) // _SOME)]]
    found: dict[str, list[Query]] = {name: [] for name in CLASSES}
    while len(found["phrase"]) < count:
        plain, day = chance.choice(rows)
        latin, japanese, phrases = _LATIN.findall(plain), _JAPANESE.findall(plain), _PHRASE.findall(plain)
        words = [*dict.fromkeys(latin + japanese)]
        if not latin or len(japanese) < 3 or not phrases:
            continue
        found["one Latin name"].append(Query([chance.choice(latin)]))
        found["one Japanese word"].append(Query([chance.choice(japanese)]))
        found["any of three"].append(Query(chance.sample(words, 3), every=False))
        found["all of two"].append(Query(chance.sample(words, 2)))
        found["all of three"].append(Query(chance.sample(words, 3)))
        found["phrase"].append(Query([chance.choice(phrases)], phrase=True))
        two = chance.sample(words, 2)
        found["all of two, dated"].append(Query(two, since=day - _WINDOW, until=day + _WINDOW))
        common = [word for word in words if sum(word in text for text in some) >= len(some) // 20]
        if len(common) > 1 and len(found["all of two, snippets"]) < count:
            found["all of two, snippets"].append(Query(chance.sample(common, 2), snippets=True))
    if JUDGED.is_file():
        for line in JUDGED.read_text(encoding="utf-8").splitlines():
            text = json.loads(line)["query"]
            found["judged queries"].append(Query(text.split(), every=False, text=text))
    return {name: queries for name, queries in found.items() if queries}
