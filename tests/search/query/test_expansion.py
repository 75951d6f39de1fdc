"""Expander: a name is found as the archive writes it, and the answer says so."""

from __future__ import annotations

import pytest
from small_archive import SHELF, WALKS, expanded, found, others, put, title

from conftest import Post
from zunda_mcp.library import Library
from zunda_mcp.text.japanese_english import english_of, japanese_of


@pytest.fixture
def shelf(show: Library, post: Post) -> Library:
    """The stories of ``SHELF``."""
    put(post, *SHELF.values())
    show.refresh()
    return show


# --- by sound ---


@pytest.mark.parametrize(
    ("query", "name", "expansion"),
    [
        ("ボイスボックス", "voicevox", "ボイスボックス → voicevox"),
        ("プレイライト", "playwright", "プレイライト → playwright"),
        ("アンソロピック", "anthropic", "アンソロピック → anthropic"),
        ("ラスト", "rust", "ラスト → rust"),
        ("Devin", "devin", "devin → デヴィン"),
        ("DeepSeek", "deepseek", "deepseek → ディープシーク"),
    ],
)
def test_a_name_is_found_in_the_other_script_and_the_answer_says_by_what(
    shelf: Library, query: str, name: str, expansion: str
) -> None:
    answer = shelf.search(query)
    assert [hit.title for hit in answer.hits] == [title(name)]
    assert expansion in answer.hits[0].matched
    assert answer.understood.endswith(f"; also: {expansion} (sounds alike)")


def test_a_name_as_it_is_written_needs_no_bridge(shelf: Library) -> None:
    answer = shelf.search("VoiceVox")
    assert [(hit.title, hit.matched) for hit in answer.hits] == [(title("voicevox"), ["title", "summary"])]
    assert answer.understood == "voicevox"


@pytest.mark.parametrize(
    "query", ["アンソロピックの方針", "アンソロピック 方針", "アンソロピックはどんな方針を出した？"]
)
def test_a_name_inside_a_question_is_found_in_the_other_script(shelf: Library, query: str) -> None:
    assert found(shelf, query)[:1] == [title("anthropic")]
    assert expanded(shelf, query) == ["アンソロピック → anthropic"]


def test_the_word_the_archive_writes_is_the_one_marked_in_the_snippet(shelf: Library) -> None:
    assert "**VOICEVOX**" in shelf.search("ボイスボックス").hits[0].snippet


def test_a_phrase_must_stand_as_it_is_and_is_not_bridged(shelf: Library) -> None:
    assert found(shelf, '"ボイスボックスの声"') == []
    assert found(shelf, "「アンソロピックの方針」") == []


def test_a_quoted_name_that_nobody_wrote_is_bridged_and_the_answer_says_so(shelf: Library) -> None:
    assert found(shelf, "「アンソロピック」")[:1] == [title("anthropic")]
    assert expanded(shelf, "「アンソロピック」") == ["アンソロピック → anthropic"]


def test_only_what_holds_the_excluded_word_itself_is_left_out(shelf: Library) -> None:
    assert found(shelf, "声 -ボイスボックス") == [title("voicevox")]
    assert found(shelf, "声 -voicevox") == []


def test_a_bridge_ranks_below_an_exact_match_of_a_rare_word(show: Library, post: Post) -> None:
    stories = [("ボイスボックスの声", "声の話。"), ("VOICEVOXの声", "声の話。"), ("VOICEVOXの歌", "歌の話。")]
    put(post, *stories, *others(9))
    show.refresh()
    answer = show.search("ボイスボックス")
    assert answer.hits[0].title == "ボイスボックスの声"
    assert answer.hits[0].matched == ["title"]
    assert {hit.title for hit in answer.hits[1:]} == {"VOICEVOXの声", "VOICEVOXの歌"}
    assert all(hit.score < answer.hits[0].score for hit in answer.hits[1:])


@pytest.mark.parametrize(("java", "server"), [(3, 6), (5, 3), (6, 6)])
def test_a_frequent_word_is_not_taken_for_one_that_sounds_alike(
    show: Library, post: Post, java: int, server: int
) -> None:
    put(post, *[("Javaの更新", "速くなった。")] * java, *[("サーバの設計", "組み方。")] * server)
    show.refresh()
    assert found(show, "java") == ["Javaの更新"] * java
    assert found(show, "サーバ") == ["サーバの設計"] * server


def test_a_word_is_not_taken_for_one_that_another_word_sounds_more_like(show: Library, post: Post) -> None:
    put(post, ("tableの結合", "列と行。"), ("テーブルの結合", "列と行。"), *others(6))
    show.refresh()
    assert found(show, "Tableau") == []


def test_a_word_of_another_origin_that_sounds_more_alike_keeps_no_name_from_its_katakana(
    show: Library, post: Post
) -> None:
    named = [("クロードの話", "噂。"), ("Claudeの発表", "新しい模型。"), ("Claudeの値段", "上がった。")]
    put(post, *named, ("クラウドの費用", "計算の値段。"), *others(9))
    show.refresh()
    assert sorted(found(show, "クロード")) == sorted(title for title, _ in named)


def test_katakana_is_found_as_a_word_and_not_as_letters_of_another_one(show: Library, post: Post) -> None:
    put(
        post,
        ("アナリストの予想", "株の話。"),
        ("買い物リスト", "紙に書く。"),
        ("チェックリスト", "忘れない。"),
        *others(9),
    )
    show.refresh()
    assert sorted(found(show, "リスト")) == ["チェックリスト", "買い物リスト"]
    assert sorted(found(show, '"リスト"')) == ["チェックリスト", "買い物リスト"]


def test_kanji_is_found_as_a_word_where_the_archive_is_japanese(show: Library, post: Post) -> None:
    put(post, ("強化学習の成果", "報酬を決めた。した事。"), ("化学の成果", "反応を見た。"), *others(9))
    show.refresh()
    assert found(show, "化学") == ["化学の成果"]
    assert found(show, "強化学習") == ["強化学習の成果"]


def test_a_short_name_is_found_in_the_names_made_with_it(show: Library, post: Post) -> None:
    put(post, ("ソニーの決算", "増えた。"), ("ソニーグループの会社", "五つ。"), *others(9))
    show.refresh()
    assert sorted(found(show, "Sony")) == ["ソニーの決算", "ソニーグループの会社"]


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("violin", "ボリューム"),
        ("marathon", "ナレーション"),
        ("GraphQL", "グラフクエリ"),
        ("PostgreSQL", "ポストグレスクル"),
    ],
)
def test_a_word_is_not_taken_for_one_that_general_language_knows_as_another_or_spells_out(
    show: Library, post: Post, typed: str, written: str
) -> None:
    put(post, (f"{written}の調整", f"{written}を直す。"), *others(6))
    show.refresh()
    assert found(show, typed) == []


@pytest.mark.parametrize(
    ("typed", "written"),
    [("Egypt", "エジプト"), ("Qwen", "クウェン")],
)
def test_an_ordinary_word_is_found_in_the_other_script(show: Library, post: Post, typed: str, written: str) -> None:
    put(post, (f"{written}の話題", f"{written}を調べる。"), *others(6))
    show.refresh()
    assert found(show, typed) == [f"{written}の話題"]


# --- by spelling ---


@pytest.mark.parametrize(
    ("typed", "name", "expansion"),
    [
        ("Anthoropic", "anthropic", "anthoropic → anthropic"),
        ("Antropic", "anthropic", "antropic → anthropic"),
        ("Anthrpoic", "anthropic", "anthrpoic → anthropic"),
        ("LangGraf", "langgraph", "langgraf → langgraph"),
        ("Playright", "playwright", "playright → playwright"),
        ("voicevax", "voicevox", "voicevax → voicevox"),
        ("dokcer", "docker", "dokcer → docker"),
    ],
)
def test_a_slip_in_a_long_name_is_forgiven_and_named(shelf: Library, typed: str, name: str, expansion: str) -> None:
    answer = shelf.search(typed)
    assert [hit.title for hit in answer.hits] == [title(name)]
    assert expansion in answer.hits[0].matched
    assert answer.understood.endswith(f"; also: {expansion} (similar spelling)")


@pytest.mark.parametrize(("typed", "near"), [("Rast", "rust"), ("Rsut", "rust"), ("Pyton", "python")])
def test_a_slip_in_a_short_name_is_another_name_and_only_suggested(shelf: Library, typed: str, near: str) -> None:
    answer = shelf.search(typed)
    assert answer.hits == []
    assert near in answer.suggestions
    assert answer.understood.endswith(f"not in the archive as written: {typed}")


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("PS5", "PS4"),
        ("H200", "H100"),
        ("Qwen3", "Qwen2"),
        ("Qwen3", "Qwen"),
        ("Claude9", "Claude"),
        ("Claude9", "クロード"),
        ("Codestral25", "Codestral24"),
        ("Blender22", "Blendr21"),
    ],
)
def test_names_that_differ_in_their_digits_are_two_names(show: Library, post: Post, typed: str, written: str) -> None:
    put(post, (f"{written}の更新", "速くなった。"), (f"{written}を試す", "軽い。"), *others(8))
    show.refresh()
    assert found(show, typed) == []


def test_a_slip_in_a_name_with_a_version_is_forgiven(show: Library, post: Post) -> None:
    put(post, ("Blender22の更新", "速くなった。"), ("Blender22を試す", "軽い。"), *others(8))
    show.refresh()
    assert expanded(show, "Blendar22") == ["blendar22 → blender22"]


def test_a_word_of_the_other_language_is_found_by_the_dictionary(show: Library, post: Post) -> None:
    put(post, ("宝くじの話題", "長い話。"), ("ニュースの話題", "長い話。"), *WALKS)
    show.refresh()
    assert found(show, "lottery") == ["宝くじの話題"]
    assert found(show, "news") == ["ニュースの話題"]
    assert found(show, "nurse") == []


def test_a_row_of_words_is_found_by_the_dictionary(show: Library, post: Post) -> None:
    put(post, ("野良猫の話題", "長い話。"), ("飼い犬の話題", "長い話。"), *WALKS)
    show.refresh()
    assert found(show, "stray cats") == ["野良猫の話題"]


def test_a_translation_that_the_archive_has_is_not_pushed_out_by_those_it_lacks(show: Library, post: Post) -> None:
    put(post, ("抽選の話題", "長い話。"), *WALKS)
    show.refresh()
    assert found(show, "lottery") == ["抽選の話題"]


def test_a_word_that_is_there_only_by_the_dictionary_is_half_absent(show: Library, post: Post) -> None:
    put(post, ("抽選の話題", "AIの長い話。"), *(("AIの話題", "短い話。") for _ in range(8)), *WALKS)
    show.refresh()
    assert found(show, "lottery") == ["抽選の話題"]
    assert found(show, "AI lottery guitar") == []


def test_an_english_question_is_near_to_what_the_dictionary_calls_its_words(show: Library, post: Post) -> None:
    put(post, ("Evaluate it", "長い話。"), ("検索の評価", "回答を測る。"), ("検索の道具", "回答を作る。"), *WALKS)
    show.refresh()
    assert found(show, "how to evaluate answers")[:2] == ["検索の評価", "Evaluate it"]


@pytest.mark.parametrize(("japanese", "english"), [("自動運転", "automatic driving"), ("機械学習", "machine learning")])
def test_the_dictionary_has_compounds_of_usual_words(japanese: str, english: str) -> None:
    assert english in english_of(japanese)


@pytest.mark.parametrize("odd", ["苹果", "ひょうか", "へいか"])
def test_the_dictionary_has_no_spelling_that_nobody_uses(odd: str) -> None:
    assert english_of(odd) == ()


@pytest.mark.parametrize("query", ["last,final", "宝\ud800くじ"])
def test_what_no_dictionary_can_have_is_only_absent(query: str) -> None:
    assert japanese_of(query) == ()
    assert english_of(query) == ()


@pytest.mark.parametrize(
    ("query", "name", "expansions"),
    [
        ("supply chain", "サプライチェーン", ["supply-chain → サプライチェーン"]),
        ("voice changers", "ボイスチェンジャー", ["voice-changers → ボイスチェンジャー"]),
        ("klarna came", "クレーンゲーム", []),
        ("to pick", "トピック", []),
        ("2025 game", "ゲーム", []),
    ],
)
def test_a_row_sounds_like_a_name_where_each_of_its_words_does(
    show: Library, post: Post, query: str, name: str, expansions: list[str]
) -> None:
    put(post, (f"{name}の一年", "長い話。"), (f"{name}の二年", "長い話。"), *others(8))
    show.refresh()
    assert expanded(show, query) == expansions


# --- by form ---


@pytest.mark.parametrize(
    ("typed", "name", "expansion"),
    [
        ("mock-serviceworker", "worker", "mock-serviceworker → mock service worker"),
        ("mock-service-workers", "worker", "mock-service-workers → mock service worker"),
        ("github-action", "actions", "github-action → github actions"),
        ("GitHub Action", "actions", "github-action → github actions"),
    ],
)
def test_a_name_of_several_words_is_found_otherwise_joined_or_in_the_other_number(
    shelf: Library, typed: str, name: str, expansion: str
) -> None:
    answer = shelf.search(typed)
    assert [hit.title for hit in answer.hits] == [title(name)]
    assert expansion in answer.hits[0].matched


def test_a_verb_is_found_in_its_other_forms(show: Library, post: Post) -> None:
    put(post, ("Deploymentの手順", "手順。"), ("deployする前に", "準備。"), *others(6))
    show.refresh()
    assert found(show, "deploy") == ["deployする前に", "Deploymentの手順"]
    assert found(show, "deployment") == ["Deploymentの手順", "deployする前に"]
    assert expanded(show, "deployed") == ["deployed → deploy", "deployed → deployment"]


# --- by the archive's own glosses ---


@pytest.mark.parametrize(
    ("stories", "one", "other"),
    [
        (
            ["Model Context Protocol（MCP）とは", "MCPの安全", "Model Context Protocolの一年"],
            "MCP",
            "Model Context Protocol",
        ),
        (["Moltbot（旧Clawdbot）の更新", "Clawdbotの登場", "Moltbotの拡張"], "Clawdbot", "Moltbot"),
        (["Devin（デヴィン）の値段", "Devinの仕事", "デヴィンの失敗"], "Devin", "デヴィン"),
        (
            [*(f"検索拡張生成（RAG）を組む{i}" for i in "一二三四"), "RAGの失敗", "検索拡張生成の費用"],
            "RAG",
            "検索拡張生成",
        ),
        (
            [
                *(f"推測デコード（Speculative Decoding）を測る{i}" for i in "一二三四"),
                "Speculative Decodingの限界",
                "推測デコードの木",
            ],
            "Speculative Decoding",
            "推測デコード",
        ),
    ],
    ids=["initials", "said", "sound", "repeated", "repeated, of several words"],
)
def test_a_gloss_of_the_archive_leads_both_ways_however_frequent_the_words_are(
    show: Library, post: Post, stories: list[str], one: str, other: str
) -> None:
    put(post, *((title, "話。") for title in stories))
    show.refresh()
    assert set(found(show, one)) == set(found(show, other)) == set(stories)
    for name in (one, other):
        answer = show.search(name)
        assert "(the archive's own gloss)" in answer.understood
        assert "not in the archive" not in answer.understood


def test_an_example_in_brackets_said_once_is_no_other_name(show: Library, post: Post) -> None:
    put(
        post, ("モデル（Claude）を選ぶ", "速さ。"), ("Claudeの更新", "長い文。"), ("モデルの圧縮", "軽い。"), *others(5)
    )
    show.refresh()
    assert set(found(show, "Claude")) == {"モデル（Claude）を選ぶ", "Claudeの更新"}
    assert set(found(show, "モデル")) == {"モデル（Claude）を選ぶ", "モデルの圧縮"}


def test_a_plural_crosses_by_the_gloss_of_its_singular(show: Library, post: Post) -> None:
    put(post, ("仲間の話", "エージェント（Agent）に任せる。"), ("仕事の分担", "エージェントが画面を読む。"), *others(8))
    show.refresh()
    assert set(found(show, "agents")) == {"仲間の話", "仕事の分担"}
    assert "agents → エージェント (the archive's own gloss)" in show.search("agents").understood


@pytest.mark.parametrize(("typed", "written"), [("ballet", "bullet"), ("correction", "collection")])
def test_a_word_of_general_language_is_no_slip_in_another(show: Library, post: Post, typed: str, written: str) -> None:
    put(post, (f"The {written}", f"A {written} of notes."), *others(6))
    show.refresh()
    assert found(show, typed) == []


@pytest.mark.parametrize("name", SHELF)
def test_a_title_typed_as_it_stands_finds_its_story_first(shelf: Library, name: str) -> None:
    assert found(shelf, title(name))[0] == title(name)
