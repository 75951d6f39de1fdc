# ruff: noqa: E501  (what is read here is written on one line)
"""Files that are made to be expensive: read as an index reads them, within a bounded time and as problems or episodes."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from fuzz_seeds import X_MANIFEST
from outcome import Outcome, Plan

from zunda_mcp.config.load import load_settings
from zunda_mcp.config.settings import ReaderSettings
from zunda_mcp.errors import SettingsError
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive

PATIENCE = 20.0
_HEAD = "---\ntitle: x\ndate: 2031-01-01\n---\n\n"
_DEEP = 100_000
_FILE = 4_000_000
"""Just below what a file of show notes may have."""


def files() -> Iterator[tuple[str, str, Callable[[], bytes]]]:
    """What it is, the file's name, and its bytes."""
    aliases = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'x'}]\n" for n in range(12))
    md, texts = (
        "2031-01-01-1.md",
        {
            "aliases in YAML": f"---\n{aliases}---\n",
            "deep YAML": "---\na: " + "[" * 30_000 + "\n---\n",
            "deep YAML blocks": "---\n" + "".join(" " * n + "a:\n" for n in range(300)) + "---\n",
            "deep TOML": "+++\na = " + "[" * 30_000 + "\n+++\n",
            "deep JSON": '{"a":' * 10_000 + "\n",
            "deep quotes": _HEAD + ">" * _DEEP,
            "deep lists": _HEAD + "".join(" " * (2 * n) + "- a\n" for n in range(1000)),
            "deep emphasis": _HEAD + "*a **b " * 50_000,
            "open brackets": _HEAD + "[" * _DEEP,
            "open links": _HEAD + "[a](" * 50_000,
            "deep HTML": _HEAD + "<div>" * _DEEP,
            "ten thousand links": _HEAD
            + "".join(f"- [t{n}](https://a.example/{n})\n\n  s{n}\n\n" for n in range(10_000)),
            "four megabytes in one line": _HEAD + "豆a " * (_FILE // 5),
            "letters that grow": _HEAD + "\ufdfa" * 100_000,
            "marks without a letter": _HEAD + "か" + "\u3099" * 500_000,
            "backticks": _HEAD + "".join("`" * n + "a" for n in range(1, 1000)),
            "references": _HEAD + "[a]: <b>\n" * 50_000,
            "tables": _HEAD + "|a" * 50_000 + "\n" + "|-" * 50_000,
            "numbers of a date": f"---\ndate: {'9' * 60_000}\n---\n",
        },
    )
    for what, text in texts.items():
        yield what, md, text.encode
    yield "deep XML", "feed.xml", lambda: b"<rss><channel><item>" + b"<a>" * _DEEP
    yield "entities in XML", "feed.xml", _entities
    yield (
        "markup in a feed",
        "feed.xml",
        lambda: b"<rss><channel><item><title>x</title><description>" + b"&lt;b" * 300_000,
    )
    yield (
        "ten thousand items",
        "feed.xml",
        ("<rss><channel>" + "<item><title>x</title></item>" * 10_000).encode,
    )
    yield "deep JSON feed", "feed.json", lambda: b'{"version":"https://jsonfeed.org/version/1","items":' + b"[" * _DEEP
    yield (
        "deep JSON list",
        "list.json",
        lambda: b'[{"title":"x","url":"https://a.example","a":' + b"[" * 900 + b"]" * 900 + b"}]",
    )
    yield (
        "fifty megabytes in one line",
        "posts.csv",
        lambda: b'"1","https://x.com/a/status/1","2026-03-01","' + b"x" * 50_000_000,
    )
    yield "fifty megabytes of quotes", "posts.csv", lambda: b'"' * 50_000_000
    yield "a zip that grows a thousandfold", "twitter.zip", lambda: _bomb(b" " * 200_000_000)
    yield "a zip of brackets", "twitter.zip", lambda: _bomb(b"window.YTD.tweets.part0 = " + b"[" * 20_000_000)
    yield (
        "a zip of broken items",
        "twitter.zip",
        lambda: _bomb(b"window.YTD.tweets.part0 = [" + b'{"tweet":{"a' * 1_000_000),
    )


def check(plan: Plan, outcome: Outcome, end: float) -> None:
    """Read each file, and the settings that are nested too deep."""
    slowest, which = 0.0, ""
    for number, (what, name, make) in enumerate(files()):
        if time.monotonic() > end or number == plan.cases:
            outcome.skipped.append(f"files from {what!r} on: there was no time left")
            break
        folder = plan.scratch / f"file{number}"
        folder.mkdir()
        (folder / name).write_bytes(make())
        started = time.monotonic()
        try:
            read_archive(ArchiveReader([folder], ReaderSettings(timezone="Asia/Tokyo")))
        except Exception as error:
            outcome.failures.append(f"{what}: {type(error).__name__}: {str(error)[:200]}")
        took = time.monotonic() - started
        (folder / name).unlink()
        outcome.cases += 1
        slowest, which = max((slowest, which), (took, what))
        if took > PATIENCE:
            outcome.failures.append(f"{what} took {took:.1f} s")
    outcome.figures["slowest file, ms"] = round(1000 * slowest)
    outcome.figures["slowest file"] = which
    _settings(plan.scratch / "deep", outcome)


def _settings(folder: Path, outcome: Outcome) -> None:
    folder.mkdir()
    for text in ("name = " + "[" * 50_000, "a." * 50_000 + "b = 1", "name = " + "{a=" * 20_000, "name = " + "9" * 5000):
        (folder / "zunda-mcp.toml").write_text(text, encoding="utf-8")
        outcome.cases += 1
        try:
            load_settings(episodes=[folder], index=folder.parent / "elsewhere", environ={}, cwd=folder)
        except SettingsError:
            continue
        except Exception as error:
            outcome.failures.append(f"settings of {text[:12]}…: {type(error).__name__}: {str(error)[:200]}")


def _entities() -> bytes:
    rows = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "x" * 10}">' for n in range(10))
    return f'<?xml version="1.0"?><!DOCTYPE rss [{rows}]><rss><channel><item><title>&a9;</title></item></channel></rss>'.encode()


def _bomb(tweets: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("data/manifest.js", X_MANIFEST)
        made.writestr("data/tweets.js", tweets)
        made.writestr("data/account.js", json.dumps([]))
    return held.getvalue()
