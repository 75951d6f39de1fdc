"""``check_quote`` looks at what was spoken, and at sentences that begin with their link."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import library_over
from zunda_mcp.library import Library
from zunda_mcp.rendering.quote_text import quote as text_of

FILLER = [
    "The soil under the old wall keeps its warmth until late in November, which few people believe.",
    "A robin followed us along the hedge and waited for every worm that the spade turned up.",
    "Most of the seed came from a neighbour who never wrote down what anything was called.",
    "We counted the bulbs twice and reached two different numbers, so we stopped counting.",
    "Rain fell on the glass roof so loudly that the next two questions were lost.",
    "Nobody remembers who planted the fig, but everyone has an opinion about its leaves.",
    "The compost heap was warm enough to steam, and the cat had noticed before we did.",
]


def captions(turns: list[tuple[str, str]]) -> str:
    """WebVTT with a cue of eight seconds for each turn."""

    def stamp(seconds: int) -> str:
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.000"

    cues = [f"{stamp(8 * n)} --> {stamp(8 * n + 7)}\n<v {who}>{text}\n" for n, (who, text) in enumerate(turns)]
    return "\n".join(["WEBVTT\n", *cues])


TURNS = [
    *(("Ann" if n % 2 else "Ben", f"{FILLER[n % 7]} That was number {n}.") for n in range(60)),
    ("Ann", "So when should one prune a quince?"),
    ("Ben", "Never in the frost, said the old gardener."),
    *(("Ann" if n % 2 else "Ben", f"{FILLER[n % 7]} That was number {n}.") for n in range(60, 80)),
]


@pytest.fixture(name="library", scope="module")
def library_with_a_talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder: Path = tmp_path_factory.mktemp("show")
    (folder / "2031-01-01-talk.md").write_text(
        "---\ntitle: The talk\ndate: 2031-01-01\naudio_url: https://show.example/1.mp3\n---\n\nA talk on gardens.\n",
        encoding="utf-8",
    )
    (folder / "2031-01-01-talk.vtt").write_text(captions(TURNS), encoding="utf-8")
    (folder / "2031-02-01-notes.md").write_text(
        "---\ntitle: The notes\ndate: 2031-02-01\n---\n\n"
        "- [The Plum Book](https://ex.example/p) is the best guide to winter work.\n"
        "- [桃の本](https://ex.example/m)は冬の手入れのいちばん良い手引きです。\n"
        "- [Slides](https://ex.example/s)\n\n  The spring meeting was long.\n",
        encoding="utf-8",
    )
    with library_over(folder, tmp_path_factory.mktemp("state") / "index") as library:
        yield library


def test_a_line_of_a_transcript_is_there_with_its_speaker_and_second(library: Library) -> None:
    checked = library.check_quote("Never in the frost, said the old gardener.")
    (place,) = checked.places
    assert (checked.verdict, place.where, place.speaker, place.start) == ("exact", "spoken", "Ben", 8.0 * 61)
    assert (place.episode_id, place.title) == ("2031-01-01-talk", "The talk")
    assert place.listen_url == "https://show.example/1.mp3#t=488"
    assert "**Never in the frost, said the old gardener**." in place.passage
    assert "spoken at 8:08 by Ben" in text_of(checked)


def test_every_line_is_there_wherever_a_passage_was_cut(library: Library) -> None:
    for n, (who, text) in enumerate(TURNS):
        checked = library.check_quote(text)
        assert (checked.verdict, checked.places[0].speaker, checked.places[0].start) == ("exact", who, 8.0 * n), text


def test_a_quote_may_run_over_turns_with_and_without_names(library: Library) -> None:
    bare = library.check_quote("So when should one prune a quince? Never in the frost, said the old gardener.")
    named = library.check_quote(
        "Ann: So when should one prune a quince?\nBen: Never in the frost, said the old gardener."
    )
    assert [one.verdict for one in (bare, named)] == ["exact", "exact"]
    assert [one.places[0].speaker for one in (bare, named)] == ["Ann", "Ann"]


def test_what_was_said_otherwise_is_similar_and_shows_the_difference(library: Library) -> None:
    checked = library.check_quote("Always in the frost, said the old gardener.")
    assert checked.verdict == "similar"
    assert checked.places[0].where == "spoken"
    assert [one.quoted for one in checked.places[0].differences] == ["Always"]


def test_an_episode_narrows_the_check(library: Library) -> None:
    quote = "Never in the frost, said the old gardener."
    assert library.check_quote(quote, id="2031-01-01-talk").verdict == "exact"
    assert library.check_quote(quote, id="2031-02-01-notes").verdict == "absent"


def test_absent_says_where_was_looked(library: Library) -> None:
    checked = library.check_quote("Bananas are picked by moonlight on Thursdays.")
    assert checked.verdict == "absent"
    assert "looked for in all that is written and, where there are transcripts, spoken" in checked.understood


@pytest.mark.parametrize(
    ("quote", "verdict"),
    [
        ("The Plum Book is the best guide to winter work.", "exact"),
        ("桃の本は冬の手入れのいちばん良い手引きです。", "exact"),
        ("is the best guide to winter work.", "exact"),
        ("Slides The spring meeting was long.", "similar"),
    ],
)
def test_a_sentence_that_begins_with_its_link_is_one_sentence(library: Library, quote: str, verdict: str) -> None:
    assert library.check_quote(quote).verdict == verdict
