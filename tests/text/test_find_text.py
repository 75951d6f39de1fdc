"""``find_text``: everything a pattern matches, written and spoken, complete, in order of date."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import Post, examples, library_over
from zunda_mcp.answers import TextMatches
from zunda_mcp.engine.filtering import Narrowing
from zunda_mcp.engine.text_search import TextSearch
from zunda_mcp.errors import ArgumentError
from zunda_mcp.index import schema
from zunda_mcp.index.generation import Generations
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.library import Library
from zunda_mcp.query.filters import Filters
from zunda_mcp.query.pattern import TextPattern
from zunda_mcp.rendering.matches_text import matches as text_matches

EPISODES = {
    "2031-01-01-1": """---
title: 豆の放送 第1回
date: 2031-01-01 05:00:00 +0900
actor_ids: [ミドリ]
---

- [Udioで歌を作る](https://music.example/udio-intro)

Udioは**生成 AI**で歌を作る。Studioでも使える。udio、UDIO、ＵＤＩＯ。

- [検索の話](https://b.example/search)

全文検索の仕組みを作る。
""",
    "2031-02-03-2": """---
title: 豆の放送 第2回
date: 2031-02-03 05:00:00 +0900
actor_ids: [アオイ]
---

- [Stranger tunes](https://b.example/tunes)

The [Suno tool](https://suno.example/app) makes songs, says A&amp;B.
""",
    "2032-05-05-3": """---
title: Udio の回
date: 2032-05-05 05:00:00 +0900
actor_ids: [アオイ]
---

- [量子化の話](https://b.example/q)

モデルを量子化して小さくする。強化学習と化学。
""",
}
VTT = """WEBVTT

00:00:00.000 --> 00:00:04.000
<v Ann>Welcome to the garden show, friends.

00:00:05.000 --> 00:00:09.000
<v Ben>Never prune a quince tree in the frost.

00:01:10.000 --> 00:01:14.000
<v Ann>Why is the quince so sensitive?

00:01:15.000 --> 00:01:19.000
<v Ben>It remembers. {tail}
"""


@pytest.fixture(name="library", scope="module")
def library_of_notes_and_speech(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("show")
    for name, text in EPISODES.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    (folder / "2033-01-01-talk.md").write_text("---\ntitle: The talk\ndate: 2033-01-01\n---\n\nA talk.\n", "utf-8")
    tail = " ".join(f"Talk {n} goes on about soil and rain and wind and worms and leaves." for n in range(60))
    (folder / "2033-01-01-talk.vtt").write_text(VTT.format(tail=tail), encoding="utf-8")
    with library_over(folder, tmp_path_factory.mktemp("state") / "index") as library:
        yield library


@pytest.fixture(name="reader", scope="module")
def reader_of_the_library(library: Library) -> Iterator[IndexReader]:
    generations = Generations(library.settings.index, schema.VERSION)
    reader = IndexReader(generations.path(library.refresh().generation))
    yield reader
    reader.close()


def ids(library: Library, pattern: str, **options: object) -> list[str]:
    return [hit.id for hit in library.find_text(pattern, **options).hits]  # type: ignore[arg-type]


def lines(found: TextMatches) -> list[str]:
    return [line.removeprefix("- ") for line in text_matches(found).splitlines() if line.startswith("- ")]


def test_each_line_of_a_few_stories_ends_with_its_link_and_of_many_the_first(show: Library, post: Post) -> None:
    for day in range(1, 8):
        post(f"2031-03-0{day}-{day}", (f"風車{day}", f"https://example.com/{day}", "丘の風車。"))
    show.refresh()
    few = lines(show.find_text("風車[1-6]"))
    assert [line.rpartition(" · ")[2] for line in few] == [f"https://example.com/{day}" for day in range(1, 7)]
    for sort, first in (("oldest", 1), ("newest", 7)):
        many = lines(show.find_text("風車", sort=sort))  # type: ignore[arg-type]
        assert ["https://" in line for line in many] == [True, *[False] * 6]
        assert many[0].endswith(f"https://example.com/{first}")


def test_the_title_of_an_episode_is_told_once_where_its_day_does_not_tell_it(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    for day, title in ((1, "Letter 2031-03-01"), (2, "Letter 2031-03-02"), (3, "Letter no. 90: Weirs")):
        stories = "".join(f"- [Mill {n}](https://m.example/{day}/{n}): a mill on the river.\n" for n in (1, 2))
        page = f"---\ntitle: '{title}'\ndate: 2031-03-0{day}\n---\n\n{stories}"
        (folder / f"2031-03-0{day}.md").write_text(page, encoding="utf-8")
    with library_over(folder, tmp_path / "index") as library:
        found = lines(library.find_text("mill"))
    assert [line.partition(" · in ")[2] for line in found] == ["", "", "", "", "Letter no. 90: Weirs", ""]


def test_stories_of_one_episode_name_it_once(show: Library, post: Post) -> None:
    post("2031-03-01-1", *((f"風車{n}", f"https://example.com/{n}", "丘の風車。") for n in (1, 2)))
    post("2031-03-02-2", ("風車3", "https://example.com/3", "丘の風車。"))
    show.refresh()
    found = show.find_text("風車")
    assert [line.split()[0] for line in lines(found)] == ["2031-03-01-1#1", "#2", "2031-03-02-2#1"]
    assert '"#3" alone: same episode.' in text_matches(found)
    assert "alone" not in text_matches(show.find_text("風車[13]"))


def test_where_not_all_fit_each_episode_comes_once_before_any_comes_twice(show: Library, post: Post) -> None:
    for day in range(1, 6):
        stories = [(f"丘の話{n}", f"https://example.com/{day}/{n}", "風車が回る。" * n) for n in range(1, 9)]
        post(f"2031-03-0{day}-{day}", *stories, ("風車", f"https://example.com/{day}/b", "風車。"))
    show.refresh()
    small = show.find_text("風車", max_chars=1200)
    first, *rest = small.hits[:5]
    assert (first.id, first.more_stories) == ("2031-03-01-1#1", 8)
    assert [hit.id for hit in rest] == [f"2031-03-0{day}-{day}#9" for day in range(2, 6)]
    assert "8 more stories" in text_matches(small)
    assert "each episode once" in small.understood
    assert f"{len(small.hits)} of 45 shown, of all 5 episodes" in text_matches(small)
    everything, page = [*small.hits], small
    while page.next_cursor:
        page = show.find_text("風車", max_chars=1200, cursor=page.next_cursor)
        everything += page.hits
    assert len(everything) == len({hit.id for hit in everything}) == 45
    assert not any(hit.more_stories for hit in everything[5:])
    whole = show.find_text("風車", max_chars=20_000)
    assert [hit.id for hit in whole.hits[:2]] == ["2031-03-01-1#1", "2031-03-01-1#2"]
    assert not any(hit.more_stories for hit in whole.hits)


def test_a_match_is_no_longer_than_what_may_stand_around_it(show: Library, post: Post) -> None:
    post("2031-03-01-1", ("粉ひき", "https://example.com/1", f"{'麦を挽く' * 500}風車。"))
    show.refresh()
    (line,) = lines(show.find_text(r"^[^\n]*風車"))
    assert len(line) < 800
    assert "** … **" in line
    assert "風車**" in line


def test_every_story_that_matches_is_listed_once_in_order_of_date(library: Library) -> None:
    found = library.find_text("udio")
    assert [(hit.id, hit.counts) for hit in found.hits] == [
        ("2031-01-01-1#1", {"title": 1, "summary": 5, "link": 1}),
        ("2032-05-05-3", {"title": 1}),
    ]
    assert (found.total_matches, found.total_stories, found.total_episodes) == (8, 2, 2)
    assert (found.first, found.last) == ("2031-01-01", "2032-05-05")
    assert [(one.name, one.stories, one.matches) for one in found.counts] == [("2031", 1, 7), ("2032", 1, 1)]
    assert ids(library, "udio", sort="newest") == ["2032-05-05-3", "2031-01-01-1#1"]


def test_a_whole_word_is_not_found_inside_another(library: Library) -> None:
    (hit, _) = library.find_text("udio", whole_words=True).hits
    assert hit.counts == {"title": 1, "summary": 4, "link": 1}
    assert library.find_text("化学", whole_words=True).total_matches == 1
    assert library.find_text("化学").total_matches == 2


def test_capitals_count_where_the_pattern_has_any_and_what_is_left_out_is_counted(library: Library) -> None:
    found = library.find_text("UDIO")
    assert [hit.counts for hit in found.hits] == [{"summary": 2}]
    assert "1 more in other case: case=ignore" in found.understood
    assert library.find_text("UDIO", case="ignore").total_matches == 8
    assert library.find_text("udio", case="match").total_matches == 3


def test_capitals_that_match_nowhere_match_in_any_case(library: Library) -> None:
    found = library.find_text("STRANGER")
    assert [hit.id for hit in found.hits] == ["2031-02-03-2#1"]
    assert found.understood.startswith("none with capitals as written, so in any case;")
    assert library.find_text("STRANGER", case="match").total_matches == 0


def test_each_alternative_matches_in_any_case_unless_it_has_capitals_itself(library: Library) -> None:
    assert [hit.counts for hit in library.find_text("stranger|SUNO").hits] == [{"title": 1}]
    assert [hit.counts for hit in library.find_text("STRANGER|suno").hits] == [{"summary": 1, "link": 1}]
    assert library.find_text("(Stranger|suno)").total_matches == 2


def test_a_few_spellings_or_alternatives_are_counted_by_story(library: Library) -> None:
    found = library.find_text("udio|suno|化学")
    assert [(one.name, one.stories) for one in found.strings] == [("udio", 2), ("suno", 1), ("化学", 1)]
    assert "Stories by match: udio 2, suno 1, 化学 1" in text_matches(found, 2000)
    assert library.find_text("stranger").strings == []
    assert library.find_text("Stranger.*|Udio の回").strings != []
    assert library.find_text("udio|remembers.*").strings == []


def test_who_else_says_it_is_named_where_there_is_no_room_to_quote_them(library: Library) -> None:
    (hit,) = library.find_text("quince").hits
    assert ([one.speaker for one in hit.matches], hit.speakers) == (["Ben", "Ann"], [])
    found = library.find_text("quince", max_chars=200)
    assert ([one.speaker for one in found.hits[0].matches], found.hits[0].speakers) == (["Ben"], ["Ann"])
    assert "(spoken ×2, also by Ann)" in text_matches(found, 2000)


def test_who_speaks_is_found_by_name_once_and_not_for_every_turn(library: Library) -> None:
    (hit,) = library.find_text("ben").hits
    assert (hit.id, hit.counts) == ("2033-01-01-talk", {"people": 1})
    assert [(one.where, one.text) for one in hit.matches] == [("people", "**Ben**")]


@pytest.mark.parametrize(
    ("pattern", "where"),
    [
        ("生成AI", "summary"),
        ("生成 AI", "summary"),
        ("the suno tool makes", "summary"),
        (r"suno\.example/app", "link"),
        (r"https://music\.example", "link"),
        ("a&b", "summary"),
        ("ミドリ", "people"),
        ("豆の放送 第2回", "title"),
        ("stranger", "title"),
        ("garden show", "spoken"),
        ("ben", "people"),
    ],
)
def test_everything_is_looked_through(library: Library, pattern: str, where: str) -> None:
    (hit,) = library.find_text(pattern).hits
    assert list(hit.counts) == [where]
    assert hit.matches[0].where == where


def test_what_is_spoken_is_shown_with_speaker_time_and_passage(library: Library) -> None:
    (hit,) = library.find_text("quince").hits
    assert (hit.id, hit.counts) == ("2033-01-01-talk", {"spoken": 2})
    assert [(one.speaker, one.start, one.text) for one in hit.matches] == [
        ("Ben", 5.0, "Never prune a **quince** tree in the frost."),
        ("Ann", 70.0, "Why is the **quince** so sensitive?"),
    ]


def test_what_two_passages_share_counts_once(library: Library) -> None:
    (hit,) = library.find_text("worms").hits
    assert hit.counts == {"spoken": 60}


def test_filters_and_counts_by_host_and_site(library: Library) -> None:
    assert ids(library, "udio", since="2032") == ["2032-05-05-3"]
    assert ids(library, "udio", host="ミドリ") == ["2031-01-01-1#1"]
    assert ids(library, "話|tunes", site="b.example") == ["2031-01-01-1#2", "2031-02-03-2#1", "2032-05-05-3#1"]
    by_host = library.find_text("話|tunes", by="host").counts
    assert [(one.name, one.stories) for one in by_host] == [("アオイ", 2), ("ミドリ", 1)]
    by_month = library.find_text("udio", by="month").counts
    assert [one.name for one in by_month] == ["2031-01", "2032-05"]


def test_nothing_found_says_what_was_looked_through(library: Library) -> None:
    found = library.find_text("baobab")
    assert (found.hits, found.total_matches) == ([], 0)
    text = text_matches(found, 2000)
    assert text.startswith("No match.")
    assert "complete in all text, links, people and speech of 5 stories" in text


def test_a_title_that_the_id_says_is_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "talks"
    folder.mkdir()
    for name, title in (("the-river-show-7", "The River Show 7"), ("the-river-show-8", "Herons")):
        page = f"---\ntitle: {title}\nnumber: {name[-1]}\n---\n\nA heron stood in the shallows.\n"
        (folder / f"{name}.md").write_text(page, encoding="utf-8")
    with library_over(folder, tmp_path / "index") as library:
        lines = text_matches(library.find_text("stood")).split("\n")
    assert [line.partition(" · ")[0] for line in lines if line.startswith("- ")] == [
        "- the-river-show-7",
        "- the-river-show-8 Herons",
    ]


def test_a_misspelt_word_that_is_nowhere_names_those_spelled_nearly_so(show: Library, post: Post) -> None:
    post("2025-07-01-1", ("Kubernetes for gardens", "https://example.com/1", "A cluster of beds."))
    show.refresh()
    assert show.find_text("kubernets|zweihander").understood.endswith("; similar spellings: kubernetes")
    assert "similar" not in show.find_text("zweihander").understood
    assert "similar" not in show.find_text("kubernet[fz]es|kubern(atz|utz)").understood
    assert "similar" not in show.find_text("kubernetes").understood


def test_what_only_the_filters_leave_out_is_counted(show: Library, post: Post) -> None:
    post("2025-07-01-1", ("Kubernetes for gardens", "https://example.com/1", "A cluster of beds."))
    show.refresh()
    assert show.find_text("kubernetes", since="2025-08").understood.endswith("; 1 story outside these filters")
    assert "outside" not in show.find_text("kubernetes", since="2025-07").understood
    assert "outside" not in show.find_text("zweihander", since="2025-08").understood


def test_where_nearly_all_episodes_match_the_others_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "talks"
    folder.mkdir()
    for n in range(1, 13):
        host = "Anna" if n in (5, 9) else "Bert"
        head = f"---\ntitle: Talk {n}\ndate: 2031-01-{n:02}\nhosts: [{host}]\n---\n\n"
        (folder / f"2031-01-{n:02}-{n}.md").write_text(f"{head}A talk of {host} on beans.\n", encoding="utf-8")
    with library_over(folder, tmp_path / "index") as library:
        bert = library.find_text("Bert").understood
        assert bert.endswith("; in all episodes but 2031-01-05-5, 2031-01-09-9")
        assert library.find_text("beans").understood.endswith("; in every episode")
        assert "episode" not in library.find_text("Anna").understood
        assert "episode" not in library.find_text("Bert", since="2031-01-02").understood


@pytest.mark.parametrize("size", [1000, 1200, 2000, 6000])
def test_pages_stay_in_their_size_and_together_hold_everything(tmp_path: Path, size: int) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for n in range(1, 41):
        text = (
            EPISODES["2031-02-03-2"]
            .replace("第2回", f"第{n}回")
            .replace("tunes]", f"tunes {n}]")
            .replace("/tunes", f"/{n}")
        )
        (folder / f"2031-01-{n:03}.md").write_text(text, encoding="utf-8")
    with library_over(folder, tmp_path / "index") as library:
        found: list[str] = []
        cursor = None
        while True:
            page = library.find_text("songs", cursor=cursor, max_chars=size)
            text = text_matches(page, size)
            assert len(text) <= size
            assert all(f" {hit.id} " in text for hit in page.hits)
            found += [hit.id for hit in page.hits]
            if (cursor := page.next_cursor) is None:
                break
            assert f'cursor="{cursor}"' in text
    assert len(found) == len(set(found)) == 40


def test_a_cursor_of_another_pattern_is_refused(library: Library) -> None:
    cursor = library.find_text("e|o|の", max_chars=400).next_cursor
    assert cursor
    with pytest.raises(ArgumentError, match="another question"):
        library.find_text("a", cursor=cursor)


WORDS = st.sampled_from(
    ["udio", "量子化", "検索", "化学", "s[ou]n", "so.gs", "習と", "a&b", "tool makes", "(学習|歌)", "LLM"]
)


@settings(max_examples=examples(20))
@given(st.lists(WORDS, min_size=1, max_size=3), st.sampled_from(["|", ".*", ""]))
def test_what_the_index_narrows_is_what_looking_everywhere_finds(
    reader: IndexReader, words: list[str], between: str
) -> None:
    pattern = TextPattern(between.join(words))
    everywhere = TextSearch(reader).search(pattern, Filters())
    assert TextSearch(reader, Narrowing(reader), large=0).search(pattern, Filters()) == everywhere


def test_the_answer_is_plain_data(library: Library) -> None:
    data = json.loads(library.find_text("quince").model_dump_json())
    assert data["hits"][0]["matches"][0]["speaker"] == "Ben"


def test_the_newest_first_keeps_the_stories_of_an_episode_in_their_order(show: Library, post: Post) -> None:
    for day in (1, 2):
        stories = [(f"Bean {day}.{n}", f"https://example.com/{day}/{n}", "A bean.") for n in (1, 2)]
        post(f"2025-07-0{day}-{day}", *stories)
    show.refresh()
    assert [hit.title for hit in show.find_text("Bean", sort="newest").hits if hit.title] == [
        "Bean 2.1", "Bean 2.2", "Bean 1.1", "Bean 1.2",
    ]  # fmt: skip
