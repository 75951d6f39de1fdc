"""At a terminal: wrapped lines, links, a pager, and completion by the shell."""

from __future__ import annotations

import gc
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_samples import environment, run, write_archive
from hypothesis import given
from hypothesis import strategies as st

from zunda_mcp.cli import main, styles
from zunda_mcp.cli.styles import cells, link, wrapped

SEQUENCES = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;;[^\x1b]*\x1b\\")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    write_archive(folder / "posts")
    run(folder, "use", "posts")
    return folder


# --- wrapping ---


def test_a_long_line_hangs_below_its_beginning_and_japanese_is_two_cells_wide() -> None:
    text = "2025-05-14  「外部通信」における、セキュリティ観点。\n  MCP server written in Python"
    assert wrapped(text, 24).split("\n") == [
        "2025-05-14  「外部通信」",
        "  における、セキュリティ",
        "  観点。",
        "  MCP server written in",
        "  Python",
    ]


def test_no_line_begins_with_what_closes_or_ends_with_what_opens() -> None:
    for width in range(20, 40):
        for line in wrapped("あ" * 9 + "「いい」、うう。" * 9, width).split("\n"):
            assert line.lstrip()[0] not in "」、。"
            assert line[-1] != "「"


def test_an_address_is_never_broken() -> None:
    address = "https://example.org/" + "a" * 60
    assert address in wrapped(f"  この記事は {address} にあります", 30).split("\n  ")


@given(st.text(st.sampled_from("aあ「」。、 \U0001f600é\u0301-"), max_size=80), st.integers(20, 60))
def test_wrapping_keeps_every_letter_and_the_width(text: str, width: int) -> None:
    lines = wrapped(text, width).split("\n")
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(cells(line) <= width or len(line.split()) == 1 for line in lines)


def test_styles_and_links_are_closed_at_the_end_of_each_line() -> None:
    styled = f"今日は\x1b[1m{'長い太字' * 8}\x1b[22mと{link('長いリンク' * 8, 'https://a.example/')}です"
    for line in wrapped(styled, 24).split("\n"):
        assert line.count("\x1b[1m") == line.count("\x1b[22m")
        assert line.count("\x1b]8;;https") == line.count("\x1b]8;;\x1b")
        assert cells(line) <= 24
    assert "".join(SEQUENCES.sub("", wrapped(styled, 24)).split()) == "".join(SEQUENCES.sub("", styled).split())


def test_only_web_addresses_are_links_and_none_can_end_its_sequence() -> None:
    assert link("題", "file:///etc/passwd") == "題"
    assert link("題", "javascript:alert(1)") == "題"
    assert link("題", "https://a.example/あ\x1b\\\x07b") == (
        "\x1b]8;;https://a.example/%E3%81%82%1B%5C%07b\x1b\\題\x1b]8;;\x1b\\"
    )


@pytest.mark.parametrize(
    ("variables", "links"),
    [
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "xterm-kitty"}, True),
        ({"VTE_VERSION": "6003"}, True),
        ({"VTE_VERSION": "4601"}, False),
        ({"TERM_PROGRAM": "iTerm.app"}, True),
        ({"TERM_PROGRAM": "iTerm.app", "FORCE_HYPERLINK": "0"}, False),
        ({"FORCE_HYPERLINK": "1"}, True),
        ({"TERM": "dumb", "WT_SESSION": "1"}, False),
    ],
)
def test_links_are_for_terminals_that_show_them(
    variables: dict[str, str], links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TERM", "VTE_VERSION", "TERM_PROGRAM", "FORCE_HYPERLINK", "KONSOLE_VERSION", "DOMTERM", "WT_SESSION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(os, "name", "posix")
    out = io.StringIO()
    monkeypatch.setattr(out, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdout", out)
    assert styles.style().links == links


# --- the pager ---


def test_only_what_is_longer_than_the_terminal_goes_through_the_pager(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paged: list[tuple[list[str], bytes]] = []

    def start(command: list[str], *, input: bytes, **_: object) -> subprocess.CompletedProcess[bytes]:  # noqa: A002
        paged.append((command, input))
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", start)
    monkeypatch.setenv("LINES", "10")
    monkeypatch.setenv("PAGER", f"{sys.executable} -u")
    long = "一行\n" * 12
    styles.show(long)
    assert paged == []  # no terminal
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    styles.show("一行\n" * 3)
    assert paged == []
    styles.show(long)
    assert paged == [([sys.executable, "-u"], f"{long}\n".encode())]
    for nothing in ("", "cat", "no-such-pager"):
        monkeypatch.setenv("PAGER", nothing)
        styles.show(long)
    assert len(paged) == 1
    assert capsys.readouterr().out.count("一行") == 12 * 4 + 3


# --- completion ---


def offered(line: str, capsys: pytest.CaptureFixture[str]) -> set[str]:
    """What may stand in the place of the last word of a line."""
    assert main(["completion", "offers", "--", *line.split(" ")]) == 0
    return {one.partition("\t")[0] for one in capsys.readouterr().out.splitlines()}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("sea", {"search"}),
        ("nothing --si", set()),
        ("search --si", {"--since", "--site"}),
        ("search --s", {"--since", "--site", "--sort"}),
        ("search --sort ", {"relevance", "newest", "oldest"}),
        ("search --sort n", {"newest"}),
        ("search --sort=n", {"--sort=newest"}),
        ("search --sort = n", {"newest"}),
        ("search --sort =", {"relevance", "newest", "oldest"}),
        ("search RAG", set()),
        ("install c", {"claude-desktop", "claude-code", "cursor", "codex", "cline"}),
        ("use po", {"*"}),
        ("index po", {"*"}),
        ("index --episodes po", {"*"}),
        ("index --re", {"--rebuild"}),
        ("schema tim", {"timeline"}),
        ("completion z", {"zsh"}),
    ],
)
def test_what_is_begun_is_completed(line: str, words: set[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert offered(line, capsys) == words


def test_a_source_that_was_added_is_completed_where_one_is_named(home: Path) -> None:
    run(home, "add", "posts", "--name", "beans")
    for verb in ("use", "sync", "remove"):
        assert "beans\tfolder" in run(home, "completion", "offers", "--", verb, "be").stdout.splitlines()


_ASKING = {
    "bash": """COMP_WORDS=(zunda-mcp {words}); COMP_CWORD={at}; _zunda_mcp; printf '%s\\n' "${{COMPREPLY[@]}}" """,
    "zsh": """_describe() {{ (( $#offered )) && print -rl -- $offered; }}; _files() {{ ls; }}; words=(zunda-mcp {words})
        CURRENT=$#words; _zunda_mcp""",
    "fish": "complete -C 'zunda-mcp {words}'",
}
"""How a script asks a shell what it offers; zsh shows it only at a terminal, so what it would show is printed."""


@pytest.mark.skipif(sys.platform == "win32", reason="shells are started otherwise there")
@pytest.mark.parametrize("shell", _ASKING)
def test_a_shell_offers_options_and_files(shell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    if not shutil.which(shell):
        pytest.skip(f"no {shell}")
    (tmp_path / "my posts").mkdir()
    asked = [_ASKING[shell].format(words=words, at=2) for words in ("search --sit", "index my")]
    before = "compdef() { :; }\n" if shell == "zsh" else ""
    done = subprocess.run(
        [shell, "-c", "\n".join([before + script, *asked])],
        env=environment(tmp_path, PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"),
        capture_output=True, check=False, cwd=tmp_path, encoding="utf-8",
    )  # fmt: skip
    assert done.stderr == ""
    shown = done.stdout.replace("\\ ", " ").splitlines()
    assert [one.rstrip("/") for one in shown if not one.startswith("--")] == ["my posts"]
    assert [re.split(r"[\t:]", one)[0] for one in shown if one.startswith("--")] == ["--site"]


def test_another_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "csh"]) == 2
    assert "bash, zsh or fish" in capsys.readouterr().err


def test_serve_says_at_a_terminal_whom_it_waits_for(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("zunda_mcp.server.stdio.stdio_server.serve", lambda *_, **__: gc.enable())
    for terminal_, lines in ((False, 0), (True, 1)):
        monkeypatch.setattr(sys.stdin, "isatty", lambda seen=terminal_: seen)
        assert main(["serve", str(home / "posts")]) == 0
        shown = capsys.readouterr()
        assert (shown.out, shown.err.count("\n")) == ("", lines)
    assert f"serving {home / 'posts'} to an assistant" in shown.err
