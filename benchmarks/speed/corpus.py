"""The archives that are measured: the first show as it is, and the same grown ten and a hundred times.

A grown archive is the real one plus episodes whose stories are made of sentences drawn from all stories, each with a
fresh name that looks like a product's. They are Jekyll posts in a folder, read as any archive is.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import re
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from zunda_mcp.models import Story as ArchiveStory
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive
from zunda_mcp.text.normalize import normalize
from zunda_mcp.text.tokenizer import bigrams, parts, tokens
from zunda_mcp.text.urls import link_words

_ROOT = Path(__file__).parents[2]
_REAL = _ROOT.parent / "shared" / "archive" / "zund-arm-on"
_SAMPLE = _ROOT / "episodes"
_SENTENCE = re.compile(r"[^。\n]{15,200}。")
_SYLLABLES = "ka ri no ve ta lo mi zu pra xen qui dor fle gan sy bra tor nex lum ori"
_STORIES = 4


@dataclass(frozen=True)
class Story:
    """A story as a peer takes it: ``tokens`` are cut as ours are, so that only the engines differ."""

    id: str
    day: int
    title: str
    summary: str
    plain: str
    tokens: str


@dataclass(frozen=True)
class Corpus:
    """Folders of episodes, the same stories as JSON lines, and the seconds it took to read and to cut them."""

    times: int
    folders: list[str]
    stories: str
    count: int
    episodes: int
    reading: float
    cutting: float

    def read(self) -> Iterator[Story]:
        """The stories one by one."""
        with Path(self.stories).open(encoding="utf-8") as lines:
            for line in lines:
                yield Story(**json.loads(line))


def make(times: int, folder: Path) -> Corpus:
    """The archive ``times`` times as large, below ``folder``; made once and then found again."""
    done = folder / f"corpus-{times}.json"
    if done.is_file():
        return Corpus(**json.loads(done.read_text(encoding="utf-8")))
    folders = [_REAL if _REAL.is_dir() else _SAMPLE]
    if times > 1:
        folders.append(_grow(folders[0], times, folder / f"grown-{times}"))
    started = time.perf_counter()
    episodes = read_archive(ArchiveReader(folders))[0]
    read = time.perf_counter()
    target, cutting, count = folder / f"stories-{times}.jsonl", 0.0, 0
    with target.open("w", encoding="utf-8") as lines:
        for episode in episodes:
            for story in episode.stories:
                begun = time.perf_counter()
                row = _cut(story, episode.date or dt.date.min)
                cutting += time.perf_counter() - begun
                lines.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
                count += 1
    corpus = Corpus(times, [*map(str, folders)], str(target), count, len(episodes), read - started, cutting)
    done.write_text(json.dumps(asdict(corpus)), encoding="utf-8")
    return corpus


def stream(text: str) -> str:
    """Normalised text as tokens in order with a space between: words and bigrams."""
    found: list[str] = []
    for run, is_cjk, _, _ in tokens(text):
        found += bigrams(run) if is_cjk else parts(run)
    return " ".join(found)


def _cut(story: ArchiveStory, date: dt.date) -> Story:
    plain = f"{normalize(story.title)}\n{normalize(story.summary)}\n{link_words(story.url) if story.url else ''}"
    return Story(story.id, date.toordinal(), story.title, story.summary, plain, stream(plain))


def _grow(base: Path, times: int, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(times)
    stories = [story for episode in read_archive(ArchiveReader([base]))[0] for story in episode.stories]
    sentences = [s for story in stories for s in _SENTENCE.findall(story.summary)] or ["検索の話です。"]
    titles = [story.title for story in stories if story.title] or ["検索の話"]
    wanted = len(stories) * (times - 1)
    day = dt.date(1990, 1, 1)
    for number in range(-(-wanted // _STORIES)):
        date = day + dt.timedelta(days=number % 12_000)
        body = "".join(_story(chance, titles, sentences, number, place) for place in range(_STORIES))
        head = f'---\ndate: {date} 07:00:00 +0900\ntitle: "Grown {number}"\n---\n\n'
        (folder / f"{date}-grown{number}.md").write_text(head + body, encoding="utf-8")
    return folder


def _story(chance: random.Random, titles: list[str], sentences: list[str], number: int, place: int) -> str:
    name = "".join(chance.choices(_SYLLABLES.split(), k=chance.randint(2, 4))).capitalize()
    title = re.sub(r"[\[\]()\\`*<>|]", " ", chance.choice(titles))
    picked = chance.sample(sentences, min(len(sentences), chance.randint(6, 22)))
    link = f"https://example.com/{name.lower()}/{number}-{place}"
    return f"- [{name} {title}]({link})\n\n{name}の話題です。{''.join(picked)}\n\n引用元: {link}\n\n\n"
