"""At a terminal: wrapped lines, links, a pager, the user's language, and completion by the shell."""

from __future__ import annotations

import ast
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

import zunda_mcp.cli
from zunda_mcp.cli import main, streams, styles
from zunda_mcp.cli.messages import ERRORS, JAPANESE, Messages, messages
from zunda_mcp.cli.wrapping import cells, link, wrapped

CLI = Path(zunda_mcp.cli.__file__).parent
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
    streams.show(long)
    assert paged == []  # no terminal
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    streams.show("一行\n" * 3)
    assert paged == []
    streams.show(long)
    assert paged == [([sys.executable, "-u"], f"{long}\n".encode())]
    for nothing in ("", "cat", "no-such-pager"):
        monkeypatch.setenv("PAGER", nothing)
        streams.show(long)
    assert len(paged) == 1
    assert capsys.readouterr().out.count("一行") == 12 * 4 + 3


# --- the language ---


@pytest.mark.parametrize(
    ("variables", "japanese"),
    [
        ({"LANG": "ja_JP.UTF-8"}, True),
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LC_ALL": "C", "LANG": "ja_JP.UTF-8"}, False),
        ({"LC_MESSAGES": "ja_JP", "LANG": "C"}, True),
        ({"LANGUAGE": "ja:en", "LANG": "en_US.UTF-8"}, True),
    ],
)
def test_the_locale_says_the_language(
    variables: dict[str, str], japanese: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, variables.get(name, ""))
    assert messages().japanese == japanese


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("search MCP", "検索した内容: mcp"),
        ("search どこにもない話題", "見つかりませんでした。"),
        ("search MCP -n 1", "うち 1 件を表示します。"),
        ("timeline MCP --by month", "最初: 2025-07-08"),
        ("topics", "検索した内容: all topics"),
        ("related 2025-07-08-1#1", "近い記事"),
        ("show 2025-08-20-2", "前の回: zunda-mcp show 2025-07-08-1"),
        ("quote MCPサーバーをPythonで書いてみた", "一字一句このとおり"),
        ("find MCP", "MCP"),
        ("index", "追加 0、変更 0、削除 0"),
        ("use", "使用中: "),
        ("uninstall cursor", "cursor"),
    ],
)
def test_under_a_japanese_locale_the_command_line_speaks_japanese(home: Path, command: str, sentence: str) -> None:
    done = run(home, *command.split(), LC_ALL="ja_JP.UTF-8")
    assert sentence in done.stdout + done.stderr
    assert "understood: " not in done.stdout


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("serch", "search ではありませんか"),
        ("search --sinse 2025", "--since ではありませんか"),
        ("search --since いつか", "「いつか」は日付として読めません"),
        ("show nothing", "「nothing」という放送回はありません"),
        ("use nowhere", "加えたものもありません"),
        ("remove nothing", "nothing"),
    ],
)
def test_errors_that_people_meet_are_in_japanese_too(home: Path, command: str, sentence: str) -> None:
    assert sentence in run(home, *command.split(), LC_ALL="ja_JP.UTF-8").stderr


def test_sources_and_clients_are_spoken_of_in_japanese(home: Path) -> None:
    def shown(*words: str) -> str:
        return run(home, *words, LC_ALL="ja_JP.UTF-8").stdout

    added = shown("add", "posts", "--name", "mame")
    assert added.startswith("mame を加えました")
    assert "今の場所のまま読みます" in added
    assert "folder" in shown("sources")
    assert "すでに加えてあります" in shown("add", "posts")
    assert "mame を取り除きました" in shown("remove", "mame")
    assert "次に: zunda-mcp install" in shown("install")
    assert "に加えました (Cursor, すべて" in shown("install", "cursor", "--no-check")
    assert "ほかに何もなかった" in shown("uninstall", "cursor")


def test_every_sentence_of_the_command_line_has_its_japanese() -> None:
    spoken = set()
    for file in CLI.glob("*.py"):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call) or not call.args or not isinstance(call.args[0], ast.Constant):
                continue
            name = ast.unparse(call.func)
            if name in ("say", "style.say", "messages()") and isinstance(call.args[0].value, str):
                spoken.add(call.args[0].value)
    assert len(spoken) > 20
    assert spoken <= set(JAPANESE)


def test_both_languages_name_the_same_values_and_errors_are_still_raised_in_these_words() -> None:
    for english, japanese in {**JAPANESE, **ERRORS}.items():
        assert set(re.findall(r"\{(\w+)\}", english)) >= set(re.findall(r"\{(\w+)\}", japanese)), english
    sources = "".join(
        part.value
        for file in CLI.parent.rglob("*.py")
        if file.name != "messages.py"
        for part in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )
    for english in ERRORS:
        if not english.startswith("the following arguments"):  # argparse
            pieces = [piece for piece in re.split(r"\{\w+\}", english) if len(piece) > 8]
            assert pieces
            assert all(piece.strip() in sources for piece in pieces), english


def test_what_is_not_translated_stays_as_it_is() -> None:
    assert Messages(japanese=True).error("Something nobody has met.") == "Something nobody has met."
    assert Messages(japanese=True).count(1234, "story") == "記事 1,234 本"
    assert Messages().count(1, "match") + Messages().count(2, "match") == "1 match2 matches"


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
