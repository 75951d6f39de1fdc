"""A copied archive whose files change by seed, and a record of what is on disk, whole, at any moment.

Each story written here has a word in its title that stands nowhere else, so an answer shows whether it is known. A
word is there or gone for certain only while nothing is being done to its file; ``glimpse`` says so.
"""

from __future__ import annotations

import os
import random
import shutil
import string
import threading
import time
from dataclasses import dataclass
from pathlib import Path

MOST = 14
_BULK = 24
"""More files than a question takes in before its answer."""


@dataclass(frozen=True)
class Glimpse:
    """What is true of one word at one moment: whether it stands in a whole file, since when (``time.monotonic``), and
    whether the change before that showed in the times of its folder. ``serial`` changes with every change."""

    word: str
    there: bool
    since: float
    in_folder: bool
    serial: int


class ChangingArchive:
    """The archive in ``folder``; ``change`` makes one change, ``changing`` goes on until it is stopped."""

    def __init__(self, source: Path, folder: Path, rng: random.Random) -> None:
        self.folder = folder
        shutil.copytree(source, folder)
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        self.posts = folder / "_posts" if (folder / "_posts").is_dir() else folder
        self._rng = rng
        self._lock = threading.Lock()
        self._words: dict[str, Glimpse] = {}
        self._live: dict[Path, str] = {}
        self._bulk: list[Path] = []
        self._number = 0
        self._serial = 0
        self.done: dict[str, int] = {}

    # --- what is true

    def glimpse(self, rng: random.Random) -> Glimpse | None:
        """A word to ask for, and what is true of it now; None where nothing is certain."""
        with self._lock:
            certain = list(self._words.values())
        return rng.choice(certain) if certain else None

    def still(self, seen: Glimpse) -> bool:
        """Whether nothing has been done to its file since."""
        with self._lock:
            return self._words.get(seen.word) == seen

    def all(self) -> list[Glimpse]:
        """Every word of which something is certain."""
        with self._lock:
            return list(self._words.values())

    @property
    def added(self) -> int:
        """How many files there are besides those that stay."""
        return len(self._live)

    # --- what is done

    def changing(self, stop: threading.Event, pause: float) -> None:
        """One change after the other, with about ``pause`` seconds between them, and now and then a rest: only then do
        servers come level, and can their answers be held to what is on disk."""
        while not stop.is_set():
            self.change(stop)
            stop.wait((10 if self._rng.random() < 0.15 else self._rng.uniform(0.2, 1.8)) * pause)

    def change(self, stop: threading.Event | None = None) -> None:
        """One change of a kind drawn by seed."""
        kinds = ["add"] if len(self._live) < 3 else ["delete", "rename", "edit", "slowly", "replace", "touch"]
        if len(self._live) < MOST:
            kinds += ["add"] * 3
        kind = self._rng.choice(kinds)
        if self._rng.random() < 0.02:
            kind = "many"
        self.done[kind] = self.done.get(kind, 0) + 1
        if kind == "many":
            self._many()
            return
        if kind == "add":
            path = self._new_path()
            if self._rng.random() < 0.5:
                self._replace(path)
            else:  # the folder shows that it came, not that it was written to the end
                self._turn(path, None, self._word())
            return
        path = self._rng.choice(sorted(self._live))
        match kind:
            case "delete":
                self._delete(path)
            case "rename":
                self._rename(path)
            case "edit":
                self._turn(path, self._live[path], self._word())
            case "slowly":
                self._turn(path, self._live[path], self._word(), stop=stop or threading.Event())
            case "replace":
                self._replace(path)
            case "touch":
                os.utime(path)

    def _many(self) -> None:
        """So many at once that they are taken in behind the answers; the next time they go again."""
        if self._bulk:
            for path in self._bulk:
                if path in self._live:
                    self._delete(path)
            self._bulk = []
            return
        self._bulk = [self._new_path() for _ in range(_BULK)]
        for path in self._bulk:
            self._replace(path)

    def _turn(self, path: Path, old: str | None, new: str, *, stop: threading.Event | None = None) -> None:
        """Write a file in place; with ``stop`` in small pieces, as a slow editor or a copy over a network does."""
        self._begin(old, new)
        text = _text(path.stem, new, self._rng).encode("utf-8")
        with path.open("wb", buffering=0) as file:
            size = len(text) if stop is None else max(1, len(text) // 6)
            for start in range(0, len(text), size):
                file.write(text[start : start + size])
                if stop is not None:
                    stop.wait(0.05)
        self._live[path] = new
        self._settle(old, new, in_folder=False)

    def _replace(self, path: Path) -> None:
        old, new = self._live.get(path), self._word()
        self._begin(old, new)
        beside = path.with_name(f".{path.name}.new")
        beside.write_text(_text(path.stem, new, self._rng), encoding="utf-8")
        beside.replace(path)
        self._live[path] = new
        self._settle(old, new, in_folder=True)

    def _rename(self, path: Path) -> None:
        word = self._live.pop(path)
        self._begin(word, word)
        target = self._new_path()
        path.rename(target)
        self._live[target] = word
        self._settle(None, word, in_folder=True)

    def _delete(self, path: Path) -> None:
        word = self._live.pop(path)
        self._begin(word, word)
        path.unlink()
        self._settle(word, None, in_folder=True)

    def _begin(self, *words: str | None) -> None:
        with self._lock:
            for word in words:
                if word is not None:
                    self._words.pop(word, None)

    def _settle(self, gone: str | None, there: str | None, *, in_folder: bool) -> None:
        with self._lock:
            self._serial += 1
            now = time.monotonic()
            if gone is not None:
                self._words[gone] = Glimpse(gone, False, now, in_folder, self._serial)
            if there is not None:
                self._words[there] = Glimpse(there, True, now, in_folder, self._serial)
            past = [word for word, seen in self._words.items() if not seen.there]
            for word in past[: max(0, len(past) - 3 * MOST)]:
                del self._words[word]  # so that a long day does not make this side grow

    def _new_path(self) -> Path:
        self._number += 1
        day, month = self._number % 28 + 1, self._number // 28 % 12 + 1
        return self.posts / f"2027-{month:02d}-{day:02d}-{7000 + self._number}.md"

    def _word(self) -> str:
        return "zq" + "".join(self._rng.choices(string.ascii_lowercase, k=10))


def _text(stem: str, word: str, rng: random.Random) -> str:
    """An episode in the show's own format, with ``word`` in the title of its first story."""
    more = "".join(
        f"- [話題{number}の続き](https://example.com/{word}/{number})  \n\n{'長い説明。' * rng.randrange(1, 30)}\n\n"
        for number in range(2, rng.randrange(3, 6))
    )
    return (
        f"---\nactor_ids:\n  - ずんだもん\ndate: {stem[:10]} 05:00:00 +0900\ndescription: 'ためしの回'\n"
        f"layout: article\ntitle: ためしの放送 {stem}\n---\n\n## 関連リンク\n\n"
        f"- [{word} の話](https://example.com/{word})  \n\n{word} について"
        f"{'説明した。' * rng.randrange(1, 20)}\n\n{more}"
    )
