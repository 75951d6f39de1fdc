"""Whether a sentence stands in an archive: on small archives, and on the real one."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest

from conftest import Post
from zunda_mcp.answers import QuoteCheck
from zunda_mcp.errors import ArgumentError, NotFoundError
from zunda_mcp.library import Library
from zunda_mcp.text.markdown_text import reading

Check = Callable[..., QuoteCheck]
SENTENCE = "「Mercury」は、拡散モデルという新しい技術を取り入れた、**次世代**の大規模言語モデル（LLM）です。"
SUMMARY = f"{SENTENCE}これにより、平均で最大2.5倍も高速に動きます。\n\n開発元は[無料の版](https://example.com/free)も公開し、誰でも使えます。"


@pytest.fixture
def check(show: Library, post: Post) -> Check:
    """Checks a quote against three small episodes."""
    post("2025-07-08-1", ("拡散言語モデルの登場", "https://example.com/mercury", SUMMARY))
    post(
        "2025-07-09-2",
        ("枝豆の育て方", "https://example.com/beans", "枝豆を育てるには水が大切です。25%の人が知りません。"),
    )
    post("2025-07-10-3", ("枝豆の食べ方", "https://example.com/eat", "枝豆を育てるには水が大切です。茹でて食べます。"))
    show.refresh()
    return show.check_quote


def test_a_sentence_that_stands_there_is_exact_with_its_place(check: Check) -> None:
    found = check(SENTENCE)
    assert (found.verdict, found.total) == ("exact", 1)
    (place,) = found.places
    assert (place.id, place.where, place.date) == ("2025-07-08-1#1", "summary", "2025-07-08")
    assert (place.title, place.url) == ("拡散言語モデルの登場", "https://example.com/mercury")
    assert found.next_step == "Quote it with its date, title and URL."
    assert place.similarity == 1
    assert place.differences == []
    assert "拡散モデルという新しい技術を取り入れた、次世代の大規模言語モデル（LLM）です" in place.passage


@pytest.mark.parametrize(
    "quote",
    [
        SENTENCE.replace("**", ""),
        "mercuryは拡散モデルという新しい技術を取り入れた次世代の大規模言語モデル(ＬＬＭ)です",
        "『「Mercury」は、 拡散モデルという新しい技術を取り入れた、\n次世代の大規模言語モデル（LLM）です！』",
        "平均で最大２．５倍も高速に動きます",
        "高速に動きます。開発元は無料の版も公開し、",
    ],
)
def test_width_case_spaces_markup_and_punctuation_make_no_other_words(check: Check, quote: str) -> None:
    found = check(quote)
    assert found.verdict == "same words"
    assert [(place.id, place.verdict) for place in found.places] == [("2025-07-08-1#1", "same words")]


@pytest.mark.parametrize("frame", ["「%s」", "『%s』", '"%s"', "“%s”", " %s ", "「『%s』」"])
def test_quotation_marks_around_the_whole_are_no_part_of_it(check: Check, frame: str) -> None:
    assert check(frame % "平均で最大2.5倍も高速に動きます").verdict == "exact"


@pytest.mark.parametrize(
    ("quote", "quoted", "archived"),
    [
        ("開発元は無料の版も公開し、誰でも使えません。", "使えません", "使えます"),
        ("これにより、平均で最大3.5倍も高速に動きます。", "3.5", "2.5"),
        ("これにより、平均で最大25倍も高速に動きます。", "25", "2.5"),
        ("これにより、平均で最大2.5倍も低速に動きます。", "低速に", "高速に"),
    ],
)
def test_a_changed_negation_number_or_word_is_similar_and_shown(
    check: Check, quote: str, quoted: str, archived: str
) -> None:
    found = check(quote)
    assert found.verdict == "similar"
    assert found.places[0].id == "2025-07-08-1#1"
    assert found.places[0].similarity < 1
    shown = [(change.quoted, change.archived) for change in found.places[0].differences]
    assert any(quoted in mine and archived in theirs for mine, theirs in shown), shown
    assert "Do not quote it" in found.next_step


def test_a_number_is_not_found_inside_a_larger_one(check: Check) -> None:
    assert check("5%の人が知りません").verdict == "similar"
    assert check("25%の人が知りません").verdict == "exact"


def test_pieces_around_an_ellipsis_must_stand_in_this_order(check: Check) -> None:
    for dots in ("…", "……", "...", "（中略）", "[…]"):
        assert check(f"拡散モデルという新しい技術{dots}大規模言語モデル").verdict == "exact"
    assert check("拡散モデルという新しい技術…大規模言語モデル（llm）").verdict == "same words"
    assert check("大規模言語モデル…拡散モデルという新しい技術").verdict not in ("exact", "same words")


def test_pieces_of_two_stories_are_not_one_quote(check: Check) -> None:
    assert check("拡散モデルという新しい技術…枝豆を育てるには水が大切です").verdict not in ("exact", "same words")


def test_a_title_is_found_once_though_the_description_repeats_it(check: Check) -> None:
    found = check("拡散言語モデルの登場")
    assert [(place.id, place.where) for place in found.places] == [("2025-07-08-1#1", "title")]
    assert found.total == 1


def test_the_title_of_an_episode_is_found(check: Check) -> None:
    (place,) = check("放送 20250709").places
    assert (place.id, place.where, place.url) == ("2025-07-09-2", "title", None)


def test_the_description_of_an_episode_is_found(show: Library, post: Post) -> None:
    post("2025-07-08-1", ("題", "https://example.com/1", "本文。"), description="今日は特別編をお届けします。")
    show.refresh()
    (place,) = show.check_quote("今日は特別編をお届けします").places
    assert (place.id, place.where) == ("2025-07-08-1", "description")


def test_a_quote_over_title_and_summary_does_not_stand_there(check: Check) -> None:
    assert check(f"拡散言語モデルの登場。{SENTENCE}").verdict == "similar"


def test_a_part_of_a_sentence_is_shown_in_the_whole_of_it(check: Check, show: Library, post: Post) -> None:
    post(
        "2025-07-11-4",
        ("薬の話", "https://example.com/drug", "前の文です。この薬が有効であるとは言えない。次の文です。"),
    )
    show.refresh()
    found = check("この薬が有効である")
    assert found.verdict == "exact"
    assert found.places[0].passage == "**この薬が有効である**とは言えない。"
    assert "part of a longer sentence" in found.next_step
    assert "part of" not in check("この薬が有効であるとは言えない").next_step


def test_all_places_are_counted_newest_first(check: Check) -> None:
    found = check("枝豆を育てるには水が大切です。")
    assert found.total == 2
    assert [place.episode_id for place in found.places] == ["2025-07-10-3", "2025-07-09-2"]


def test_an_id_limits_the_check_to_one_episode_or_story(check: Check) -> None:
    assert [place.id for place in check("枝豆を育てるには水が大切です", id="2025-07-09").places] == ["2025-07-09-2#1"]
    assert check("枝豆を育てるには水が大切です", id="2025-07-08").verdict == "absent"
    assert check("枝豆を育てるには水が大切です", id="https://example.com/eat").total == 1
    assert check("放送 20250709", id="2025-07-09-2").verdict == "exact"
    with pytest.raises(NotFoundError):
        check("枝豆", id="2031-01-01")


def test_what_is_not_there_leads_to_a_search(check: Check) -> None:
    found = check("枝豆は月の裏側で発見された植物だと研究者が語りました。")
    assert (found.verdict, found.total, found.places) == ("absent", 0, [])
    assert found.suggestions == ["枝豆"]
    assert 'search_episodes(query="枝豆は月の裏側で発見された植物だと研究者が語りました。")' in found.next_step
    assert check("qqqzzz").verdict == "absent"


def test_a_short_quote_is_only_looked_for_as_it_is(check: Check) -> None:
    assert check("枝豆").verdict == "exact"
    assert "too short" in check("枝見").understood


@pytest.mark.parametrize("quote", ["", " ", "「」", "…", "。", "あ", "あ…" * 40, "長" * 2001])
def test_nothing_and_too_much_are_refused_in_a_sentence(check: Check, quote: str) -> None:
    with pytest.raises(ArgumentError, match=r"^quote ") as caught:
        check(quote)
    assert caught.value.argument == "quote"


def test_a_long_quote_of_several_sentences_is_found(check: Check) -> None:
    assert check(reading(SUMMARY)).verdict == "same words"
    assert check(SUMMARY).verdict == "exact"


@pytest.mark.parametrize("size", [1000, 2000, 6000])
def test_the_answer_keeps_to_its_size(show: Library, post: Post, size: int) -> None:
    text = "".join(f"{number}番目の文が続いて、まだ終わらない。" for number in range(90))
    for day in range(11, 19):
        post(f"2025-07-{day}-{day}", ("長い話", f"https://example.com/{day}", f"{day}日。{text}"))
    show.refresh()
    found = show.check_quote(text, max_chars=size)
    assert (found.verdict, found.total) == ("exact", 8)
    assert len(found.model_dump_json()) <= size
    assert found.places[0].passage.count("**") == 2


@pytest.mark.parametrize(
    "quote",
    ["[(" * 900 + "あい", "<a" * 1000, "\\" * 1000 + "あい", "\ud800あいうえお", "1," * 1000, "が゙" * 900, "あ" * 2000],
)
def test_a_hostile_quote_is_answered(check: Check, quote: str) -> None:
    assert check(quote).verdict in ("absent", "similar")


def test_sentences_of_the_real_archive_are_found_and_changed_ones_are_not(real: Library) -> None:
    dice = random.Random(1)
    episodes = [real.episode(hit.episode_id).episode for hit in real.search(limit=50).hits]
    texts = [reading(story.summary) for episode in episodes for story in episode.stories]
    drawn = dice.sample([s for text in texts for s in re.findall(r"(?:^|(?<=[。\n]))[^。\n]{30,120}。", text)], 40)
    assert {real.check_quote(sentence).verdict for sentence in drawn} <= {"exact", "same words"}
    for sentence in drawn:
        at = len(sentence) // 2
        changed = real.check_quote(f"{sentence[:at]}メロンパン{sentence[at:]}")
        assert changed.verdict == "similar", sentence
        assert any("メロンパン" in change.quoted for change in changed.places[0].differences)
    assert real.check_quote("枝豆は月の裏側で発見された植物だと研究者が語りました。").verdict == "absent"
