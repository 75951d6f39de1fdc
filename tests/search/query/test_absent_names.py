"""A name nobody wrote finds nothing, however right it looks; what merely comes near is said to."""

from __future__ import annotations

import pytest
from small_archive import SHELF, found, others, put

from conftest import Post
from zunda_mcp.library import Library


@pytest.fixture
def shelf(show: Library, post: Post) -> Library:
    """The stories of ``SHELF``."""
    put(post, *SHELF.values())
    show.refresh()
    return show


@pytest.mark.parametrize("name", ["Kafka", "Haskell", "カフカ", "ハスケル"])
def test_a_name_nobody_wrote_finds_nothing_however_right_it_looks(shelf: Library, name: str) -> None:
    answer = shelf.search(name)
    assert (answer.hits, answer.near, answer.total_stories) == ([], [], 0)
    assert answer.understood.endswith(f"not in the archive as written: {name}")


@pytest.mark.parametrize("query", ["Kafka 設計", "Kafkaの設計を知りたい", "設計 Kafka"])
def test_an_absent_subject_among_common_words_gives_no_hits_but_the_nearest_three(
    show: Library, post: Post, query: str
) -> None:
    put(post, *((f"画面の設計その{i}", "画面を設計した。") for i in range(8)), *others(8))
    show.refresh()
    answer = show.search(query)
    assert (answer.hits, answer.total_stories) == ([], 0)
    assert len(answer.near) == 3
    assert all(mention.title.startswith("画面の設計") for mention in answer.near)
    assert answer.understood.lower().endswith("not in the archive as written: kafka")


def test_a_word_that_only_the_notes_of_an_episode_hold_is_not_absent(show: Library, post: Post) -> None:
    put(post, *((f"画面の設計その{i}", "画面を設計した。") for i in range(8)), *others(8))
    post("2025-08-01-30", ("庭の話", "https://example.com/30", "花が咲いた。"), description="Kafka の話もした")
    show.refresh()
    answer = show.search("Kafka 設計")
    assert answer.hits
    assert "not in the archive" not in answer.understood


@pytest.mark.parametrize("query", ["釣りに便利な道具", "フットボールの記録", "便利なフットボール"])
def test_a_word_whose_kanji_nobody_wrote_or_whose_halves_alone_stand_is_absent(
    show: Library, post: Post, query: str
) -> None:
    put(post, ("便利な道具その1", "道具の記録。"), ("フットの記録", "足。"), ("ボールの記録", "球。"), *others(8))
    show.refresh()
    assert show.search(query).hits == []


def test_a_word_of_two_scripts_whose_halves_stand_only_apart_is_absent(show: Library, post: Post) -> None:
    put(post, ("東京の散歩", "川辺。"), ("数学オリンピック", "難問。"), *others(8))
    show.refresh()
    answer = show.search("東京オリンピック")
    assert (answer.hits, answer.total_stories, len(answer.near)) == ([], 0, 2)
    assert answer.understood.endswith("not in the archive as written: 東京オリンピック")


def test_a_word_whose_halves_one_story_holds_is_near_and_said_not_to_stand_so(show: Library, post: Post) -> None:
    put(post, ("東京の散歩", "数学オリンピックの会場。"), *others(8))
    show.refresh()
    answer = show.search("東京オリンピック")
    assert [(hit.title, hit.near) for hit in answer.hits] == [("東京の散歩", True)]
    assert "not in the archive as written: 東京オリンピック" in answer.understood


@pytest.mark.parametrize(("typed", "written"), [("serverlessai", "serverless"), ("exploringjs", "exploring")])
def test_a_word_with_more_at_its_end_is_no_slip(show: Library, post: Post, typed: str, written: str) -> None:
    put(post, (f"{written}の道具", "長い話。"), *others(8))
    show.refresh()
    assert found(show, typed) == []


def test_a_name_whose_words_stand_only_apart_is_not_in_the_archive(show: Library, post: Post) -> None:
    put(post, ("Appleの発表", "省電力。"), ("Visionモデル", "画像を読む。"), ("Depth Pro", "奥行き。"), *others(8))
    show.refresh()
    answer = show.search("Apple Vision Pro")
    assert (answer.hits, answer.total_stories) == ([], 0)
    assert {mention.title for mention in answer.near} == {"Appleの発表", "Visionモデル", "Depth Pro"}
    assert answer.understood.endswith("not in the archive as written: Apple Vision Pro")


@pytest.mark.parametrize("query", ["apple vision pro", "Appleとvisionとproの話", "Apple Vision Depth Pro"])
def test_words_that_are_no_such_name_are_looked_for_apart(show: Library, post: Post, query: str) -> None:
    put(post, ("Appleの発表", "省電力。"), ("Visionモデル", "画像を読む。"), ("Depth Pro", "奥行き。"), *others(8))
    show.refresh()
    assert show.search(query).hits


def test_a_name_of_several_words_that_one_story_holds_apart_is_a_hit(show: Library, post: Post) -> None:
    put(post, ("Appleの発表", "VisionとProを比べる。"), *others(8))
    show.refresh()
    assert found(show, "Apple Vision Pro") == ["Appleの発表"]


def test_a_story_that_holds_every_word_is_always_a_hit(show: Library, post: Post) -> None:
    put(post, *((f"画面の設計その{i}", "画面を設計した。") for i in range(8)), ("Kafkaの設計", "待ち行列を設計した。"))
    show.refresh()
    answer = show.search("Kafka 設計")
    assert answer.hits[0].title == "Kafkaの設計"
    assert answer.near == []
    assert "not in the archive" not in answer.understood
