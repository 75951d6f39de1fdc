"""An archive in several states, each a small change of the one before, and what is answered from each.

States and their indexes are made once, cleanly; a case starts from copies of one of them, made of hard links.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zunda_mcp.config.load import load_settings
from zunda_mcp.errors import BuildingError
from zunda_mcp.library import Library

_WORDS = ("", "AI", "音声", "量子化", "エージェント", '"Claude"', '"MCP"', "しるし")
WORKERS = ("zunda-index", "zunda-change", "zunda-merge")
"""Names of the threads that index and merge in the background."""

_TITLE = re.compile(r"^- \[", re.MULTILINE)


def open_library(archive: Path, index: Path) -> Library:
    """A library over one folder, blind to the environment, without vectors."""
    return Library(load_settings(episodes=[archive], index=index, environ={}, embedder="none"))


def answers(library: Library, *, deep: bool = False) -> dict[str, Any]:
    """What is answered to a battery of questions, but for what says how fresh it is.

    ``deep`` asks for everything; without it, for what an index that was changed bit by bit must answer as one made
    whole does: their scores differ a little, and so does the order within a day.
    """
    briefs = library.episodes()
    found: dict[str, Any] = {"episodes": [brief.model_dump() for brief in briefs]}
    orders = ("newest", "relevance") if deep else ("newest",)
    for word in _WORDS:
        for order in orders:
            answer = library.search(word, sort=order, limit=50, max_chars=60_000)  # type: ignore[arg-type]
            kept = answer.model_dump(exclude={"freshness"})
            if not deep:
                _without_chance(kept)
            found[f"search {word} {order}"] = kept
    for brief in (briefs[0], briefs[len(briefs) // 2], briefs[-1]) if briefs else ():
        found[f"episode {brief.id}"] = library.episode(brief.id).model_dump(exclude={"freshness"})
    for word in ("AI", "しるし"):
        ties = set() if deep else {"first", "last", "busiest"}
        found[f"timeline {word}"] = library.timeline(word).model_dump(exclude={"freshness", *ties})
    if deep:
        found["topics"] = library.topics(limit=50, max_chars=40_000).model_dump(exclude={"freshness"})
        for brief in briefs[:: max(1, len(briefs) // 12)]:
            found[f"episode {brief.id}"] = library.episode(brief.id).model_dump(exclude={"freshness"})
        found["related"] = library.related(briefs[0].id).model_dump(exclude={"freshness"})
        found["quote"] = library.check_quote(briefs[0].title).model_dump(exclude={"freshness"})
    return json.loads(json.dumps(found, default=str))  # type: ignore[no-any-return]


def _without_chance(found: dict[str, Any]) -> None:
    """A search newest first, in an order of its own, and without the last day, which may be cut."""
    for name in ("near", "suggestions", "next_cursor"):
        found.pop(name, None)
    hits = found["hits"]
    if len(hits) < found["total_stories"]:
        hits = [hit for hit in hits if hit["date"] != hits[-1]["date"]]
    for hit in hits:
        hit.pop("snippet", None)  # which has what room the answer leaves
    found["hits"] = sorted(hits, key=lambda hit: hit["id"])


def difference(one: dict[str, Any], other: dict[str, Any]) -> str:
    """Which questions are answered differently, in words; empty where none is."""
    return ", ".join(sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name)))


@dataclass(frozen=True)
class State:
    """A state of the archive, the clean index of it, and what is answered from that."""

    archive: Path
    index: Path
    answers: dict[str, Any]


class States:
    """The states; ``archive`` and ``index`` are where a case finds its own, always the same places."""

    def __init__(self, original: Path, scratch: Path, seed: int) -> None:
        self.archive = scratch / "work" / "archive"
        self.index = scratch / "work" / "index"
        self._saved = scratch / "saved"
        self._chance = random.Random(f"{seed} states")
        self.all: list[State] = []
        self._original = original

    def make(self, count: int, most: int | None = None) -> None:
        """The first state, of ``most`` files at most, and ``count`` changes, each indexed as a server would."""
        folder = self._saved / "archive-0"
        shutil.copytree(self._original, folder, ignore=shutil.ignore_patterns("*.mp3", "audio", "*.bak", "index"))
        files = sorted(folder.rglob("*.md"))
        for file in set(files) - set(files[:: -(-len(files) // most)] if most else files):
            file.unlink()
        for number in range(count + 1):
            if number:
                before = folder
                folder = self._saved / f"archive-{number}"
                link_tree(before, folder)
                _change(folder, number, self._chance)
            self.archive.parent.mkdir(parents=True, exist_ok=True)
            folder.rename(self.archive)
            with open_library(self.archive, self.index) as library:
                if number in (0, count):
                    library.refresh()
                wait_until_current(library)
                said = answers(library)
                wait_for_workers()
            self.archive.rename(folder)
            saved = self._saved / f"index-{number}"
            link_tree(self.index, saved)
            self.all.append(State(folder, saved, said))

    def set(self, files: State, index: State | None) -> None:
        """Put a state of the files and the index of one, or none, where the case finds them."""
        self.clear()
        files.archive.rename(self.archive)
        if index is not None:
            link_tree(index.index, self.index)

    def put_back(self, files: State) -> None:
        """Take the files back, so that the next case may have them."""
        self.archive.rename(files.archive)
        self.clear()

    def clear(self) -> None:
        """Away with the index of a case."""
        shutil.rmtree(self.index, ignore_errors=True)


def wait_until_current(library: Library) -> None:
    """Ask until the answer says that it holds all changes; on a busy machine the first goes without them.

    Raises ``TimeoutError`` after a minute.
    """
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with suppress(BuildingError):
            if library.about().freshness.state == "current":
                return
        time.sleep(0.02)
    msg = "the archive did not become current"
    raise TimeoutError(msg)


def wait_for_workers() -> None:
    """Until nothing is indexed or merged in the background of this process."""
    for thread in threading.enumerate():
        if thread.name in WORKERS:
            thread.join(60)


def link_tree(source: Path, target: Path) -> None:
    """A copy made of hard links; the lock file and the pointer are copied, as they are written in place."""
    shutil.copytree(source, target, copy_function=_link_or_copy)


def _link_or_copy(source: str, target: str) -> None:
    if source.endswith((".lock", "CURRENT")):
        shutil.copy2(source, target)
    else:
        os.link(source, target)


def _change(folder: Path, number: int, chance: random.Random) -> None:
    """Add, edit, delete and rename some files; each state has a word of its own."""
    files = sorted(path for path in folder.rglob("*.md") if re.match(r"\d{4}-", path.name))
    chance.shuffle(files)
    mark = f"しるし{number}"
    changes: list[Callable[[Path], object]] = [
        lambda path: _write(path, _marked(path, mark)),
        lambda path: _write(path.with_name(f"{path.stem[:10]}-{9000 + number}.md"), _marked(path, mark)),
        lambda path: path.unlink(),
        lambda path: path.rename(path.with_name(f"{path.stem[:10]}-{8000 + number}.md")),
    ]
    changes[0](files.pop())
    for change in chance.choices(changes, k=chance.randint(1, 4)):
        change(files.pop())


def _marked(path: Path, mark: str) -> str:
    return _TITLE.sub(f"- [{mark} ", path.read_text(encoding="utf-8"), count=1)


def _write(path: Path, text: str) -> None:
    """A new file, never the old one in place: other states share it."""
    path.unlink(missing_ok=True)
    path.write_text(text, encoding="utf-8")
