"""One story's candidates."""

from __future__ import annotations

import pytest

from zunda_mcp.topics.candidates import mentions


@pytest.mark.parametrize(
    ("summary", "name"),
    [
        ("豆の会社がMame Codeを発表しました。", "Mame Code"),
        ("新しいMameSeekの話です。", "MameSeek"),
        ("EDA-4oは速いです。", "EDA-4o"),
        ("生成AIの話です。", "生成AI"),
        ("生成 AIの話です。", "生成 AI"),
        ("強化学習を使います。", "強化学習"),
        ("マメインジェクションに注意します。", "マメインジェクション"),
        ("KVキャッシュを減らします。", "KVキャッシュ"),
        ("Zunda Context Protocolという規格です。", "Zunda Context Protocol"),
        ("ZCP(Zunda Context Protocol)という規格です。", "Zunda Context Protocol"),
        ("Mame 3.5 Sonataが出ました。", "Mame 3.5 Sonata"),
        ("ＭａｍｅＳｅｅｋは全角です。", "MameSeek"),
        ("Mixture of Beansの話です。", "Mixture of Beans"),
        ("「ずんだまめ」という名前です。", "ずんだまめ"),
        ("CI/CDを整えます。", "CI/CD"),
        ("C++で書きます。", "C++"),
    ],
)
def test_names_are_kept_as_they_are_written(summary: str, name: str) -> None:
    assert mentions("", summary).get(name, 0) > 0


@pytest.mark.parametrize(
    ("summary", "fragment"),
    [
        ("詳しくは https://mame.example/Mame-Code/Docs を見てください。", "Docs"),
        ("[豆](https://mame.example/BeanName)の話です。", "BeanName"),
        ("引用元: MameNews", "MameNews"),
        ("会議の文字起こしをします。", "文字起"),
        ("```\nMameCode run\n```\n豆です。", "MameCode"),
        ("<div class='MameBox'>豆</div>", "MameBox"),
        ("2030年の話です。", "2030"),
        ("モデルを学習させます。", "学習"),
        ("The quick start is short. How does it work?", "The"),
        ("The quick start is short. How does it work?", "How"),
    ],
)
def test_markup_addresses_grammar_and_half_words_are_no_candidates(summary: str, fragment: str) -> None:
    assert fragment not in mentions("", summary)


def test_a_name_in_the_title_weighs_more_than_any_number_of_sightings_in_the_summary() -> None:
    often = mentions("豆の話", "MameSeekです。" * 40)["MameSeek"]
    assert often < mentions("MameSeekの話", "豆です。")["MameSeek"]


def test_a_capital_inside_an_english_sentence_is_evidence_and_one_at_its_start_is_not() -> None:
    found = mentions("", "Beans were sold there. Later the people met Mamezo and talked about gardens.")
    assert found["Mamezo"] == 1
    assert found.get("Beans", 0) == 0


def test_a_heading_that_capitalises_everything_proves_nothing_but_shapes() -> None:
    found = mentions("Building Better Gardens Faster With MameSeek", "")
    assert found["MameSeek"] > 0
    assert found.get("Better Gardens Faster", 0) == 0


def test_a_possessive_ends_a_name() -> None:
    found = mentions("", "Later they visited Mamezo's Garden and the people there were glad to see them.")
    assert "Mamezo" in found
    assert not any("'" in name for name in found)


def test_the_answer_is_the_same_every_time_and_never_longer_than_sixty_names() -> None:
    summary = "。".join(f"Mame{i}Code と 豆腐装置{'あいうえお'[i % 5]}のカタカナナマエ" for i in range(300))
    found = mentions("長い話", summary)
    assert len(found) == 60
    assert list(found.items()) == list(mentions("長い話", summary).items())


@pytest.mark.parametrize(
    "text", ["", "\n", "[" * 5000, "<a" * 5000, "@" + "a" * 20000, "豆" * 20000, "ー" * 5000, "A " * 5000, "\x00\ud800"]
)
def test_odd_text_is_no_trouble(text: str) -> None:
    assert isinstance(mentions(text, text), dict)
