"""The archive that is meant where a command names none, and options as people type them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_samples import run, write_archive

from zunda_mcp.cli import main
from zunda_mcp.cli.arguments import read_arguments
from zunda_mcp.config.default import default_selection, remembered
from zunda_mcp.errors import ArgumentError, SettingsError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home of a user who has an archive in ``podcast/_posts`` and nothing else."""
    write_archive(tmp_path / "podcast" / "_posts")
    return tmp_path


def none_added() -> list[str]:
    return []


def markdown(name: str) -> bool:
    return name.endswith(".md")


# --- chosen once, asked from anywhere ---


def test_a_chosen_archive_is_asked_from_any_folder(home: Path) -> None:
    (home / "elsewhere").mkdir()
    assert run(home, "use", "_posts", cwd=home / "podcast").returncode == 0
    done = run(home, "search", "枝豆", cwd=home / "elsewhere")
    assert "枝豆の育て方" in done.stdout
    assert f"using {home / 'podcast' / '_posts'}" in run(home, "use", cwd=home / "elsewhere").stdout
    assert "forgotten" in run(home, "use", "--forget").stdout
    assert "zunda-mcp use DIR" in run(home, "search", "枝豆", cwd=home / "elsewhere").stderr


def test_the_first_source_that_is_added_is_asked_until_it_is_removed(home: Path) -> None:
    write_archive(home / "second")
    assert "asked from now on" in run(home, "add", home / "podcast" / "_posts", "--name", "show").stdout
    assert "zunda-mcp use more" in run(home, "add", home / "second", "--name", "more").stdout
    assert json.loads(run(home, "use", "--json").stdout) == {
        "remembered": ["show"],
        "reads": [str(home / "podcast" / "_posts")],
    }
    assert "枝豆の育て方" in run(home, "search", "枝豆").stdout
    run(home, "use", "show", "more")
    assert len(json.loads(run(home, "use", "--json").stdout)["reads"]) == 2
    run(home, "remove", "show")
    assert json.loads(run(home, "use", "--json").stdout)["remembered"] == []


def test_an_archive_that_is_not_there_is_not_chosen(home: Path) -> None:
    done = run(home, "use", "nowhere")
    assert (done.returncode, "There is no folder" in done.stderr) == (2, True)
    assert json.loads(run(home, "use", "--json").stdout)["remembered"] == []


def test_what_a_flag_or_a_settings_file_here_names_comes_before_the_chosen_archive(home: Path) -> None:
    run(home, "use", home / "podcast" / "_posts")
    site = home / "site"
    (site / "notes").mkdir(parents=True)
    (site / "notes" / "2025-01-01-1.md").write_text("# 別の番組\n\n- [静かな話](https://example.org/)\n", "utf-8")
    assert "静かな話" in run(home, "search", "静かな話", "--episodes", site / "notes").stdout
    (site / "zunda-mcp.toml").write_text('episodes = ["notes"]\n', "utf-8")
    assert "静かな話" in run(home, "search", "静かな話", cwd=site).stdout


def test_a_broken_choice_says_how_to_choose_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZUNDA_MCP_STATE", str(home))
    (home / "default.json").write_text('{"episodes": 3}', "utf-8")
    with pytest.raises(SettingsError, match="zunda-mcp use DIR"):
        remembered()


# --- what lies in the working folder ---


def test_posts_and_dated_files_in_the_working_folder_are_the_archive(home: Path) -> None:
    assert "枝豆の育て方" in run(home, "search", "枝豆", cwd=home / "podcast").stdout
    assert "枝豆の育て方" in run(home, "search", "枝豆", cwd=home / "podcast" / "_posts").stdout


def test_a_dated_file_in_the_home_folder_does_not_make_the_home_an_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pathlib.Path.home", lambda: tmp_path / "me")
    (tmp_path / "me" / "diary").mkdir(parents=True)
    for folder in (tmp_path, tmp_path / "me", tmp_path / "me" / "diary"):
        (folder / "2025-01-01.md").write_text("x", "utf-8")
    read = [
        default_selection(folder.resolve(), readable=markdown, added=none_added)
        for folder in (tmp_path, tmp_path / "me", tmp_path / "me" / "diary")
    ]
    assert [bool(chosen) for chosen in read] == [False, False, True]


def test_a_folder_without_dated_files_is_no_archive(tmp_path: Path) -> None:
    for name in ("README.md", "2025-01-01.png", "20251301.md", "12345678.md"):
        (tmp_path / name).write_text("x", "utf-8")
    assert default_selection(tmp_path, readable=markdown, added=none_added) is None


def test_one_added_source_is_the_archive_and_of_several_one_must_be_chosen(tmp_path: Path) -> None:
    chosen = default_selection(tmp_path, readable=markdown, added=lambda: ["news"])
    assert chosen is not None
    assert chosen.archives == ("news",)
    with pytest.raises(SettingsError, match=r"news, talk.*zunda-mcp use news"):
        default_selection(tmp_path, readable=markdown, added=lambda: ["news", "talk"])


def test_a_bare_doctor_checks_the_clients_where_no_archive_is_chosen(home: Path) -> None:
    entry = {"command": "/gone/zunda-mcp", "args": ["serve", "--archive", "news"]}
    (home / ".cursor").mkdir()
    (home / ".cursor" / "mcp.json").write_text(json.dumps({"mcpServers": {"zunda": entry}}), "utf-8")
    done = run(home, "doctor")
    assert done.returncode == 3
    assert "no archive is chosen" in done.stdout
    assert "/gone/zunda-mcp is not there any more" in done.stdout
    assert "names no --episodes" not in done.stdout


# --- as people type them ---


def test_a_folder_may_stand_where_a_verb_has_no_other_words(home: Path) -> None:
    done = run(home, "index", "podcast/_posts")
    assert "3 episodes" in done.stdout
    assert f"next: zunda-mcp use {home / 'podcast' / '_posts'}" in done.stdout


@pytest.mark.parametrize("typed", ["-n 3", "-n3", "-n=3", "--limit 3", "--limit=3"])
def test_a_number_of_hits_is_asked_for_in_every_usual_way(typed: str) -> None:
    arguments = read_arguments(["search", "MCP", *typed.split()])
    assert (arguments.words, arguments.options) == (["MCP"], {"limit": 3})


@pytest.mark.parametrize("typed", ["-q", "-n", "-C"])
def test_a_lone_letter_is_never_an_exclusion_unless_it_stands_behind_two_dashes(typed: str) -> None:
    with pytest.raises(ArgumentError):
        read_arguments(["search", "MCP", typed])
    assert read_arguments(["search", "MCP", "-Claude", "--", typed]).words == ["MCP", "-Claude", typed]


@pytest.mark.parametrize(
    ("typed", "since", "words"),
    [
        ("--since last week RAG", "last week", ["RAG"]),
        ("RAG --since last 3 months", "last 3 months", ["RAG"]),
        ("--since 2025 RAG", "2025", ["RAG"]),
        ("--since 30d RAG", "last 30 days", ["RAG"]),
        ("--since 2 weeks RAG", "last 2 weeks", ["RAG"]),
        ("--since=3m RAG", "last 3 months", ["RAG"]),
        ("--since nonsense RAG", "nonsense", ["RAG"]),
    ],
)
def test_a_date_in_several_words_needs_no_quotes(typed: str, since: str, words: list[str]) -> None:
    arguments = read_arguments(["search", *typed.split()])
    assert (arguments.options, arguments.words) == ({"since": since}, words)


def test_open_starts_the_browser_with_the_first_web_address_and_with_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []

    def open_address(address: str) -> bool:
        opened.append(address)
        return True

    monkeypatch.setattr("webbrowser.open", open_address)
    (tmp_path / "show").mkdir()
    (tmp_path / "show" / "2025-01-01-1.md").write_text(
        "- [帰り道](https://example.org/way)\n\n帰り道の話\n\n- [罠](file:///etc/passwd)\n\n罠の話\n", "utf-8"
    )
    places = ["--episodes", str(tmp_path / "show"), "--index", str(tmp_path / "index")]
    assert main(["search", "帰り道", "--open", *places]) == 0
    assert main(["show", "2025-01-01-1#1", "--open", *places]) == 0
    assert opened == ["https://example.org/way"] * 2
    assert main(["search", "どこにもない話題", "--open", *places]) == 1
    assert len(opened) == 2
    assert "no web address" in capsys.readouterr().err
