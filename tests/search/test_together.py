"""Of many talks that say all words of a question, those that say them close together are on the first page."""

from __future__ import annotations

from pathlib import Path

from conftest import library_over
from zunda_mcp.rendering import search_text

APART = "A heron stood there. " + "Nobody looked up, and the talk went on about other things. " * 8 + "The ladder fell."
TOGETHER = "We saw a heron on a ladder. " + "Nobody looked up, and the talk went on about other things. " * 8


def test_those_that_say_the_words_together_are_listed_and_the_rest_is_on_the_next_page(tmp_path: Path) -> None:
    folder = tmp_path / "show"
    folder.mkdir()
    for n in range(1, 61):
        page = f"---\ntitle: the river show {n}\nnumber: {n}\n---\n"
        (folder / f"the-river-show-{n}.md").write_text(page, encoding="utf-8")
        spoken = f"WEBVTT\n\n00:00:10.000 --> 00:01:00.000\n<v Ann>{TOGETHER if n % 5 == 0 else APART} Day {n}.\n"
        (folder / f"the-river-show-{n}.vtt").write_text(spoken, encoding="utf-8")
    with library_over(folder, tmp_path / "index") as library:
        first = library.search("heron ladder")
        assert first.total_episodes == 60
        assert {int(hit.id.split("-")[3].partition("#")[0]) % 5 for hit in first.hits} == {0}
        assert len(first.hits) == 12
        rest = library.search("heron ladder", cursor=first.next_cursor)
        assert rest.hits
        assert not {hit.id for hit in rest.hits} & {hit.id for hit in first.hits}
        text = search_text.search(first)
    assert "the words are close together in the first 12" in text
    assert "the river show 5" not in text  # the line before says how all are called
