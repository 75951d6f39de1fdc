"""Forms of one English word belong together, and words that only begin alike do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zunda_mcp.text.inflection import same_word, singular, stem_to_search

STEMS = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=8)
ENDINGS = st.sampled_from(["", "s", "ed", "ing", "er", "ers", "ment", "able", "ation", "ability"])
WORDS = st.text(alphabet="abdegiklnorsty", max_size=10)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("evaluate", "evaluation"),
        ("evaluating", "evaluated"),
        ("host", "hosting"),
        ("hosted", "hosting"),
        ("run", "running"),
        ("log", "logging"),
        ("agent", "agents"),
        ("cache", "caching"),
        ("query", "queries"),
        ("study", "studying"),
        ("apply", "applied"),
        ("deploy", "deployment"),
        ("developer", "development"),
        ("embedding", "embedded"),
        ("optimize", "optimization"),
        ("model", "modelling"),
        ("model", "modeling"),
        ("scale", "scalability"),
        ("manage", "management"),
    ],
)
def test_forms_of_one_word_belong_together(first: str, second: str) -> None:
    assert same_word(first, second)
    assert same_word(second, first)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("organ", "organic"),
        ("universe", "university"),
        ("import", "important"),
        ("port", "portal"),
        ("plan", "planet"),
        ("animal", "anime"),
        ("bat", "batch"),
        ("cat", "catalog"),
        ("stat", "static"),
        ("car", "care"),
        ("rag", "rage"),
        ("rust", "trust"),
        ("to", "too"),
        ("python", "pytorch"),
        ("", ""),
    ],
)
def test_words_that_only_begin_alike_do_not(first: str, second: str) -> None:
    assert not same_word(first, second)
    assert not same_word(second, first)


@pytest.mark.parametrize("other", ["学習する", "gpt4s", "gpt-4", "naïves"])
def test_only_words_of_plain_latin_letters_have_forms(other: str) -> None:
    assert not same_word(other, other + "s")
    assert not same_word(other + "s", other)


@given(STEMS, ENDINGS, ENDINGS)
def test_any_two_usual_endings_behind_one_stem_make_forms_of_one_word(stem: str, one: str, other: str) -> None:
    assert same_word(stem + one, stem + other)


@given(WORDS, WORDS)
def test_which_of_two_words_comes_first_does_not_matter(first: str, second: str) -> None:
    assert same_word(first, second) == same_word(second, first)


@pytest.mark.parametrize(
    ("plural", "expected"),
    [
        ("agents", ("agent",)),
        ("actions", ("action",)),
        ("queries", ("query",)),
        ("llms", ("llm",)),
        ("agent", ()),
        ("class", ()),
        ("status", ()),
        ("analysis", ()),
        ("bus", ()),
        ("js", ()),
        ("gpt4s", ()),
        ("エージェントs", ()),
        ("", ()),
    ],
)
def test_a_plural_shows_its_singular_and_nothing_else_does(plural: str, expected: tuple[str, ...]) -> None:
    assert singular(plural) == expected


@pytest.mark.parametrize(
    ("typed", "forms"),
    [
        ("host", ["hosts", "hosted", "hosting"]),
        ("hosting", ["host", "hosted"]),
        ("run", ["runs", "running"]),
        ("evaluation", ["evaluate", "evaluated", "evaluating"]),
        ("deployment", ["deploy", "deployed", "deploying"]),
        ("queries", ["query", "querying"]),
        ("scale", ["scaling", "scalability"]),
    ],
)
def test_the_other_forms_begin_with_the_letters_to_look_up_by(typed: str, forms: list[str]) -> None:
    assert [form for form in forms if not form.startswith(stem_to_search(typed))] == []


@given(WORDS)
def test_a_word_begins_with_its_own_letters_to_look_up_by(word: str) -> None:
    assert word.startswith(stem_to_search(word))
