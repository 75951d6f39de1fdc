"""An archive that grows by seed: files of every kind that come, change, move and go, in steps that can be repeated.

A step is a list of operations on files, each plain data, so that a run can be replayed, cut down and printed.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import show_kinds
from archive_samples import write
from source_kinds import (
    JsonFeedFile,
    Kind,
    RssFile,
    ShowKind,
    TwilogFile,
    XArchive,
    address,
    captions_alone,
    day_of,
    feeds_in_styles,
    name_of,
    notes,
    pages,
    saying,
    transcript,
)  # fmt: skip

# --- operations


@dataclass(frozen=True)
class Write:
    """A file with this content, there or not before."""

    path: str
    data: bytes

    def __str__(self) -> str:
        return f"write {self.path} {self.data.decode('utf-8', 'replace')!r}"


@dataclass(frozen=True)
class Delete:
    """A file that goes."""

    path: str

    def __str__(self) -> str:
        return f"delete {self.path}"


@dataclass(frozen=True)
class Rename:
    """A file under another name, over whatever stood there."""

    path: str
    target: str

    def __str__(self) -> str:
        return f"rename {self.path} to {self.target}"


@dataclass(frozen=True)
class Touch:
    """A file with the same content and another time."""

    path: str

    def __str__(self) -> str:
        return f"touch {self.path}"


Operation = Write | Delete | Rename | Touch


class Clock:
    """Modification times of files: each a second after the one before, so that none repeats."""

    def __init__(self) -> None:
        self._seconds = 1_900_000_000

    def stamp(self, path: Path) -> None:
        """Give the file the next time."""
        self._seconds += 1
        os.utime(path, (self._seconds, self._seconds))


def perform(root: Path, operation: Operation, clock: Clock) -> None:
    """Do it below ``root``; what cannot be done, since its file is not there, is left out."""
    path = root / operation.path
    match operation:
        case Write():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(operation.data)
            clock.stamp(path)
        case Delete():
            path.unlink(missing_ok=True)
        case Rename():
            if path.is_file():
                target = root / operation.target
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)
        case Touch():
            if path.is_file():
                clock.stamp(path)


# --- what an archive is made of


@dataclass(frozen=True)
class Part:
    """One archive of a scenario: the kinds it is made of, in the order in which they begin, each after some additions
    of the one before. With ``shares``, all kinds go on together.
    """

    kinds: tuple[Callable[[], Kind], ...]
    shares: bool = True
    name: str = ""


def _kind(kind: Kind) -> Callable[[], Kind]:
    return lambda: kind


def _show_kind(which: int) -> Callable[[], Kind]:
    return lambda: ShowKind(which)


SCENARIOS: dict[str, tuple[Part, ...]] = {
    "notes": (Part((_kind(notes("list items", folder="_posts")),)),),
    "conventions": (Part((_kind(notes("prose")), _kind(notes("list items")), _kind(notes("headings"))), shares=False),),
    "headings": (Part((_kind(notes("inline")), _kind(notes("headings")), _kind(notes("link heads"))), shares=False),),
    "prose": (Part((_kind(notes("prose")),)),),
    "captions": (Part((_kind(notes("list items", captions=True)),)),),
    "captions and prose": (Part((_kind(notes("prose", captions=True)),)),),
    "captions alone": (Part((_kind(captions_alone),)),),
    "feeds": (Part((RssFile, JsonFeedFile)),),
    "feeds in styles": (Part((_kind(feeds_in_styles),)),),
    "posts": (Part((TwilogFile,)),),
    "posts of X": (Part((XArchive,)),),
    "undated": (Part((_kind(notes("list items", dated=False)), _kind(notes("prose", dated=False)))),),
    "pages": (Part((_kind(pages),)),),
    "nested": (Part((_kind(notes("list items", folder="nested")), _kind(notes("headings", folder="deep/er")))),),
    "mixed": (
        Part((_kind(notes("list items")), RssFile, TwilogFile, _kind(captions_alone), _kind(pages)), shares=True),
    ),
    "several": (
        Part((_kind(notes("list items", captions=True)),), name="news"),
        Part((_kind(notes("prose", dated=False)), _kind(notes("headings"))), name="weekly", shares=False),
        Part((TwilogFile,), name="posts"),
    ),
    "several feeds": (Part((RssFile,), name="one"), Part((JsonFeedFile, _kind(captions_alone)), name="two")),
    **{
        f"show kind {which}": (Part((_show_kind(which), _kind(notes("list items"))), shares=False),)
        for which in range(len([name for name, made in vars(show_kinds).items() if callable(made)]) - 2)
    },
}
"""Every scenario by name; one archive where it has one part."""

_CONFIGS = (
    "title: 豆の番組\nurl: https://show.example\n",
    "title: Bean show\nurl: https://other.example\ntimezone: America/New_York\n",
    "title: 豆の番組\nlang: en\ntimezone: Asia/Tokyo\npermalink: /:year/:title/\n",
    "url: https://show.example\nbaseurl: /beans\n",
)
_SETTINGS = (
    'language = "ja"\ntimezone = "Asia/Tokyo"\n',
    'language = "en"\nignore = ["お便り"]\n',
    'timezone = "America/New_York"\nstrategy = "headings"\n',
    '[archive]\nstories = "whole"\ndate = ["date", { path = true }]\n',
    '[archive]\nexclude = ["*7*"]\ntitle = { heading = true }\nnumber = []\n',
    "[archive]\ndate = { path = '(?P<year>\\d{4})-(?P<month>\\d\\d)-(?P<day>\\d\\d)' }\n[archive.part]\n",
)
_NO_EPISODES = ("_config.yml", ".toml")
_KEPT = 3


@dataclass
class GrowingArchive:
    """What is in the folders of a scenario, and what could happen to it next."""

    parts: tuple[Part, ...]
    rng: random.Random
    files: dict[str, bytes] = field(default_factory=dict)
    _number: int = 0
    _made: dict[int, list[Kind]] = field(default_factory=dict)

    @property
    def folders(self) -> list[str]:
        """The folder of each part."""
        return [part.name or "show" for part in self.parts]

    def next_operations(self, *, calm: bool = False) -> list[Operation]:
        """What happens next, and remember it as done; with ``calm`` only additions."""
        rng = self.rng
        happens = ["add"] * 8
        if not calm:
            happens += ["edit"] * 4 + ["delete"] * 3 + ["rename"] * 2
            happens += ["touch", "config", "settings", "copy", "companion"]
        if not calm and rng.random() < 0.01:
            found = [operation for _ in range(22) for operation in self._add()]
        else:
            found = []
            for _ in range(rng.choice((1, 1, 1, 2, 4))):
                found += getattr(self, f"_{rng.choice(happens)}")()
        return found

    # --- what can happen

    def _add(self) -> list[Operation]:
        at = self.rng.randrange(len(self.parts))
        part = self.parts[at]
        made = self._made.setdefault(at, [])
        if not made or (len(made) < len(part.kinds) and self.rng.random() < (0.5 if part.shares else 0.12)):
            made.append(part.kinds[len(made)]())
        kind = self.rng.choice(made) if part.shares else made[-1]
        files = kind(self.rng, self._number)
        self._number += 1
        return [self._write(f"{self.folders[at]}/{path}", data) for path, data in sorted(files.items())]

    def _edit(self) -> list[Operation]:
        path = self._any()
        if path is None:
            return []
        lines = self.files[path].decode("utf-8", "replace").splitlines(keepends=True)
        place = self.rng.randrange(max(1, len(lines)))
        match self.rng.choice(("name", "name", "drop", "repeat", "append")):
            case "name":
                old, new = name_of(self.rng), name_of(self.rng)
                lines = [line.replace(old, new) for line in lines]
            case "drop" if len(lines) > 8:
                del lines[place]
            case "repeat" if lines:
                lines.insert(place, lines[place])
            case _ if path.endswith(".md"):
                lines.append(f"\n\n- [{name_of(self.rng)}]({address(self.rng, 999)})\n\n{saying(self.rng)}\n")
        return [self._write(path, "".join(lines).encode())]

    def _delete(self) -> list[Operation]:
        path = self._any()
        if path is None or self._alone(path):
            return []
        del self.files[path]
        return [Delete(path)]

    def _rename(self) -> list[Operation]:
        path = self._any()
        if path is None or self._alone(path):
            return []
        folder, _, name = path.rpartition("/")
        day = day_of(self.rng, self._number)
        target = self.rng.choice(
            (f"{folder}/x{name}", f"{folder}/sub/{name}", f"{folder}/{day}-{self._number}.md", self._any() or path)
        )
        if target == path or target.partition("/")[0] != path.partition("/")[0]:
            return []
        if target.rpartition(".")[2] != path.rpartition(".")[2] or self._alone(target):
            return []
        self.files[target] = self.files.pop(path)
        return [Rename(path, target)]

    def _copy(self) -> list[Operation]:
        """The same name, and so often the same id, in another folder."""
        path = self._any()
        if path is None:
            return []
        top, _, below = path.partition("/")
        return [self._write(f"{top}/{self.rng.choice('az')}copy/{below.rpartition('/')[2]}", self.files[path])]

    def _touch(self) -> list[Operation]:
        path = self._any()
        return [Touch(path)] if path else []

    def _config(self) -> list[Operation]:
        return self._one_of(f"{self.rng.choice(self.folders)}/_config.yml", _CONFIGS)

    def _one_of(self, path: str, texts: Sequence[str]) -> list[Operation]:
        if path in self.files and self.rng.random() < 0.3:
            del self.files[path]
            return [Delete(path)]
        return [self._write(path, self.rng.choice(texts).encode())]

    def _settings(self) -> list[Operation]:
        """The archive's own file of settings."""
        if self.rng.random() < 0.6:
            return []
        return self._one_of(f"{self.rng.choice(self.folders)}/zunda-mcp.toml", _SETTINGS)

    def _companion(self) -> list[Operation]:
        """A transcript comes to notes, or goes."""
        path = self._any()
        if path is None or not path.endswith(".md"):
            return []
        stem = path.removesuffix(".md")
        there = [f"{stem}{ending}" for ending in (".vtt", ".srt", ".txt", ".json") if f"{stem}{ending}" in self.files]
        if there:
            del self.files[there[0]]
            return [Delete(there[0])]
        return [self._write(one, data) for one, data in transcript(self.rng, stem).items()]

    # --- in the small

    def _write(self, path: str, data: bytes) -> Write:
        self.files[path] = data
        return Write(path, data)

    def _any(self) -> str | None:
        """A file of an episode, or what stands beside one."""
        files = sorted(path for path in self.files if not path.endswith(_NO_EPISODES))
        return self.rng.choice(files) if files else None

    def _alone(self, path: str) -> bool:
        """Whether a source would be left with almost nothing: one that is suddenly empty counts as out of reach, as an
        export does without its manifest.
        """
        top = path.partition("/")[0]
        return (
            path.endswith("/manifest.js")
            or sum(one.startswith(f"{top}/") and not one.endswith(_NO_EPISODES) for one in self.files) <= _KEPT
        )


def first_files(folder: Path, parts: Sequence[Part]) -> None:
    """The folders of a scenario, empty."""
    for part in parts:
        (folder / (part.name or "show")).mkdir(parents=True, exist_ok=True)


__all__ = [
    "SCENARIOS", "Clock", "Delete", "GrowingArchive", "Operation", "Part", "Rename", "Touch", "Write",
    "first_files", "perform", "write",
]  # fmt: skip
