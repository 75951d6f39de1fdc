"""What was spoken answers by moments: who says it, when, and what is said around it; an episode is one hit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import library_over
from zunda_mcp.library import Library
from zunda_mcp.rendering import episode_text, search_text

TALK = [
    "The soil under the old wall keeps its warmth until late in November.",
    "A robin followed us along the hedge and waited for every worm.",
    "Most of the seed came from a neighbour who never wrote anything down.",
    "We counted the bulbs twice and reached two different numbers.",
    "Rain fell on the glass roof so loudly that two questions were lost.",
    "Nobody remembers who planted the fig, but everyone has an opinion.",
    "The compost heap was warm enough to steam, and the cat had noticed.",
]
ADVERTISEMENT = "This show is brought to you by Marmalade, the calendar that gardeners trust. Get marmalade today."


def stamp(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.000"


def write_episode(folder: Path, n: int, special: dict[int, str]) -> None:
    """An hour of two speakers, ten seconds a turn; ``special`` says which turns are others. All have one sponsor."""
    turns = [f"{TALK[(k + n) % 7]} It was point {k} of day {n}." for k in range(360)]
    turns[4] = ADVERTISEMENT
    for place, text in special.items():
        turns[place] = text
    cues = "\n".join(
        f"{stamp(10 * k)} --> {stamp(10 * k + 9)}\n<v {'Ann' if k % 2 else 'Guest'}>{text}\n"
        for k, text in enumerate(turns)
    )
    name = f"2031-01-{n:02}-talk"
    head = f"title: A talk with guest {n}\ndate: 2031-01-{n:02}\naudio_url: https://s.example/{n}.mp3"
    page = f"---\n{head}\n---\n\nA talk.\n"
    (folder / f"{name}.md").write_text(page, encoding="utf-8")
    (folder / f"{name}.vtt").write_text(f"WEBVTT\n\n{cues}", encoding="utf-8")


@pytest.fixture(name="library", scope="module")
def library_of_talks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("show")
    for n in range(1, 7):
        special = {
            1: {100: "A heron, one more heron, and the heron of yesterday.", 104: "Ladder by ladder, the ladder rose."},
            6: {200: "There are herons on every ladder of the mill, we were told."},
            2: {
                100: "I printed a percent sign on the door.",
                106: "Years later a stranger asked what the sign on it meant.",
            },
            3: {
                20: "My quince froze.",
                150: "The quince came back.",
                250: "So I ate the quince.",
                330: "Quince, again.",
            },
            5: {70: "It bore a strange sign on the", 71: "door was left by nobody, you mean."},
            4: {200: "A quince is a fruit.", 300: "We bottled marmalade with Aunt Rose that winter."},
        }.get(n, {})
        write_episode(folder, n, special)
    with library_over(folder, tmp_path_factory.mktemp("state") / "index") as library:
        yield library


def test_an_episode_is_one_hit_with_its_best_three_moments(library: Library) -> None:
    found = library.search("quince")
    assert sorted(hit.episode_id for hit in found.hits) == ["2031-01-03-talk", "2031-01-04-talk"]
    assert (found.total_stories, found.total_episodes) == (2, 2)
    snippet = next(hit.snippet for hit in found.hits if hit.episode_id == "2031-01-03-talk")
    times = [f" from {time} by Guest)" for time in ("3:20", "25:00", "41:40", "55:00")]
    assert sum(time in snippet for time in times) == snippet.count("(spoken") == 3
    assert snippet.count("(spoken in #") == 2  # the hit's own passage needs no name


def test_a_moment_has_speaker_time_and_what_is_said_before_and_after(library: Library) -> None:
    hit = next(hit for hit in library.search("quince fruit").hits)
    assert (hit.title, hit.start) == ("A talk with guest 4", 2000.0)
    assert hit.listen_url == "https://s.example/4.mp3#t=2000"
    assert "A **quince** is a **fruit**." in hit.snippet
    assert "It was point 199 of day 4." in hit.snippet
    assert "Ann: " in hit.snippet
    assert "heard at https://s.example/4.mp3#t=2000" in search_text.search(library.search("quince fruit"))


def test_an_episode_names_who_speaks_in_it(library: Library) -> None:
    answer = library.episode("2031-01-04-talk")
    assert answer.speakers == ["Guest", "Ann"]
    assert "\nSpeakers: Guest, Ann\n" in episode_text.episode(answer)


def test_words_of_one_story_may_stand_in_neighbouring_passages(library: Library) -> None:
    found = library.search("percent sign stranger")
    assert [hit.episode_id for hit in found.hits if not hit.near] == ["2031-01-02-talk"]
    assert found.hits[0].start == 1000.0


def test_what_says_the_words_close_together_comes_before_what_says_them_apart(library: Library) -> None:
    found = library.search("heron ladder")
    assert [hit.episode_id for hit in found.hits] == ["2031-01-06-talk", "2031-01-01-talk"]
    assert "the words are close together in the first 1" in found.understood
    assert "close together" not in library.search("heron").understood
    by_day = library.search("heron ladder", sort="oldest")
    assert [hit.episode_id for hit in by_day.hits] == ["2031-01-01-talk", "2031-01-06-talk"]
    assert "close together" not in by_day.understood


def test_an_alternative_is_close_to_the_other_words_as_well(library: Library) -> None:
    found = library.search("(stork OR heron) ladder")
    assert [hit.episode_id for hit in found.hits] == ["2031-01-06-talk", "2031-01-01-talk"]


def test_what_every_episode_says_in_the_same_words_comes_last(library: Library) -> None:
    found = library.search("marmalade")
    assert found.total_episodes == 6
    assert (found.hits[0].episode_id, found.hits[0].start) == ("2031-01-04-talk", 3000.0)
    assert "Aunt Rose" in found.hits[0].snippet


def test_every_hit_tells_its_time_quoted_or_not(library: Library) -> None:
    assert [hit.start for hit in library.search("marmalade", detail="titles").hits] == [3000.0, *[40.0] * 5]


def test_times_beside_names_are_those_of_the_turns(tmp_path: Path) -> None:
    folder = tmp_path / "talks"
    folder.mkdir()
    turns = [f"{'Lena' if k % 2 else 'Guest'} (00:{k:02}:30):\n{TALK[k % 7]} It was point {k}.\n" for k in range(50)]
    turns[30] = "Guest (00:30:30):\nWe planted a quince.\n\nIt was very small.\n"
    for n in (1, 2):
        text = f"---\ntitle: Talk {n}\ndate: 2031-01-0{n}\n---\n\n" + "\n".join(turns[n:])
        (folder / f"talk-{n}.md").write_text(text, encoding="utf-8")
    with library_over(folder, tmp_path / "index") as library:
        first, second = library.find_text("quince|very small").hits
        assert [(one.speaker, one.start) for one in first.matches] == [("Guest", 1830.0), ("Guest", 1830.0)]
        assert first.counts == second.counts == {"spoken": 2}
        assert [hit.start for hit in library.search("quince").hits] == [1830.0, 1830.0]


# --- passages


@pytest.fixture(name="beans")
def library_of_beans(tmp_path: Path) -> Iterator[Library]:
    folder = tmp_path / "show"
    folder.mkdir()
    page = (
        "---\ntitle: Beans {0}\ndate: 2025-07-0{0}\naudio: https://example.com/beans-{0}.mp3\n---\n"
        "- [The bean market {0}](https://example.com/market/{0})\n\nPrices of beans rise.\n"
    )
    for number in (1, 2):
        (folder / f"beans-{number}.md").write_text(page.format(number), encoding="utf-8")
    talk = page.format(3).partition("- [")[0] + "We only talked.\n"
    (folder / "beans-3.md").write_text(talk, encoding="utf-8")
    said = ["The bean market opens with prices of beans that rise."]
    said += [f"We go on to speak of the garden, bed number {n}, and of what grows there in rows." for n in range(80)]
    said[60] = "And here somebody mentions the zundamonite mineral in passing."
    cues = "\n".join(
        f"{stamp(n * 10)} --> {stamp(n * 10 + 10)}\n{'<v Taro>' if n % 2 else '<v Hana>'}{text}\n"
        for n, text in enumerate(said)
    )
    (folder / "beans-3.vtt").write_text(f"WEBVTT\n\n{cues}", encoding="utf-8")
    with library_over(folder, tmp_path / "index") as opened:
        yield opened


def test_passages_are_no_stories_of_an_archive(beans: Library) -> None:
    assert beans.freshness().state == "building"
    report = beans.refresh()
    assert (report.episodes, report.stories) == (3, 3)
    assert beans.search("").total_stories == 3
    assert [one.stories for one in beans.episodes()] == [1, 1, 1]
    assert beans.freshness().stories == 3


def test_a_hit_opens_where_its_words_are_said(beans: Library) -> None:
    (hit,) = beans.search("zundamonite").hits  # passages overlap by a turn, and an episode is one hit
    assert hit.start == 600
    assert hit.listen_url == "https://example.com/beans-3.mp3#t=600"
    assert hit.snippet.startswith("(spoken from 10:00 by Hana) ")


def test_a_passage_is_listed_by_its_time_and_read_as_it_was_said(beans: Library) -> None:
    hit = beans.search("zundamonite").hits[0]
    shown = episode_text.markdown(beans.episode(hit.episode_id))
    assert "## Heard in the recording\n\n- " in shown
    assert f"id {hit.id}" in shown
    assert "(no title)" not in shown
    assert "zundamonite" not in shown
    passage = episode_text.markdown(beans.episode(hit.id))
    assert "Heard in the recording, as transcribed:" in passage
    assert "zundamonite mineral" in passage
    assert "(no title)" not in passage
    line = next(line for line in search_text.search(beans.search("zundamonite")).split("\n") if line.startswith("- "))
    assert line.startswith(f"- 2025-07-03 {hit.id} heard at https://example.com/beans-3.mp3#t=600")


def test_an_archive_of_transcripts_alone_lists_its_episodes(tmp_path: Path) -> None:
    folder = tmp_path / "show"
    folder.mkdir()
    for number in (1, 2, 3):
        turns = "\n\n".join(f"**{'Taro' if n % 2 else 'Hana'}:** Sentence number {n} about beans." for n in range(60))
        (folder / f"2025-07-0{number}-talk.md").write_text(turns, encoding="utf-8")
    with library_over(folder, tmp_path / "index") as library:
        listed = library.search("")
        assert (listed.total_stories, listed.total_episodes) == (3, 3)
        assert [hit.id for hit in listed.hits] == ["2025-07-03-talk#1", "2025-07-02-talk#1", "2025-07-01-talk#1"]
        assert library.search("sentence number 7").hits


def test_where_no_talk_holds_every_word_those_that_hold_much_of_it_are_near(library: Library) -> None:
    found = library.search("percent sign marmalade")
    assert found.total_stories == 0
    assert found.hits[0].episode_id == "2031-01-02-talk"
    assert found.hits[0].near


def test_alternatives_may_be_spoken_each_with_its_words_in_neighbouring_passages(library: Library) -> None:
    either = "(percent stranger) OR (fruit marmalade) OR hovercraft"
    assert {hit.episode_id for hit in library.search("percent stranger OR hovercraft").hits if not hit.near} == {
        "2031-01-02-talk"
    }
    found = library.search('quince (fruit OR "came back")')
    assert sorted(hit.episode_id for hit in found.hits if not hit.near) == ["2031-01-03-talk", "2031-01-04-talk"]
    assert library.search(either).total_episodes == 1
    assert library.search("(hovercraft OR zeppelin) robin").total_stories == 0


def test_a_phrase_may_run_over_the_end_of_a_turn(library: Library) -> None:
    found = library.search('"a strange sign on the door was left by nobody"')
    assert [hit.episode_id for hit in found.hits if not hit.near] == ["2031-01-05-talk"]
    assert "**" in found.hits[0].snippet


# --- in other words


HOUSE = [
    "We moved the sofa in front of the window.",
    "The kitchen was painted yellow in a single evening.",
    "Somebody had left a ladder in the hall.",
    "There are nine lamps and one of them works.",
    "The carpet came from an auction in the north.",
    "We never found out who owned the wardrobe.",
]
ASIDE = "My grandmother taught me to bake bread when I was a small child, and we sold the loaves to the neighbours."


@pytest.fixture(name="heard", scope="module")
def library_of_talks_with_vectors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Three talks on a garden, a house and both; in the second somebody speaks of bread for a moment."""
    folder = tmp_path_factory.mktemp("show")
    for n, lines in enumerate([TALK, HOUSE, [*HOUSE, *TALK]], start=1):
        turns = [f"{lines[k % len(lines)]} That was number {k}." for k in range(120)]
        if n == 2:
            turns[64] = ASIDE
        cues = "\n".join(
            f"{stamp(10 * k)} --> {stamp(10 * k + 9)}\n<v {'Ann' if k % 2 else f'Guest{n}'}>{text}\n"
            for k, text in enumerate(turns)
        )
        name = f"2031-01-0{n}-talk"
        (folder / f"{name}.md").write_text(
            f"---\ntitle: Talk {n}\ndate: 2031-01-0{n}\nhosts: [Ann, Guest {n}]\n---\n\nA talk.\n", encoding="utf-8"
        )
        (folder / f"{name}.vtt").write_text(f"WEBVTT\n\n{cues}", encoding="utf-8")
    with library_over(folder, tmp_path_factory.mktemp("state") / "index", embedder="use") as library:
        assert library.refresh().embedding_error is None
        yield library


@pytest.mark.parametrize(
    "question", ["how a kid learnt about dough and ovens from old relatives", "おばあちゃんにパンの焼き方を習った話"]
)
def test_a_moment_is_found_in_other_words_and_in_another_language(heard: Library, question: str) -> None:
    first = heard.search(question).hits[0]
    assert (first.episode_id, first.near) == ("2031-01-02-talk", True)
    assert "grandmother" in first.snippet
    assert first.start is not None
    assert abs(first.start - 640) < 100


def test_what_no_talk_is_near_to_is_not_made_near_by_vectors(heard: Library) -> None:
    assert heard.search("quarterly earnings of Tokyo shipbuilders").hits == []


def test_a_talk_names_those_who_are_not_in_every_one(heard: Library) -> None:
    people = {hit.episode_id: hit.people for hit in heard.search("robin").hits}
    assert people == {"2031-01-01-talk": ["Guest 1"], "2031-01-03-talk": ["Guest 3"]}
    assert " · with Guest 3" in search_text.search(heard.search("robin"))
    assert [hit.people for hit in heard.search("grandmother").hits] == [["Ann", "Guest 2"]]


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


def test_what_holds_the_name_is_near_where_little_holds_all(tmp_path: Path) -> None:
    folder = tmp_path / "show"
    folder.mkdir()
    said = {
        1: "We read Quillfeather and spoke of the market.",
        2: "Quillfeather again, all evening long.",
        3: "The market, the market, and more of the market.",
    }
    for n in range(1, 9):
        (folder / f"show-{n}.md").write_text(f"---\ntitle: the river show {n}\n---\n", encoding="utf-8")
        text = said.get(n, f"Nothing but rain on day {n}.")
        spoken = f"WEBVTT\n\n00:00:10.000 --> 00:01:00.000\n<v Ann>{text} Goodbye for now.\n"
        (folder / f"show-{n}.vtt").write_text(spoken, encoding="utf-8")
    with library_over(folder, tmp_path / "index") as library:
        found = library.search("Quillfeather market")
    assert [(hit.episode_id, hit.near) for hit in found.hits] == [("show-1", False), ("show-2", True)]
    assert found.total_episodes == 1
