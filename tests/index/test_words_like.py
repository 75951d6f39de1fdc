"""Which words of an archive are offered for one that it does not have."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import examples
from zunda_mcp.index.vocabulary import FILES, Vocabulary

WORDS = st.text("ab.+é", min_size=3, max_size=8)


@settings(max_examples=examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.sets(WORDS), word=WORDS)
def test_words_as_long_with_the_same_first_or_second_letter_and_words_that_begin_so(
    tmp_path: Path, words: set[str], word: str
) -> None:
    (tmp_path / FILES[2]).write_text("\n" + "".join(f"{one}\n" for one in sorted(words)), encoding="utf-8")
    assert Vocabulary(tmp_path).words_like(word) == [
        one
        for one in sorted(words)
        if (abs(len(one) - len(word)) <= 2 and (one[0] == word[0] or one[1] == word[1])) or one.startswith(word)
    ]


def test_runs_with_the_same_first_letter(tmp_path: Path) -> None:
    (tmp_path / FILES[0]).write_text("\n推薦\n推論\n検索\n", encoding="utf-8")
    assert list(Vocabulary(tmp_path).runs_like("推定")) == ["推薦", "推論"]
