"""What a person sees: bold where a terminal can show it, short snippets, bars that fit, choices that exist."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import get_args

import pytest

from zunda_mcp.answers import (
    Cited,
    Freshness,
    Hit,
    Period,
    PeriodCount,
    RefreshReport,
    Related,
    Sort,
    Timeline,
    Topic,
    TopicList,
    TopicSort,
)
from zunda_mcp.cli import terminal, verb_table
from zunda_mcp.cli.archive_verbs import problem_line, report_lines
from zunda_mcp.cli.chosen_archive import Progress
from zunda_mcp.cli.doctor import Check, next_step
from zunda_mcp.cli.styles import Style, style
from zunda_mcp.config.load import load_settings
from zunda_mcp.config.settings import Settings
from zunda_mcp.models import Problem
from zunda_mcp.rendering.messages import Messages

PLAIN, BOLD = Style(ansi=False), Style(ansi=True)
FRESH = Freshness(state="current", archive="局", episodes=1, stories=1, oldest=None, newest=None, problems=0)
OF = Cited(id="e#1", date="2025-07-08", title="題", url=None, episode_title="放送", episode_url=None)


def related(snippet: str, **more: object) -> Related:
    facts = {"id": "e#2", "episode_id": "e", "date": "2025-07-08", "title": "題名", "url": "https://a.example/"}
    none: dict[str, object] = {"site": None, "hosts": [], "episode_title": "回", "episode_url": None, "audio_url": None}
    hit = Hit.model_validate({**facts, **none, "snippet": snippet, "score": 1.0, "matched": [], **more})
    return Related(of=OF, hits=[hit], understood="", freshness=FRESH)


def timeline(*counts: int) -> Timeline:
    periods = [PeriodCount(period=f"{2000 + place}", stories=n, episodes=n) for place, n in enumerate(counts)]
    return Timeline(
        topic="MCP", by="year", total_stories=sum(counts), total_episodes=1, first=OF, last=OF, periods=periods,
        busiest=[], understood="", suggestions=[], freshness=FRESH,
    )  # fmt: skip


def test_matched_words_are_bold_at_a_terminal_and_marked_elsewhere() -> None:
    assert "今日の\x1b[1m枝豆\x1b[22mです" in terminal.related(related("今日の**枝豆**です"), BOLD)
    assert "今日の**枝豆**です" in terminal.related(related("今日の**枝豆**です"), PLAIN)
    assert "\x1b" not in terminal.related(related("今日の**枝豆**です"), PLAIN)


def test_escapes_in_the_archive_cannot_pass_as_our_own() -> None:
    text = terminal.related(related("\x1b[2J**a**\x9b31m", title="\x1b]0;x\x07題", id="\x1b[1me#2"), BOLD)
    assert text.count("\x1b") == sum(map(text.count, ("\x1b[1m", "\x1b[2m", "\x1b[22m")))
    assert "\x9b" not in text
    assert "\x1b[1me#2" not in text


def test_a_long_snippet_is_cut_around_its_first_matched_word() -> None:
    text = terminal.related(related("前" * 500 + "**枝豆**" + "後" * 500), PLAIN)
    assert "…前" in text
    assert "**枝豆**後" in text
    assert "後…" in text


@pytest.mark.parametrize("length", range(30, 60))
def test_a_mark_is_never_left_open_by_a_cut(length: int) -> None:
    snippet = "".join(f"**{'語' * length}**{'間' * 7}" for _ in range(20))
    shown = terminal.related(related(snippet), PLAIN).split("e#2 · in 回\n")[1]
    assert shown.count("**") % 2 == 0
    assert "***" not in shown


def test_bars_count_stories_until_they_would_be_too_long() -> None:
    assert "2000     ███ 3\n2001     0\n2002     █ 1" in terminal.timeline(timeline(3, 0, 1), PLAIN)
    long = terminal.timeline(timeline(1000, 1, 500), PLAIN)
    assert f"2000     {'█' * 40} 1000\n2001     █ 1\n2002     {'█' * 20} 500\n" in long


def test_a_topic_shows_its_other_names_counts_days_and_examples() -> None:
    topic = Topic(
        name="生成AI", aliases=["GenAI"], stories=3, episodes=1, first="2025-07-01", last="2025-07-08", examples=[OF]
    )
    answer = TopicList(total_topics=2, topics=[topic], understood="all", next_cursor="abc", freshness=FRESH)
    shown = terminal.topics(answer, BOLD)
    assert "2 topics, 1 shown\nunderstood: all\n" in shown
    assert "\x1b[1m生成AI\x1b[22m (GenAI): 3 stories in 1 episode, 2025-07-01 to 2025-07-08\n" in shown
    assert "  2025-07-08  題 · \x1b[2me#1\x1b[22m\n" in shown
    assert "--cursor abc" in shown


def test_an_episode_that_answers_itself_is_said_to_be_one() -> None:
    text = terminal.related(related("", id="e", kind="episode", url=None, episode_url="https://a.example/e"), PLAIN)
    assert "2025-07-08  題名 (episode)\n  https://a.example/e\n  e\n" in text


@pytest.mark.parametrize(
    ("terminal_", "variables", "ansi"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
    ],
)
def test_ansi_is_only_for_a_terminal_that_wants_it(
    monkeypatch: pytest.MonkeyPatch, terminal_: bool, variables: dict[str, str], ansi: bool
) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WT_SESSION", "1")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    out = io.StringIO()
    monkeypatch.setattr(out, "isatty", lambda: terminal_)
    monkeypatch.setattr(sys, "stdout", out)
    assert style().ansi == ansi
    assert bool(style().width) == terminal_


def test_a_problem_names_its_file_and_line_and_whether_the_file_is_left_out() -> None:
    assert problem_line(Problem(path="p/a.md", line=3, cause="No title.")) == "p/a.md:3: No title."
    assert problem_line(Problem(path="p/a.md", cause="No date.", skipped=True)) == "p/a.md: No date. [skipped]"
    assert (
        problem_line(Problem(path="p/\x1b[2Ja.md", cause="It was skipped.", skipped=True)) == "p/a.md: It was skipped."
    )


def test_only_the_first_problems_are_listed_after_indexing() -> None:
    report = RefreshReport(
        generation="g1", rebuilt=False, reason="files changed", added=["a"], changed=[], removed=[],
        episodes=1, stories=2, problems=25, seconds=1.26,
    )  # fmt: skip
    problems = [Problem(path=f"p/{place}.md", cause="x") for place in range(25)]
    settings = Settings.model_validate({"episodes": ("/e",), "index": "/i"})
    lines = report_lines(report, problems, settings)
    assert lines[0] == "1 episode, 2 stories: 1 added, 0 changed, 0 removed in 1.3 s"
    assert lines[-1] == "  … and 5 more: zunda-mcp doctor shows all"
    assert len(lines) == 3 + 20 + 1


def test_progress_is_silent_where_stderr_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress() as progress:
        progress(1, 2, "reading")
    assert capsys.readouterr().err == ""


def test_progress_may_begin_anew_with_another_total(monkeypatch: pytest.MonkeyPatch) -> None:
    err = io.StringIO()
    monkeypatch.setattr(err, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", err)
    with Progress() as progress:
        for what, total in (("reading", 3), ("indexing", 2)):
            for done in range(total + 1):
                progress(done, total, what)


def test_the_choices_of_the_flags_are_those_of_the_library() -> None:
    assert get_args(Sort) == verb_table.SORTS
    assert get_args(TopicSort) == verb_table.TOPIC_SORTS
    assert get_args(Period) == verb_table.PERIODS


def test_the_doctor_asks_for_another_folder_where_no_file_is_an_episode(tmp_path: Path) -> None:
    settings = load_settings(episodes=[tmp_path], environ={}, index=tmp_path.parent / "index")
    empty = FRESH.model_copy(update={"episodes": 0, "stories": 0})
    assert next_step(settings, None, [], empty, []).startswith("No file in these folders is an episode")
    assert next_step(settings, None, [], FRESH, []).startswith("All is well.")
    assert next_step(settings, "The index is broken.", [], FRESH, []).startswith("Fix what the error names")


def test_the_doctor_says_that_vectors_are_missing_where_nothing_else_is_wrong(tmp_path: Path) -> None:
    settings = load_settings(episodes=[tmp_path], environ={}, index=tmp_path.parent / "index")
    meaning = Check("meaning", False, "use, no vectors yet", "zunda-mcp index makes them.")
    skipped = Problem(path="posts/a.md", cause="This file is empty; it was skipped.", skipped=True)
    assert next_step(settings, None, [], FRESH, [meaning]) == "zunda-mcp index makes them."
    assert next_step(settings, None, [skipped], FRESH, [meaning]).startswith("Fix the 1 skipped file")
    source = Check("source", False, "mame: failed", "zunda-mcp sync mame")
    assert next_step(settings, None, [], FRESH, [meaning, source]) == "zunda-mcp sync mame"


def test_a_problem_is_shown_in_the_language_of_its_reader() -> None:
    problem = Problem(path="a.md", line=3, cause="This file is empty; it was skipped.", skipped=True)
    assert problem_line(problem, Messages(japanese=True)) == "a.md:3: このファイルは空です; 読み飛ばしました。"
