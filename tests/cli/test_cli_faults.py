"""How the command line fails: one line on stderr, the right exit code, never a traceback."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_samples import environment, run, write_archive

from zunda_mcp.cli import doctor, entry, main
from zunda_mcp.cli.arguments import Arguments
from zunda_mcp.errors import BuildingError, NotFoundError


def complaint(done: subprocess.CompletedProcess[str], code: int) -> str:
    """The one line on stderr."""
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith("zunda-mcp: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("", "which verb?"),
        ("serch MCP", "did you mean search?"),
        ("MCP server", "to search for it: zunda-mcp search MCP server"),
        ("help serch", "did you mean search?"),
        ("schema serch", "did you mean search?"),
        ("search --sicne 2025", "did you mean --since?"),
        ("show --since 2025 latest", "there is no option --since"),
        ("search --sort best", "invalid choice: 'best'"),
        ("search MCP --limit 0", "--limit"),
        ("search MCP --limit", "expected one argument"),
        ("search --since --until 2025", "expected one argument"),
        ("show", "required: ID"),
        ("sources now", "sources takes no words"),
        ("search", "--episodes DIR"),
    ],
)
def test_wrong_use_is_said_in_one_line_with_exit_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(command.split()) == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert error.startswith("zunda-mcp: ")
    assert said in error
    assert error.count("\n") == 1


def test_a_date_that_cannot_be_meant_is_wrong_use(tmp_path: Path) -> None:
    posts = write_archive(tmp_path / "posts")
    assert "2025-13-45" in complaint(run(tmp_path, "search", "--since", "2025-13-45", "--episodes", posts), 2)


def test_an_unknown_variable_is_wrong_use(tmp_path: Path) -> None:
    done = run(tmp_path, "search", "--episodes", tmp_path, ZUNDA_MCP_EPISODE="x")
    assert "Did you mean ZUNDA_MCP_EPISODES?" in complaint(done, 2)


@pytest.mark.parametrize("verb", ["search x", "index"])
def test_a_missing_archive_cannot_be_read(tmp_path: Path, verb: str) -> None:
    assert "nowhere" in complaint(run(tmp_path, *verb.split(), "--episodes", "nowhere"), 3)


def test_an_index_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    posts = write_archive(tmp_path / "posts")
    (tmp_path / "file").touch()
    assert "--index DIR" in complaint(run(tmp_path, "search", "x", "--episodes", posts, "--index", "file"), 3)


def test_a_console_that_cannot_write_japanese_gets_utf_8_all_the_same(tmp_path: Path) -> None:
    posts = write_archive(tmp_path / "posts")
    for encoding in ("cp932", "ascii"):
        done = run(tmp_path, "show", "2025-08-20", "--episodes", posts, PYTHONIOENCODING=encoding)
        assert "枝豆の育て方" in done.stdout
    done = run(tmp_path, "show", "枝豆", "--episodes", posts, PYTHONIOENCODING="ascii")
    assert "枝豆" in complaint(done, 1)


@pytest.mark.skipif(sys.platform == "win32", reason="a closed pipe has no signal of its own there")
def test_a_reader_that_goes_away_ends_the_command_quietly(tmp_path: Path) -> None:
    posts = write_archive(tmp_path / "posts")
    assert run(tmp_path, "index", "--episodes", posts).returncode == 0
    command = [sys.executable, "-m", "zunda_mcp", "search", "--episodes", str(posts)]
    with subprocess.Popen(
        command, env=environment(tmp_path), cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == entry.PIPE_CLOSED


def test_serve_ends_well_when_the_client_goes_away(tmp_path: Path) -> None:
    posts = write_archive(tmp_path / "posts")
    done = run(tmp_path, "serve", "--episodes", posts)
    assert (done.returncode, done.stdout) == (0, "")


def test_serve_refuses_wrong_settings_before_it_says_anything(tmp_path: Path) -> None:
    assert "ZUNDA_MCP_TIMEZONE" in complaint(run(tmp_path, "serve", "--episodes", "x", ZUNDA_MCP_TIMEZONE="Tokyo"), 2)


def test_help_and_version_answer_without_loading_anything_heavy(tmp_path: Path) -> None:
    for arguments in (["--help"], ["search", "--help"], ["--version"], ["doctor", "--version"]):
        code = f"import sys; from zunda_mcp.cli import main; assert main({arguments}) == 0; print(*sys.modules)"
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment(tmp_path), capture_output=True, encoding="utf-8", check=True
        )
        assert not {"pydantic", "whoosh", "mcp", "tqdm", "yaml"} & set(done.stdout.split())


# --- what no real archive can be made to do ---


@pytest.fixture
def verb_does(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], int]:
    """Run ``doctor`` where it raises the given error, and return the exit code."""

    def run_it(error: BaseException) -> int:
        def raises(arguments: Arguments) -> bool:
            raise error

        monkeypatch.setattr(doctor, "doctor", raises)
        return main(["doctor"])

    return run_it


def test_an_interrupt_is_exit_code_130(verb_does: Callable[[BaseException], int]) -> None:
    assert verb_does(KeyboardInterrupt()) == 130


def test_an_index_still_being_built_cannot_be_read(
    verb_does: Callable[[BaseException], int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert verb_does(BuildingError("later")) == 3
    assert capsys.readouterr().err == "zunda-mcp: later\n"


def test_names_near_to_an_unknown_one_are_said_once(
    verb_does: Callable[[BaseException], int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert verb_does(NotFoundError("No a; there is b.", ("b", "c"))) == 1
    assert capsys.readouterr().err == "zunda-mcp: No a; there is b. Near: c\n"


@pytest.mark.skipif(sys.flags.dev_mode, reason="development mode shows faults where they happen")
def test_a_fault_of_our_own_is_one_line_with_a_way_to_see_more(
    verb_does: Callable[[BaseException], int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert verb_does(ValueError("a\x1b[31m\nb")) == 70
    error = capsys.readouterr().err
    assert error.startswith("zunda-mcp: unexpected ValueError: a b ")
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("--help", "usage: zunda-mcp VERB"),
        ("help", "usage: zunda-mcp VERB"),
        ("help search", "usage: zunda-mcp search [WORD ...] [OPTION ...]"),
        ("show --help", "usage: zunda-mcp show ID ... [OPTION ...]"),
        ("index -h", "usage: zunda-mcp index [DIR ...] [OPTION ...]"),
        ("version", "zunda-mcp 0."),
        ("-V", "zunda-mcp 0."),
        ("show --version", "zunda-mcp 0."),
    ],
)
def test_help_and_version_are_found_however_they_are_asked_for(
    command: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command.split()) == 0
    assert capsys.readouterr().out.startswith(shown)


def test_output_may_be_something_that_cannot_change_its_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["--version"]) == 0
    assert out.getvalue().startswith("zunda-mcp ")
