"""The command line for real: processes, files, an index on disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_samples import SAMPLE, run, write_archive

from zunda_mcp.answers import (
    EpisodeAnswer,
    QuoteCheck,
    RefreshReport,
    Related,
    SearchResult,
    TextMatches,
    Timeline,
    TopicList,
)
from zunda_mcp.cli.doctor import Diagnosis
from zunda_mcp.models import Model


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's home with the archive in ``posts``, indexed."""
    home = tmp_path_factory.mktemp("home")
    write_archive(home / "posts")
    assert run(home, "index", "--episodes", "posts").returncode == 0
    return home


def ask(home: Path, verb: str, *arguments: str, code: int = 0) -> str:
    """stdout of a verb on the archive in ``posts``; stderr must be empty."""
    done = run(home, verb, "--episodes", "posts", *arguments)
    assert (done.returncode, done.stderr) == (code, "")
    return done.stdout


# --- search ---


def test_search_shows_date_title_url_id_and_the_matched_words(home: Path) -> None:
    out = ask(home, "search", "枝豆")
    assert "2025-08-20  枝豆の育て方" in out
    assert "https://example.net/beans" in out
    assert "2025-08-20-2#2 · 四国めたん" in out
    assert "**枝豆**" in out


@pytest.mark.parametrize("words", ["MCP -Claude", "-Claude MCP", "-- MCP -Claude", "--sort newest -Claude -- MCP"])
def test_a_word_after_a_minus_is_left_out(home: Path, words: str) -> None:
    out = ask(home, "search", *words.split())
    assert "2025-07-08-1#1" in out
    assert "2025-07-08-1#2" not in out


def test_options_may_stand_before_between_and_after_words(home: Path) -> None:
    before = run(home, "--episodes", "posts", "search", "--limit", "1", "MCP", "安全")
    between = run(home, "search", "MCP", "--limit=1", "安全", "--episodes", "posts")
    assert before.stdout == between.stdout
    assert "2025-08-20-2#1" in before.stdout


def test_dates_host_and_site_narrow_the_search(home: Path) -> None:
    assert "2 stories" in ask(home, "search", "--since", "2025年8月", "--until", "2025-08")
    assert "2 stories" in ask(home, "search", "--host", "四国めたん")
    assert "1 story" in ask(home, "search", "--site", "example.net")


def test_the_cursor_of_one_page_leads_to_the_next(home: Path) -> None:
    first = SearchResult.model_validate_json(ask(home, "search", "MCP", "--limit", "2", "--json"))
    assert first.next_cursor
    second = ask(home, "search", "MCP", "--limit", "2", "--json", "--cursor", first.next_cursor)
    ids = [hit.id for page in (first, SearchResult.model_validate_json(second)) for hit in page.hits]
    assert sorted(ids) == ["2025-07-08-1#1", "2025-07-08-1#2", "2025-08-20-2#1"]
    assert f"--cursor {first.next_cursor}" in ask(home, "search", "MCP", "--limit", "2")


def test_nothing_found_is_said_with_the_day_up_to_which_was_searched(home: Path) -> None:
    assert "Nothing found. The archive was searched up to 2025-09-01." in ask(home, "search", "qqqzzz", code=1)


# --- the other reading verbs ---


def test_show_prints_an_episode_with_its_stories_and_the_way_onwards(home: Path) -> None:
    out = ask(home, "show", "2025-08-20")
    assert "第二回の放送" in out
    assert "枝豆を育てるには水が大切です。" in out
    assert "previous: zunda-mcp show 2025-07-08-1 · next: zunda-mcp show 2025-09-01-3" in out


def test_show_prints_one_story_by_its_id(home: Path) -> None:
    out = ask(home, "show", "2025-08-20-2#2")
    assert "枝豆を育てるには水が大切です。" in out
    assert "安全について考える記事です。" not in out


def test_an_unknown_id_is_nothing_found_and_says_what_an_id_looks_like(home: Path) -> None:
    for verb in ("show", "related"):
        done = run(home, verb, "2031-01-01-9", "--episodes", "posts")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("zunda-mcp: ")
        assert "2025-" in done.stderr


def test_timeline_draws_a_bar_for_every_month(home: Path) -> None:
    out = ask(home, "timeline", "MCP")
    assert "2025-07  ██ 2\n2025-08  █ 1\n" in out
    assert "2025-W28 ██ 2\n2025-W29 0\n" in ask(home, "timeline", "MCP", "--by", "week")


def test_related_shows_stories_near_another(home: Path) -> None:
    assert "2025-08-20-2#1" in ask(home, "related", "2025-07-08-1#1")


def test_quote_finds_a_sentence_and_says_where(home: Path) -> None:
    out = ask(home, "quote", "枝豆を育てるには水が大切です。")
    assert out.startswith("In the archive, word for word: 1 place, 1 shown")
    assert "2025-08-20  枝豆の育て方\n  https://example.net/beans\n  2025-08-20-2#2 · summary · exact" in out
    assert "**枝豆を育てるには水が大切です**。" in out
    assert "same words" in ask(home, "quote", "「枝豆を育てるには，水が大切です」")


def test_quote_ends_with_1_where_the_words_are_not_there(home: Path) -> None:
    near = ask(home, "quote", "枝豆を育てるには水が不要です", code=1)
    assert near.startswith("NOT in the archive as quoted; something similar is: 1 place")
    assert "quoted 「不要です」, in the archive 「大切です」" in near
    assert "NOT in the archive, nor" in ask(home, "quote", "まったく別の文章がここに書かれています", code=1)
    assert "NOT in the archive" in ask(home, "quote", "枝豆を育てるには", "--id", "2025-07-08", code=1)


def test_find_lists_every_match_as_a_line(home: Path) -> None:
    out = ask(home, "find", "枝豆|mcp", "--sort", "newest")
    assert out.startswith("8 matches in 4 stories in 2 episodes, 2025-07-08 to 2025-08-20.")
    assert "#2 **枝豆**の育て方 · **枝豆**を育てるには水が大切です。" in out
    assert "Quoted" not in out
    assert ask(home, "find", "qqqzzz", code=1).startswith("No match.")
    assert "not a regular expression" in run(home, "find", "(", "--episodes", "posts").stderr


def test_topics_lists_what_several_stories_of_the_sample_share(tmp_path: Path) -> None:
    done = run(tmp_path, "topics", "--episodes", SAMPLE, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    topic = TopicList.model_validate_json(done.stdout).topics[0]
    named = run(tmp_path, "topics", topic.name, "--episodes", SAMPLE)
    assert topic.name in named.stdout
    assert f"{topic.stories} stories in {topic.episodes} episodes, {topic.first} to {topic.last}" in named.stdout
    assert run(tmp_path, "topics", "qqqzzz", "--episodes", SAMPLE).returncode == 1


@pytest.mark.parametrize(
    ("command", "shape"),
    [
        ("search MCP", SearchResult),
        ("find MCP", TextMatches),
        ("show latest", EpisodeAnswer),
        ("timeline MCP", Timeline),
        ("related 2025-07-08-1#1", Related),
        ("quote 枝豆を育てるには水が大切です", QuoteCheck),
        ("doctor", Diagnosis),
        ("index", RefreshReport),
    ],
)
def test_json_is_one_compact_line_of_the_answers_model(home: Path, command: str, shape: type[Model]) -> None:
    out = ask(home, *command.split(), "--json")
    answer = shape.model_validate_json(out)
    assert out == json.dumps(answer.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":")) + "\n"


def test_json_of_nothing_found_is_still_an_answer(home: Path) -> None:
    assert SearchResult.model_validate_json(ask(home, "search", "qqqzzz", "--json", code=1)).hits == []


@pytest.mark.parametrize(
    "command", ["search 塗り替える", "search 塗り替える --json", "show latest", "show latest --json"]
)
def test_what_a_terminal_would_obey_never_leaves(home: Path, command: str) -> None:
    out = ask(home, *command.split())
    assert "塗り替える" in out
    assert not set(out) & {"\x1b", "\x07", "\x9b", "\u202e"}
    assert "\\u001b" not in out
    assert "owned" not in out


# --- index and doctor ---


def test_index_says_what_was_added_changed_and_removed(tmp_path: Path) -> None:
    posts = write_archive(tmp_path / "posts")
    last = (posts / "2025-09-01-3.md").read_text(encoding="utf-8")
    (posts / "2025-09-02-4.md").write_text(last.replace("2025-09-01", "2025-09-02"), encoding="utf-8")
    asked = ("index", "--episodes", posts)
    first = run(tmp_path, *asked).stdout
    assert first.startswith("4 episodes, 6 stories: 4 added, 0 changed, 0 removed in ")
    assert "1 problem in source files:\n  posts/notes.md" in first
    assert "0 added, 0 changed, 0 removed" in run(tmp_path, *asked).stdout

    text = (posts / "2025-07-08-1.md").read_text(encoding="utf-8")
    (posts / "2025-07-08-1.md").write_text(text.replace("第一回", "最初"), encoding="utf-8")
    assert "0 added, 1 changed, 0 removed" in run(tmp_path, *asked).stdout
    (posts / "2025-08-20-2.md").unlink()
    report = RefreshReport.model_validate_json(run(tmp_path, *asked, "--json").stdout)
    assert (report.added, report.changed, report.removed) == ([], [], ["2025-08-20-2"])
    assert "3 added" not in run(tmp_path, *asked).stdout
    assert "rebuilt (asked to rebuild)" in run(tmp_path, *asked, "--rebuild").stdout


def test_a_reading_verb_builds_the_index_and_sees_new_files_by_itself(tmp_path: Path) -> None:
    posts = write_archive(tmp_path / "posts")
    later = (posts / "2025-08-20-2.md").rename(tmp_path / "later.md")
    assert run(tmp_path, "search", "枝豆", "--episodes", posts).returncode == 1
    later.rename(posts / "2025-08-20-2.md")
    assert run(tmp_path, "search", "枝豆", "--episodes", posts).returncode == 0


def test_an_index_from_before_answers_where_the_files_have_gone(tmp_path: Path) -> None:
    posts = write_archive(tmp_path / "posts")
    assert run(tmp_path, "index", "--episodes", posts).returncode == 0
    posts.rename(tmp_path / "moved")
    done = run(tmp_path, "search", "枝豆", "--episodes", posts)
    assert done.returncode == 0
    assert "枝豆の育て方" in done.stdout
    assert done.stderr.startswith("zunda-mcp: answering from the last index: ")


def test_the_default_episodes_keep_their_index_beside_them(tmp_path: Path) -> None:
    write_archive(tmp_path / "episodes")
    assert run(tmp_path, "search", "枝豆").returncode == 0
    assert (tmp_path / "index").is_dir()


def test_doctor_names_every_problem_and_the_next_step(home: Path) -> None:
    out = ask(home, "doctor")
    assert "posts/notes.md" in out
    assert str((home / "posts").resolve()) in out
    assert "ずんだもん, 四国めたん" in out
    assert "pydantic 2." in out
    assert "2025-07-08 to 2025-09-01" in out
    assert "next       Fix the 1 skipped file listed above" in out


def test_doctor_on_a_missing_folder_says_so_and_exits_with_3(tmp_path: Path) -> None:
    done = run(tmp_path, "doctor", "--episodes", "nowhere")
    assert done.returncode == 3
    assert f"{(tmp_path / 'nowhere').resolve()} MISSING" in done.stdout
    assert "next       There is no folder" in done.stdout
    found = Diagnosis.model_validate_json(run(tmp_path, "doctor", "--episodes", "nowhere", "--json").stdout)
    assert found.error
    assert next(check.message for check in found.checks if check.name == "index").endswith("none")


# --- the project's own sample ---


def test_the_sample_of_the_project_answers(tmp_path: Path) -> None:
    done = run(tmp_path, "search", "TensorRT-LLM", "--since", "2025", "--episodes", SAMPLE)
    assert done.returncode == 0
    assert "2025-07-08-279#2" in done.stdout
    assert "problems   none" in run(tmp_path, "doctor", "--episodes", SAMPLE).stdout
