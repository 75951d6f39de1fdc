"""An archive that grows by seed: files of every kind that come, change, move and go, in steps that can be repeated.

A step is a list of operations on files, each plain data, so that a run can be replayed, cut down and printed.
"""

from __future__ import annotations

import json
import os
import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import show_kinds
from archive_samples import write
from feed_flavours import FLAVOURS
from feed_samples import rss
from test_posts_twilog import row
from test_posts_x import manifest, put, tweet

NAMES = (
    *(
        "TensorRT-LLM",
        "Claude Opus",
        "クロード・オーパス",
        "大規模言語モデル（LLM）",
        "LLM",
        "検索拡張生成（RAG）",
        "RAG",
    ),
    *("量子コンピュータ", "枝豆", "Kubernetes", "Rust", "音声合成", "松尾研究室", "エージェント", "エージェンシー"),
    *("Anna Bean", "ChatGPT", "開発キット", "SDK", "ビーンズ", "beans", "推論", "サーバー", "サーバ", "猫", "2.5"),
)
"""Names that many stories share, some of them spellings or glosses of others."""

HOSTS = ("ずんだもん", "四国めたん", "Anna Bean", "bob")
SITES = ("mame.example", "neko.example", "github.com/beans", "blog.beans.example", "news.example")
_SAYINGS = (
    "{a}と{b}を比べたところ、{a}の方が速かった。",
    "{a} runs faster than {b} on small machines.",
    "{a}の新しい版が出た。",
    "The {a} team explains how {b} was measured.",
    "{b}について調べ、{a}で試した。",
    "開発者は{a}を{b}と呼ぶ。",
)
_OPENING = "Hello, and welcome to the show.\n"
_SUPPORT = "https://show.example/support"


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


# --- kinds of sources: each gives the files of its next addition

Files = dict[str, bytes]
Kind = Callable[[random.Random, int], Files]


def name_of(rng: random.Random) -> str:
    """A name; the first ones are the frequent ones."""
    return NAMES[min(int(rng.expovariate(0.15)), len(NAMES) - 1)]


def saying(rng: random.Random) -> str:
    """A sentence about two names."""
    return rng.choice(_SAYINGS).format(a=name_of(rng), b=name_of(rng))


def day_of(rng: random.Random, number: int) -> str:
    """A day, often one that another episode has too."""
    number = max(0, number - rng.choice((0, 0, 0, 1, 5)))
    return f"203{number // 28 // 12 % 10}-{number // 28 % 12 + 1:02d}-{number % 28 + 1:02d}"


def _address(rng: random.Random, number: int) -> str:
    return rng.choice((f"https://{rng.choice(SITES)}/{number}", f"https://{rng.choice(SITES)}/{rng.randrange(5)}"))


def _head(rng: random.Random, title: str, day: str | None, more: str = "") -> str:
    date = f"date: {day} 05:00:00 +0900\n" if day else ""
    hosts = "".join(f"  - {host}\n" for host in rng.sample(HOSTS, rng.randint(1, 2)))
    return f"---\ntitle: '{title}'\n{date}actor_ids:\n{hosts}{more}---\n\n"


def _list_items(rng: random.Random, number: int) -> str:
    items = [
        f"- [{name_of(rng)}の話 {number}-{place}]({_address(rng, number)})  \n\n{saying(rng)}{saying(rng)}\n\n"
        for place in range(rng.randint(1, 4))
    ]
    support = f"- [お便り]({_SUPPORT})\n\n" if rng.random() < 0.5 else ""
    return "## 関連リンク\n\n" + "".join(items) + support


def _headings(rng: random.Random, number: int) -> str:
    return "".join(
        f"### {name_of(rng)} {number}\n\n{saying(rng)} [{name_of(rng)}]({_address(rng, number)}) {saying(rng)}\n\n"
        for _ in range(rng.randint(1, 4))
    )


def _link_heads(rng: random.Random, number: int) -> str:
    return "".join(
        f"[{name_of(rng)} {number}]({_address(rng, number)})\n\n{saying(rng)}\n\n" for _ in range(rng.randint(1, 3))
    )


def _inline(rng: random.Random, number: int) -> str:
    return "\n\n".join(
        f"{saying(rng)} See [{name_of(rng)}]({_address(rng, number)}). {saying(rng)}" for _ in range(rng.randint(1, 3))
    )


def _prose(rng: random.Random, number: int) -> str:
    return "\n\n".join(f"{saying(rng)} {saying(rng)}" for _ in range(rng.randint(1, 4))) + f"\n\nNumber {number}.\n"


_BODIES = {
    "list items": _list_items,
    "headings": _headings,
    "link heads": _link_heads,
    "inline": _inline,
    "prose": _prose,
}


def notes(body: str, *, dated: bool = True, folder: str = "", captions: bool = False) -> Kind:
    """Show notes in Markdown with one of ``_BODIES``; with captions beside half of them."""

    def make(rng: random.Random, number: int) -> Files:
        day = day_of(rng, number) if dated else None
        stem = f"{day}-{number}" if day else f"part-{number}"
        below = f"{number % 3}/" if folder == "nested" else f"{folder}/" if folder else ""
        audio = f"audio: https://cdn.example/{stem}.mp3\n" if captions else ""
        text = _head(rng, f"{name_of(rng)}の回 {number}", day, audio) + _OPENING + _BODIES[body](rng, number)
        files = {f"{below}{stem}.md": text.encode()}
        if captions and rng.random() < 0.5:
            files |= _captions(rng, f"{below}{stem}")
        return files

    return make


def _captions(rng: random.Random, stem: str) -> Files:
    lines = [saying(rng) for _ in range(rng.randint(2, 6))]
    match rng.choice(("vtt", "srt", "txt", "json")):
        case "vtt":
            cues = "".join(
                f"00:{at:02d}.000 --> 00:{at + 1:02d}.000\n<v Anna>{line}\n\n" for at, line in enumerate(lines, 1)
            )
            return {f"{stem}.vtt": f"WEBVTT\n\n{cues}".encode()}
        case "srt":
            cues = "".join(
                f"{at}\n00:00:{at:02d},000 --> 00:00:{at + 1:02d},000\n{line}\n\n" for at, line in enumerate(lines, 1)
            )
            return {f"{stem}.srt": cues.encode()}
        case "json":
            segments = [
                {"startTime": at, "endTime": at + 1, "speaker": "Anna", "body": line} for at, line in enumerate(lines)
            ]
            return {f"{stem}.json": json.dumps({"version": "1.0.0", "segments": segments}).encode()}
    return {f"{stem}.txt": "".join(f"Anna: {line}\n\n" for line in lines).encode()}


def captions_alone(rng: random.Random, number: int) -> Files:
    """A transcript that belongs to no notes."""
    return _captions(rng, f"{day_of(rng, number)}-talk-{number}")


def pages(rng: random.Random, number: int) -> Files:
    """A page of HTML."""
    day = day_of(rng, number)
    items = "".join(
        f'<li><a href="{_address(rng, number)}">{name_of(rng)} {number}</a> {saying(rng)}</li>'
        for _ in range(rng.randint(1, 4))
    )
    return {
        f"{day}-page-{number}.html": (
            f'<!doctype html><html lang="ja"><head><title>{name_of(rng)} {number}</title>'
            f'<meta property="article:published_time" content="{day}T05:00:00+09:00"></head><body><article>'
            f"<h1>{name_of(rng)} {number}</h1><p>{saying(rng)}</p><ul>{items}</ul></article></body></html>"
        ).encode()
    }


def _rss_item(rng: random.Random, number: int) -> str:
    day = day_of(rng, number)
    links = "".join(
        f'&lt;li&gt;&lt;a href="{_address(rng, number)}"&gt;{name_of(rng)}&lt;/a&gt; {saying(rng)}&lt;/li&gt;'
        for _ in range(rng.choice((0, 0, 2)))
    )
    return (
        f"<item><title>Talk {number} {name_of(rng)}</title><link>https://show.example/{number}</link>"
        f"<guid isPermaLink='false'>g{number}</guid><pubDate>{day}T05:00:00+09:00</pubDate>"
        f"<description>{saying(rng)}{'&lt;ul&gt;' + links + '&lt;/ul&gt;' if links else ''}</description></item>\n"
    )


class RssFile:
    """A feed saved as a file, whose next addition is the same file with one item more, and now and then one fewer."""

    def __init__(self) -> None:
        self._items: list[str] = []

    def __call__(self, rng: random.Random, number: int) -> Files:
        """The file with the next item."""
        self._items.insert(0, _rss_item(rng, number))
        if len(self._items) > 3 and rng.random() < 0.2:
            self._items.pop(rng.randrange(len(self._items)))
        return {"feed.xml": rss("".join(self._items)).encode()}


class JsonFeedFile:
    """A JSON feed saved as a file, one item more at each addition."""

    def __init__(self) -> None:
        self._items: list[dict[str, str]] = []

    def __call__(self, rng: random.Random, number: int) -> Files:
        """The file with the next item."""
        body = f'<p>{saying(rng)}</p><ul><li><a href="{_address(rng, number)}">{name_of(rng)}</a></li></ul>'
        self._items.insert(
            0,
            {
                "id": f"j{number}",
                "url": f"https://json.example/{number}",
                "title": f"{name_of(rng)} {number}",
                "content_html": body,
                "date_published": f"{day_of(rng, number)}T05:00:00Z",
            },
        )
        feed = {"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": self._items}
        return {"feed.json": json.dumps(feed, ensure_ascii=False).encode()}


class TwilogFile:
    """Twilog's export, some rows more at each addition."""

    def __init__(self) -> None:
        self._rows: list[str] = []

    def __call__(self, rng: random.Random, number: int) -> Files:
        """The file with the next rows."""
        for place in range(rng.randint(1, 3)):
            time = f"{day_of(rng, number)} 13:15:{place:02d}"
            text = f"{saying(rng)} {_address(rng, number) if rng.random() < 0.5 else ''}".strip()
            self._rows.insert(0, row(2027960832928501907 + 10 * number + place, text, time=time))
        return {"zunda_example-261101.csv": "".join(self._rows).encode()}


class XArchive:
    """An archive of X, unpacked, some posts more at each addition."""

    def __init__(self) -> None:
        self._tweets: list[dict[str, object]] = []

    def __call__(self, rng: random.Random, number: int) -> Files:
        """Its files with the next posts."""
        for place in range(rng.randint(1, 3)):
            created = f"Sun Mar {number % 28 + 1:02d} 04:15:{place:02d} +0000 203{number // 28 % 10}"
            self._tweets.append(tweet(2027960832928501907 + 10 * number + place, saying(rng), created))
        with tempfile.TemporaryDirectory() as scratch:
            manifest(Path(scratch), "tweets.js")
            put(Path(scratch), "tweets.js", list(self._tweets))
            return _files_below(Path(scratch))


def feeds_in_styles(rng: random.Random, number: int) -> Files:
    """A feed of three items in the style of a host, with names of ours in it."""
    style = sorted(FLAVOURS)[number % len(FLAVOURS)]
    text = FLAVOURS[style].text.replace("beans-", f"beans{number}-").replace("2031", str(2031 + number))
    text = text.replace("Soy", name_of(rng).partition("（")[0])
    return {f"feeds/{number}.xml": text.encode()}


@cache
def _stock() -> tuple[tuple[tuple[str, bytes], ...], ...]:
    """The made-up archives of ``show_kinds``, each as its files in order."""
    makers = [made for name, made in vars(show_kinds).items() if callable(made) and made.__module__ == "show_kinds"]
    stock = []
    for make in makers:
        with tempfile.TemporaryDirectory() as scratch:
            stock.append(tuple(sorted(_files_below(make(Path(scratch))).items())))
    return tuple(stock)


class ShowKind:
    """One of the archives of ``show_kinds``, file by file; from the sixth on, copies under other names and days."""

    def __init__(self, which: int) -> None:
        self._files = _stock()[which % len(_stock())]

    def __call__(self, rng: random.Random, number: int) -> Files:
        """Its next file."""
        path, data = self._files[number % len(self._files)]
        if number < len(self._files):
            return {path: data}
        stem, dot, ending = path.rpartition(".")
        text = data.decode().replace("2030-0", "2031-0").replace("Bean", name_of(rng)).replace("豆", name_of(rng))
        return {f"{stem}-{number}{dot}{ending}": text.encode()}


def _files_below(folder: Path) -> Files:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


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
                lines.append(f"\n\n- [{name_of(self.rng)}]({_address(self.rng, 999)})\n\n{saying(self.rng)}\n")
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
        return [self._write(one, data) for one, data in _captions(self.rng, stem).items()]

    # --- in the small

    def _write(self, path: str, data: bytes) -> Write:
        self.files[path] = data
        return Write(path, data)

    def _any(self) -> str | None:
        """A file of an episode, or what stands beside one."""
        files = sorted(path for path in self.files if not path.endswith(_NO_EPISODES))
        return self.rng.choice(files) if files else None

    def _alone(self, path: str) -> bool:
        """Whether a source would be left with almost nothing: one that is suddenly empty counts as out of reach."""
        top = path.partition("/")[0]
        return sum(one.startswith(f"{top}/") and not one.endswith(_NO_EPISODES) for one in self.files) <= _KEPT


def first_files(folder: Path, parts: Sequence[Part]) -> None:
    """The folders of a scenario, empty."""
    for part in parts:
        (folder / (part.name or "show")).mkdir(parents=True, exist_ok=True)


__all__ = [
    "NAMES", "SCENARIOS", "Clock", "Delete", "GrowingArchive", "Operation", "Part", "Rename", "Touch", "Write",
    "first_files", "perform", "write",
]  # fmt: skip
