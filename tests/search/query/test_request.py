"""Sentences around a name: what is asked is told from how it is asked, in any language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import Post, examples
from zunda_mcp.library import Library
from zunda_mcp.query.parse import parse
from zunda_mcp.query.request import without_request
from zunda_mcp.text.normalize import is_hiragana


class Archive:
    """A Japanese archive of 1,000 stories that holds a few words."""

    stories = 1000
    language = "ja"

    def __init__(self, words: Mapping[str, int]) -> None:
        self._words = words

    def frequency(self, word: str) -> int:
        """How many stories hold it: at least as many as hold a longer word that begins with it, where that is kana."""
        longer = (count for held, count in self._words.items() if is_hiragana(word) and held.startswith(word))
        return self._words.get(word, max(longer, default=0))

    def side_by_side(self, words: Sequence[str]) -> range:
        """The stories that hold all of them, one beside the other."""
        return range(self._words.get(" ".join(words), 0))


ARCHIVE = Archive(
    {
        "gatebox": 5,
        "目": 300,
        "claude": 200,
        "code": 160,
        "claude code": 90,
        "vision": 20,
        "ずんだもん": 400,
        "音声合成": 12,
        "するんだ": 40,
        "するんだけど": 12,
        "がするんだ": 9,
        "音声": 60,
        "合成": 40,
        "mac": 25,
        "library": 9,
        "robot": 30,
        "world": 20,
        "world model": 8,
        "model": 300,
    }
)


def content(text: str) -> list[str]:
    """What is asked about, and behind a tilde what only helps to order."""
    query = without_request(parse(text), ARCHIVE)
    return [word.text for word in query.words] + [f"~{word.text}" for word in query.hints]


@pytest.mark.parametrize(
    "sentence",
    [
        "X",
        "Has X come up on the podcast recently?",
        "tell me everything the hosts have said about X",
        "I remember a segment on X, which episode was it?",
        "Xを取り上げた回を教えてください",
        "Xを聞いた気がするんだけど、どれだっけ",
        "Xを扱ったのは何回目の放送でしたか？",
        "最近Xの話ってしてましたっけ",
        "前にやってたXのやつ、どの回だったかな",
        "これまでにXに触れた放送は何本ありますか？",
        "Xとは？",
        "Xは",
        "Xを特集した回",
        "Xの情報をください",
        "Xの最新動向を教えて",
        "哪几期节目讨论过 X？",
        "请问最近有没有提到X的内容",
        "有没有谈到X的节目",
        "quais episódios mencionaram X?",
        "¿En qué capítulo hablaron de X?",
        "dans quelle émission a-t-on parlé de X ?",
        "In welcher Folge wurde über X gesprochen?",
        "in quale puntata hanno parlato di X?",
        "в каких выпусках говорили про X?",
        "X에 대해 이야기한 방송이 있었나요?",
        "in welke aflevering ging het over X?",
    ],
)
@pytest.mark.parametrize("name", ["Gatebox", "Claude Code", "音声合成"])
def test_a_name_is_asked_for_in_any_sentence(sentence: str, name: str) -> None:
    assert content(sentence.replace("X", name)) == content(name)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("AI voice changers", ["ai", "voice", "changers"]),
        ("stray cats that became house cats", ["stray", "cats", "house"]),
        ("ずんだもん 新曲", ["ずんだもん", "新曲"]),
        ("ロボット 動物", ["ロボット", "動物"]),
        ("家族がVTuberになる話", ["家族がvtuber"]),
        ("通信線が野生の生き物にかじられて困っている", ["通信線が野生の生き物にかじられて困っている"]),
        ("お庭", ["お庭"]),
        ("「ハーネス」 話題", ["ハーネス", "~話題"]),
        ("競馬 予想", ["競馬", "予想"]),
        ("個人の情報を守る", ["個人の情報を守る"]),
        ("将棋 不動産 映像", ["将棋", "不動産", "映像"]),
    ],
)
def test_what_is_asked_about_stays_whole(text: str, asked: list[str]) -> None:
    assert content(text) == asked


@pytest.mark.parametrize("sentence", ["Combien d'épisodes parlent d'X ?", "Quali puntate parlano dell'X?"])
def test_a_name_is_asked_for_behind_an_elided_word(sentence: str) -> None:
    assert content(sentence.replace("X", "Ollama")) == content("Ollama")


@pytest.mark.parametrize("name", ["tesla", "exemplar", "crons"])
def test_of_a_foreign_question_the_words_that_everybody_uses_only_ask(name: str) -> None:
    assert content(f"Gab es schon mal eine Folge über {name}?") == [name]


def test_foreign_words_that_may_be_what_is_asked_about_are_named(show: Library, post: Post) -> None:
    assert without_request(parse("épisodes sur la plongée avec Gatebox"), ARCHIVE).left_out == ("plongée",)
    assert without_request(parse("dans quelle émission a-t-on parlé de Gatebox ?"), ARCHIVE).left_out == ()
    post("2025-07-01-1", ("Gateboxの新しい体", "https://example.com/1", "ずんだもんが歩く。"))
    show.refresh()
    found = show.search("épisodes sur la plongée avec Gatebox")
    assert (found.total_stories, found.complete) == (1, False)
    assert found.understood.endswith("not looked for: plongée")
    assert show.search("dans quelle émission a-t-on parlé de Gatebox ?").complete


def test_a_name_of_two_words_that_stand_in_many_stories_is_told_by_both() -> None:
    assert content("what was the conclusion on Claude Code") == ["claude", "code", "~conclusion"]
    assert content("what was the conclusion on Claude") == ["conclusion", "claude"]


@pytest.mark.parametrize("query", ["「コタエモン」", "「コタエモン」っていう道具の話", '"Cotaemon"'])
def test_a_quoted_name_that_nobody_wrote_is_looked_for_in_other_spellings(
    show: Library, post: Post, query: str
) -> None:
    post("2025-07-01-1", ("kotaemonを試す", "https://example.com/1", "資料に尋ねる道具。"))
    show.refresh()
    assert [hit.id for hit in show.search(query).hits] == ["2025-07-01-1#1"]
    assert "kotaemon" in show.search(query).understood


def test_a_quoted_name_that_somebody_wrote_and_a_quoted_phrase_are_taken_as_they_are(show: Library, post: Post) -> None:
    post("2025-07-01-1", ("kotaemonを試す", "https://example.com/1", "コタエモンと読む人もいる。"))
    post("2025-07-02-2", ("kotaemonの設定", "https://example.com/2", "資料の置き場所。"))
    show.refresh()
    assert [hit.id for hit in show.search("「コタエモン」").hits] == ["2025-07-01-1#1"]
    assert not show.search('"kotaemon settings"').hits


def test_a_common_word_beside_a_name_helps_to_order_and_is_asked_of_no_answer() -> None:
    assert content("what was the conclusion on Gatebox") == ["gatebox", "~conclusion"]


def test_an_answer_says_which_words_it_did_not_require(show: Library, post: Post) -> None:
    post("2025-07-01-1", ("Gateboxの発表", "https://example.com/1", "A figure on the shelf."))
    summary = " ".join(f"Step {number} of the walk was slow, and rain fell on us." for number in range(3))
    for day in range(1, 61):
        ending = "It reached a conclusion." if day == 7 else "It went on."
        date = dt.date(2025, 8, 1) + dt.timedelta(days=day)
        post(f"{date}-{day}", (f"Walk {day}", f"https://example.com/w{day}", f"{summary} {ending}"))
    show.refresh()
    understood = show.search("what was the conclusion on Gatebox").understood
    assert understood.startswith("gatebox; not required: conclusion")


def test_a_common_word_stays_where_the_archive_has_it_beside_its_neighbour() -> None:
    assert content("where did they use claude code with Gatebox") == ["claude", "code", "gatebox", "~use"]


@pytest.mark.parametrize("text", ["投稿をまとめて", "what is it about?", "which episodes?", "教えて", "のか", "有没有"])
def test_nothing_but_asking_stays_as_it_was_typed(text: str) -> None:
    query = parse(text)
    assert without_request(query, ARCHIVE) == query


def test_the_text_that_is_embedded_has_no_asking_and_keeps_its_capitals() -> None:
    assert without_request(parse("which episodes talked about Claude Code?"), ARCHIVE).text == "Claude Code"


@settings(max_examples=examples(30))
@given(st.text(max_size=60))
def test_no_text_is_an_error_and_something_is_always_left(text: str) -> None:
    query = parse(text)
    assert bool(without_request(query, ARCHIVE).words) == bool(query.words)


def test_an_episode_whose_title_is_typed_comes_first(show: Library, post: Post) -> None:
    for day in range(1, 9):
        written = post(f"2025-07-0{day}-{day}", ("枝豆の話", f"https://example.com/{day}", "Releases done right."))
        if day == 2:
            titled = written.read_text(encoding="utf-8").replace("放送 20250702", "Doing Releases Right with Anna")
            written.write_text(titled, encoding="utf-8")
    for typed in ("Doing Releases Right with Anna", "doing releases right", "the one with Anna"):
        assert show.search(typed).hits[0].id.startswith("2025-07-02-2")


@pytest.mark.parametrize(
    ("shown", "query", "words"),
    [
        ("para", "PayPal conversión pago", ["paypal", "conversión", "pago"]),
        ("nicht", "Paypal Umrechnung", ["paypal", "umrechnung"]),
        ("что", "PayPal конвертация", ["paypal", "конвертация"]),
    ],
)
def test_an_archive_shows_the_language_that_it_does_not_state(shown: str, query: str, words: list[str]) -> None:
    class Unstated(Archive):
        language = None  # type: ignore[assignment]  # nobody says it

    held = dict.fromkeys(words, 2)
    own = without_request(parse(query), Unstated({**held, shown: 700}))
    assert {word.text for word in (*own.words, *own.hints)} == set(words)
