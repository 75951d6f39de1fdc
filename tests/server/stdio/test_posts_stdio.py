"""One's own posts over stdio: what somebody asks of them is one call, in either language, and reads well."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from stdio_client import Server

JAPAN = dt.timezone(dt.timedelta(hours=9))
LAST_YEAR = dt.datetime.now(JAPAN).year - 1
LONG_DAY = f"{LAST_YEAR}-12-24"


def row(
    number: int, day: str, text: str, log: str = "1", user: str = "zunda_example", *, time: str = "12:00:00"
) -> str:
    at = dt.datetime.fromisoformat(f"{day} {time}").replace(tzinfo=JAPAN)
    status = (int(at.timestamp() * 1000) - 1_288_834_974_657) << 22 | number
    return f'"{status}","https://x.com/{user}/status/{status}","{day} {time}","{text}","{log}"\n'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("posts")
    rows = [
        *(row(n, f"{LAST_YEAR}-01-{n + 1:02}", f"ラーメンを食べた。{n}杯目、替え玉もした。") for n in range(25)),
        *(row(n, f"{LAST_YEAR}-03-{n + 1:02}", f"ramen at shop {n}, the broth was great") for n in range(12)),
        *(row(n, f"{LAST_YEAR - 1}-01-{n + 1:02}", f"昔のラーメン {n}") for n in range(5)),
        *(row(n, "2023-03-05", f"Rust 1.6{n} is out", "2", "rustlang", time=f"10:0{n}:00") for n in range(3)),
        *(row(n, "2023-04-05", f"I like Rust more than C, part {n}", time=f"11:0{n}:00") for n in range(3)),
        *(row(n, "2024-04-05", f"LLMの推論の記事 {n}", "3", "llm_dev", time=f"10:0{n}:00") for n in range(4)),
        *(row(n, "2024-04-06", f"LLMの量子化を試した {n}", time=f"10:0{n}:00") for n in range(4)),
        *(row(n, LONG_DAY, f"実況 {n}: 早食い大会", time=f"{8 + n // 60:02}:{n % 60:02}:00") for n in range(200)),
    ]
    (folder / "zunda_example-261124.csv").write_text("".join(reversed(rows)), encoding="utf-8")
    with Server(folder, tmp_path_factory.mktemp("index")) as running:
        running.open()
        yield running


def call(server: Server, name: str, **arguments: Any) -> dict[str, Any]:
    result: dict[str, Any] = server.ask("tools/call", {"name": name, "arguments": arguments})["result"]
    return result


def text(result: dict[str, Any]) -> str:
    return str(result["content"][0]["text"])


@pytest.mark.parametrize(
    ("query", "filters", "total", "kind"),
    [
        ("去年のラーメンの投稿をまとめて", {"kind": "post"}, 37, "post"),
        ("my ramen posts last year", {"kind": "post"}, 37, "post"),
        ("likes about Rust in 2023", {}, 3, "like"),
        ("Rust posts I liked", {}, 3, "like"),
        ("Rust", {"kind": "like", "since": "2023", "until": "2023"}, 3, "like"),
        ("ブックマークしたLLM", {}, 4, "bookmark"),
        ("LLMのブックマーク一覧", {}, 4, "bookmark"),
        ("2023年のいいね", {}, 3, "like"),
    ],
)
def test_a_question_for_ones_own_posts_is_one_call(
    server: Server, query: str, filters: dict[str, str], total: int, kind: str
) -> None:
    result = call(server, "search_episodes", query=query, limit=2, **filters)
    found = result["structuredContent"]
    assert found["total_stories"] == total
    if kind == "post":
        assert all(hit["date"].startswith(str(LAST_YEAR)) for hit in found["hits"])
    assert f"kind {kind}" in found["understood"]
    assert len(found["hits"]) == 2
    assert found["next_cursor"]


def test_all_posts_of_a_question_come_with_its_cursor(server: Server) -> None:
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        found = call(server, "search_episodes", query="去年のラーメンの投稿をまとめて", kind="post", limit=10, **cursor)
        page = found["structuredContent"]
        seen += [hit["id"] for hit in page["hits"]]
        if not page["next_cursor"]:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert len(seen) == len(set(seen)) == page["total_stories"]
    assert {f"{LAST_YEAR}-01-{n:02}#1" for n in range(1, 26)} <= set(seen)


def test_a_hit_of_a_short_post_says_its_text_and_its_day_once(server: Server) -> None:
    shown = text(call(server, "search_episodes", query="broth shop", kind="post", limit=1))
    assert shown.count("the broth was great") == 1
    line = next(line for line in shown.split("\n") if line.startswith("- "))
    assert line.count(f"{LAST_YEAR}-03-") == 1


def test_a_day_of_many_posts_reads_well_page_by_page(server: Server) -> None:
    cursor: dict[str, str] = {}
    pages = []
    for _ in range(60):
        page = text(call(server, "get_episode", id=LONG_DAY, max_chars=2000, **cursor))
        pages.append(page)
        if "Read on with" not in page:
            break
        cursor = {"cursor": page.rpartition('cursor="')[2].partition('"')[0]}
    whole = "\n".join(pages)
    assert [whole.count(f"実況 {n}: 早食い大会") for n in range(200)] == [1] * 200
    assert f"- {LONG_DAY}#1 post at 08:00: 実況 0: 早食い大会" in pages[0]
    assert f"- {LONG_DAY}#200 post at 11:19: 実況 199: 早食い大会" in pages[-1]
    assert not any("(no title)" in page or "()" in page for page in pages)


def test_the_posts_of_a_day_in_full_are_never_cut_below_their_headings(server: Server) -> None:
    cursor: dict[str, str] = {}
    pages: list[str] = []
    while len(pages) < 60:
        pages.append(text(call(server, "get_episode", id=LONG_DAY, detail="full", max_chars=2000, **cursor)))
        if "Read on with" not in pages[-1]:
            break
        cursor = {"cursor": pages[-1].rpartition('cursor="')[2].partition('"')[0]}
    assert "## 1. post at 08:00" in pages[0]
    assert "## 200. post at 11:19" in pages[-1]
    for page in pages[:-1]:
        assert page.rpartition("\n\n⟦Characters")[0].split("\n\n")[-1].startswith("実況")


def test_one_post_of_a_long_day_is_shown_with_its_neighbours_alone(server: Server) -> None:
    shown = text(call(server, "get_episode", id=f"{LONG_DAY}#100"))
    assert shown.count("実況 99: 早食い大会") >= 1
    assert "; 189 more: " in shown
    assert "実況 1: " not in shown


def test_what_posts_are_near_or_quoted_says_each_text_once(server: Server) -> None:
    near = text(call(server, "find_related", id=f"{LAST_YEAR}-01-05#1", limit=3))
    assert "(no title)" not in near
    quote = text(call(server, "check_quote", quote="ramen at shop 7, the broth was great"))
    assert "https://x.com/zunda_example/status/" in quote
    timeline = text(call(server, "topic_timeline", topic="ラーメン", by="year"))
    assert f"{LAST_YEAR}: " in timeline
    assert f"{LAST_YEAR}-01-25 {LAST_YEAR}-01-25" not in timeline
