"""The people of an episode are found by their names, which stand in front matter alone."""

from __future__ import annotations

import pytest

from conftest import Post
from zunda_mcp.errors import ArgumentError
from zunda_mcp.library import Library
from zunda_mcp.rendering import search_text


def test_an_episode_is_found_by_the_name_of_somebody_in_it(show: Library, post: Post) -> None:
    post("2025-07-01-1", ("畑の記録", "https://example.com/1", "種をまく。"), host="Jane Okafor")
    post("2025-07-02-2", ("水の記録", "https://example.com/2", "水をやる。"), host="春日部つむぎ")
    show.refresh()
    for query in ("Jane Okafor", "okafor", '"jane okafor"', "who is Jane Okafor?"):
        assert [hit.episode_id for hit in show.search(query).hits] == ["2025-07-01-1"], query
    assert [hit.episode_id for hit in show.search("春日部つむぎ").hits] == ["2025-07-02-2"]


def test_a_story_that_is_about_somebody_comes_before_episodes_with_them(show: Library, post: Post) -> None:
    post("2025-07-01-1", ("畑の記録", "https://example.com/1", "種をまく。"), host="Jane Okafor")
    post("2025-07-02-2", ("Jane Okaforの本", "https://example.com/2", "本を読む。"), host="春日部つむぎ")
    show.refresh()
    assert [hit.id for hit in show.search("Jane Okafor").hits] == ["2025-07-02-2#1", "2025-07-01-1"]


def test_an_episode_without_linked_items_is_found_by_text_and_people_together(show: Library, post: Post) -> None:
    post("2025-07-01-1", host="Jane Okafor", description="土の話をする。")
    post("2025-07-02-2", host="Jane Okafor", description="雨の話をする。")
    show.refresh()
    assert [hit.episode_id for hit in show.search("okafor 土").hits][:1] == ["2025-07-01-1"]


def test_no_phrase_runs_from_one_name_into_the_next(show: Library, post: Post) -> None:
    post("2025-07-01-1", ("畑の記録", "https://example.com/1", "種をまく。"), host="Jane Okafor\n  - Lee Min")
    show.refresh()
    assert show.search('"okafor lee"').hits == []


def test_a_pattern_finds_the_names_once(show: Library, post: Post) -> None:
    post("2025-07-01-1", ("畑の記録", "https://example.com/1", "種をまく。"), host="Jane Okafor", description="土。")
    post("2025-07-02-2", host="Jane Okafor", description="雨の話をする。")
    show.refresh()
    assert [hit.counts for hit in show.find_text("okafor").hits] == [{"people": 1}, {"people": 1}]


@pytest.mark.parametrize("name", ["ズンダドン", "zundadon", "ずんだどん", "だどん"])
def test_a_host_is_known_in_either_kana_and_as_it_sounds(show: Library, post: Post, name: str) -> None:
    post("2025-07-01-1", ("畑の記録", "https://example.com/1", "種をまく。"), host="ずんだどん")
    post("2025-07-02-2", ("水の記録", "https://example.com/2", "水をやる。"), host="ずんだもん")
    assert [hit.hosts for hit in show.search(host=name).hits] == [["ずんだどん"]]


def test_who_is_in_most_episodes_of_a_list_is_named_once_above_it(show: Library, post: Post) -> None:
    for number, guest in enumerate(("Ben Birch", "Cy Cole", "Dee Dow", "Eve Elm"), 1):
        story = (f"畑の記録 {number}", f"https://example.com/{number}", "種をまく。")
        post(f"2025-07-0{number}-{number}", story, host=f"{guest}\n  - {'Ann Ash' if number > 1 else 'Flo Fir'}")
    show.refresh()
    answer = show.search("種")
    assert answer.in_most == ["Ann Ash"], "structured content says so too"
    lines = search_text.search(answer).split("\n")
    assert [line for line in lines if "Ann Ash" in line] == ["Episodes: 放送 {yyyymmdd}; most with Ann Ash"]
    assert sum("with Ben Birch, Flo Fir" in line for line in lines) == 1
    post("2025-07-05-5", ("畑の記録 5", "https://example.com/5", "苗をまく。"), host="Ann Ash")
    show.refresh()
    assert "Ann Ash" not in search_text.search(show.search("苗"))


def test_episodes_without_somebody_are_listed_and_searched(show: Library, post: Post) -> None:
    for number, hosts in enumerate(("Ann Ash\n  - Ben Birch", "Ann Ash\n  - Cy Cole", "Cy Cole\n  - Dee Dow"), 1):
        story = (f"畑の記録 {number}", f"https://example.com/{number}", "種をまく。")
        post(f"2025-07-0{number}-{number}", story, host=hosts)
    show.refresh()

    def numbers(query: str, host: str) -> list[str]:
        return sorted(hit.episode_id[-1] for hit in show.search(query, host=host).hits)

    assert numbers("", "-Ann Ash") == numbers("種", "-Ann Ash") == ["3"]
    assert numbers("種", "Cy, -Ann") == ["3"]
    assert numbers("種", '-"Ben Birch" -"Dee Dow"') == ["2"]
    assert numbers("種", "not Ben") == ["2", "3"]
    assert sorted(hit.episode_id[-1] for hit in show.search('種 -"Ann Ash"').hits if not hit.near) == ["3"]
    assert "without host Ann Ash" in show.search("種", host="-Ann Ash").understood
    assert {hit.episode_id[-1] for hit in show.find_text("種", host="-Ann Ash").hits} == {"3"}
    post("2025-07-04-4", ("種の記録 4", "https://example.com/4", "種。"), host='"King, Jr."')
    show.refresh()
    assert numbers("種", "King, Jr.") == ["4"]
    with pytest.raises(ArgumentError, match="One host at a time"):
        show.search("種", host="Ann, Ben")
