"""A host, a site or an archive that a question names as a speaker or a place limits what answers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import Post, examples
from zunda_mcp.library import Library
from zunda_mcp.query.named_filters import archive_in, site_in, speaker_in

SITES = ["zenn.dev", "qiita.com", "togetter.com", "openai.com", "blog.google", "github.com"]
HOSTS = ["ずんだもん", "お嬢様ずんだもん", "春日部つむぎ", "wesbos", "Scott Tolinski"]


@pytest.mark.parametrize(
    ("text", "rest", "name"),
    [
        ("qiitaで紹介されたRAGの記事", "紹介されたRAGの記事", "qiita.com"),
        ("RAGについてのQiitaの記事", "RAGについての", "qiita.com"),
        ("zenn.devで話題になったもの", "話題になったもの", "zenn.dev"),
        ("RAG on zenn.dev", "RAG", "zenn.dev"),
        ("Qiita articles about Obsidian", "Obsidian", "qiita.com"),
        ("cats from togetter", "cats", "togetter.com"),
    ],
)
def test_a_site_is_named_as_where_something_stands(text: str, rest: str, name: str) -> None:
    assert site_in(text, SITES) == (rest, name)


@pytest.mark.parametrize(
    ("text", "rest", "name"),
    [
        ("つむぎさんが話していたGemmaの回", "話していたGemmaの回", "春日部つむぎ"),
        ("春日部つむぎの回", "", "春日部つむぎ"),
        ("ずんだもんがGemmaを紹介した話", "Gemmaを紹介した話", "ずんだもん"),
        ("What did Scott say about Chef?", "What say about Chef?", "Scott Tolinski"),
        ("episodes hosted by Wes", "episodes", "wesbos"),
    ],
)
def test_a_host_is_named_as_who_speaks(text: str, rest: str, name: str) -> None:
    assert speaker_in(text, HOSTS) == (rest, name)


@pytest.mark.parametrize(
    ("text", "rest", "name"),
    [
        ("episodes without Scott", "episodes", "Scott Tolinski"),
        ("Vite without Scott Tolinski?", "Vite ?", "Scott Tolinski"),
        ("ずんだもんがいない回", "", "ずんだもん"),
        ("お嬢様ずんだもん抜きの放送", "", "お嬢様ずんだもん"),
        ("RAG without a vector database", None, None),
        ("電池がいらない回", None, None),
    ],
)
def test_a_host_is_named_as_who_is_not_there(text: str, rest: str | None, name: str | None) -> None:
    named = speaker_in(text, HOSTS, absent=True)
    assert (named and named.rest, named and named.name) == (rest, name)


@pytest.mark.parametrize(
    "text",
    ["ずんだもん 新曲 配信", "ずんだもんのぬいぐるみ", "Googleが紹介した新モデル", "did they say anything", "zenn", ""],
)
def test_other_uses_of_a_name_limit_nothing(text: str) -> None:
    assert site_in(text, SITES) is None
    assert speaker_in(text, HOSTS) is None


def test_an_archive_is_named_as_where_to_look() -> None:
    names = ["syntax-fm", "野良ラジオ"]
    assert archive_in("what is said in syntax-fm about Vite?", names) == ("what is said about Vite?", "syntax-fm")
    assert archive_in("野良ラジオで話していた猫", names) == ("話していた猫", "野良ラジオ")
    assert archive_in("in the beginning", names) is None


@settings(max_examples=examples(30))
@given(st.text(max_size=60))
def test_no_text_is_an_error(text: str) -> None:
    site_in(text, SITES)
    speaker_in(text, HOSTS)
    archive_in(text, HOSTS)


@pytest.fixture
def garden(show: Library, post: Post) -> Library:
    post("2025-07-01-1", ("トマトの記録", "https://qiita.com/1", "トマトの種をまく。"), host="Jane Okafor")
    post("2025-07-02-2", ("トマトの水", "https://example.com/2", "トマトに水をやる。"), host="Lee Min")
    post("2025-07-03-3", ("Acmeのトマト", "https://acme.com/3", "トマトを売る。"), host="Lee Min")
    post("2025-07-04-4", ("Acmeの株", "https://example.com/4", "Acmeはトマトをやめた。"), host="Lee Min")
    post("2025-07-05-5", ("Acmeの夏", "https://example.com/5", "Acmeの話。"), host="Lee Min")
    show.refresh()
    return show


@pytest.mark.parametrize(
    ("query", "episodes"),
    [
        ("Qiitaで紹介されたトマトの話", {"2025-07-01-1"}),
        ("Janeさんが話していたトマトの回", {"2025-07-01-1"}),
        ("Jane Okaforの回", {"2025-07-01-1"}),
        ("Leeが紹介したトマトの話", {"2025-07-02-2", "2025-07-03-3", "2025-07-04-4"}),
        ("トマト without Lee", {"2025-07-01-1"}),
        ("Leeがいない回", {"2025-07-01-1"}),
        ("host:Jane トマト", {"2025-07-01-1"}),
        ('トマト -host:"Lee Min"', {"2025-07-01-1"}),
        ("トマト since:2025-07-03 until:2025-07-03", {"2025-07-03-3"}),
    ],
)
def test_what_is_named_limits_what_answers(garden: Library, query: str, episodes: set[str]) -> None:
    assert {hit.episode_id for hit in garden.search(query).hits} == episodes


def test_a_filter_that_nothing_fits_is_a_word_and_one_that_was_chosen_holds(garden: Library) -> None:
    assert "host:Nobody" in garden.search("host:Nobody トマト").understood
    chosen = garden.search("since:2025-07-04 トマト", since="2025-07-05")
    assert "since 2025-07-05" in chosen.understood


def test_the_name_of_a_company_that_is_written_about_is_no_site(garden: Library) -> None:
    assert "links to" not in garden.search("Acmeの記事").understood


def test_where_nothing_answers_under_a_name_all_is_searched_and_that_is_said(garden: Library) -> None:
    answer = garden.search("Qiitaで紹介された株の話")
    assert {hit.episode_id for hit in answer.hits} == {"2025-07-04-4"}
    assert "nothing with links to qiita.com, so all was searched" in answer.understood


def test_where_nothing_else_is_asked_a_site_is_what_is_asked_about(garden: Library) -> None:
    assert site_in("has the show ever had anything on togetter?", SITES) is None
    assert site_in("anything about cats on togetter?", SITES) is not None
    assert garden.search("Qiitaの記事を教えて").understood == "everything; links to qiita.com; newest first"


@pytest.mark.parametrize(("query", "episode"), [("最新回は？", "2025-07-05-5"), ("the first episode", "2025-07-01-1")])
def test_an_episode_asked_for_by_its_place_is_listed(garden: Library, query: str, episode: str) -> None:
    answer = garden.search(query)
    assert [hit.episode_id for hit in answer.hits] == [episode]
    assert "episode" in answer.understood
