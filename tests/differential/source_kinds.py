"""Kinds of sources, drawn by seed: each gives the files of its next addition to an archive that grows."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import show_kinds
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


def address(rng: random.Random, number: int) -> str:
    return rng.choice((f"https://{rng.choice(SITES)}/{number}", f"https://{rng.choice(SITES)}/{rng.randrange(5)}"))


def _head(rng: random.Random, title: str, day: str | None, more: str = "") -> str:
    date = f"date: {day} 05:00:00 +0900\n" if day else ""
    hosts = "".join(f"  - {host}\n" for host in rng.sample(HOSTS, rng.randint(1, 2)))
    return f"---\ntitle: '{title}'\n{date}actor_ids:\n{hosts}{more}---\n\n"


def _list_items(rng: random.Random, number: int) -> str:
    items = [
        f"- [{name_of(rng)}の話 {number}-{place}]({address(rng, number)})  \n\n{saying(rng)}{saying(rng)}\n\n"
        for place in range(rng.randint(1, 4))
    ]
    support = f"- [お便り]({_SUPPORT})\n\n" if rng.random() < 0.5 else ""
    return "## 関連リンク\n\n" + "".join(items) + support


def _headings(rng: random.Random, number: int) -> str:
    return "".join(
        f"### {name_of(rng)} {number}\n\n{saying(rng)} [{name_of(rng)}]({address(rng, number)}) {saying(rng)}\n\n"
        for _ in range(rng.randint(1, 4))
    )


def _link_heads(rng: random.Random, number: int) -> str:
    return "".join(
        f"[{name_of(rng)} {number}]({address(rng, number)})\n\n{saying(rng)}\n\n" for _ in range(rng.randint(1, 3))
    )


def _inline(rng: random.Random, number: int) -> str:
    return "\n\n".join(
        f"{saying(rng)} See [{name_of(rng)}]({address(rng, number)}). {saying(rng)}" for _ in range(rng.randint(1, 3))
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
            files |= transcript(rng, f"{below}{stem}")
        return files

    return make


def transcript(rng: random.Random, stem: str) -> Files:
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
    return transcript(rng, f"{day_of(rng, number)}-talk-{number}")


def pages(rng: random.Random, number: int) -> Files:
    """A page of HTML."""
    day = day_of(rng, number)
    items = "".join(
        f'<li><a href="{address(rng, number)}">{name_of(rng)} {number}</a> {saying(rng)}</li>'
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
        f'&lt;li&gt;&lt;a href="{address(rng, number)}"&gt;{name_of(rng)}&lt;/a&gt; {saying(rng)}&lt;/li&gt;'
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
        body = f'<p>{saying(rng)}</p><ul><li><a href="{address(rng, number)}">{name_of(rng)}</a></li></ul>'
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
            text = f"{saying(rng)} {address(rng, number) if rng.random() < 0.5 else ''}".strip()
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
