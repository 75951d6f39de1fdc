"""A small archive of names, each in one story, and what a search of it finds."""

from __future__ import annotations

from itertools import count

from conftest import Post
from zunda_mcp.library import Library

SHELF = {
    "voicevox": ("VOICEVOXで読み上げる", "VOICEVOX の声を使う。"),
    "playwright": ("Playwrightで試す", "ブラウザの操作を Playwright に任せる。"),
    "devin": ("デヴィンに任せる", "デヴィンが画面を設計した。"),
    "anthropic": ("Anthropicの発表", "新しい方針を Anthropic が出した。"),
    "langgraph": ("LangGraphで組む", "LangGraph の状態機械。"),
    "deepseek": ("ディープシークの衝撃", "安い推論。"),
    "rust": ("Rustの所有権", "借用を学ぶ。"),
    "docker": ("Dockerを軽くする", "Docker の層。"),
    "python": ("Pythonの更新", "速くなった Python を測る。"),
    "worker": ("Mock Service Workerの紹介", "Mock Service Worker で試験する。"),
    "actions": ("GitHub Actionsを速く", "GitHub Actions の待ち時間。"),
    "learning": ("強化学習の入門", "報酬の設計。"),
}

#: Stories in many different words, so that an archive is Japanese in the main.
WALKS = [(f"{place}辺の散歩", f"{place}道を歩き、{place}風に吹かれた。") for place in "山川海森畑村里島谷原"]


def put(post: Post, *stories: tuple[str, str], since: int = 1) -> None:
    """One episode for each story, a day apart: 2025-07-01-1, 2025-07-02-2, …"""
    for day, (title, summary) in zip(count(since), stories, strict=False):
        post(f"2025-07-{day:02}-{day}", (title, f"https://example.com/{day}", summary))


def others(many: int) -> list[tuple[str, str]]:
    """Stories about something else, so that what is asked about is rare."""
    return [(f"畑の記録その{i}", "種をまいて水をやる。") for i in range(many)]


def found(library: Library, query: str) -> list[str]:
    """The titles found, in order."""
    return [hit.title for hit in library.search(query).hits]


def expanded(library: Library, query: str) -> list[str]:
    """The expansions that the hits name, each once."""
    matched = (where for hit in library.search(query).hits for where in hit.matched)
    return list(dict.fromkeys(where for where in matched if "→" in where))


def title(name: str) -> str:
    return SHELF[name][0]
