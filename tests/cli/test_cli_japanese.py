"""The command line under a Japanese locale: every sentence that it has, or passes on, has its Japanese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_samples import run, write_archive

import zunda_mcp
from zunda_mcp.cli.arguments import read_arguments
from zunda_mcp.cli.styles import messages
from zunda_mcp.cli.verb_table import VERBS
from zunda_mcp.rendering.messages import Messages, table

PACKAGE = Path(zunda_mcp.__file__).parent
TABLE = {**table("sentences"), **table("counted")}
WORDED = (
    "cli/*.py", "install/*.py", "sources/*.py", "config/*.py", "rendering/survey_text.py",
    "query/explanation.py", "query/clauses.py", "query/filters.py", "query/identifiers.py", "query/pattern.py",
    "query/question.py", "results/counts.py", "results/sizing.py", "results/quotes.py", "results/search.py",
    "results/sizing.py", "results/text_lines.py", "results/topic_list.py", "index/refresh.py", "reading/**/*.py",
)  # fmt: skip
"""Where what a person reads at the terminal is worded."""
NOT_FOR_PEOPLE = re.compile(
    r"\n|^(?:application|ref|tag|https?):|^ ?(?:dict\[|mp3 |/|%|-m |https)|/xml|--(?:json|header)|episodes = \["
    r"|^An archive of|purl\.org/|read Username|feed reader|resolve gives|^example.org"
    r"|^Write (?:\w+ = |\[\[)|unknown field \{$|^app\.bsky|^(?:address article|a an and) "
)
"""Scripts, headers, types, examples, what is matched with the words of other programs, lists of words, and what clients
show.
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    write_archive(folder / "posts")
    run(folder, "use", "posts")
    return folder


def pieces(file: Path) -> Iterator[str]:
    """What stands between the values of every string in a file that is no documentation, where it has three words."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    documentation = {
        id(part.value) for part in ast.walk(tree) if isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)
    }
    for part in ast.walk(tree):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and id(part) not in documentation:
            for piece in re.split(r"\{\w+\}|; ", part.value):
                if len(re.findall(r"\b[A-Za-z]{2,}(?=[ ,.:;])", piece)) > 2 and not NOT_FOR_PEOPLE.search(piece):
                    yield piece.strip()


def neighbours(text: str) -> Iterator[list[str]]:
    """Three words in a row, or the two of a short text."""
    words = text.strip(" ().,;:").split()
    size = min(3, max(len(words) - 1, 1))
    return (words[at : at + size] for at in range(max(len(words) - size, 0) + 1))


def plain(text: str) -> str:
    return re.sub(r"\{\w+\}", "\x00", text)


@pytest.mark.parametrize(
    "file", sorted({path for name in WORDED for path in PACKAGE.glob(name)}), ids=lambda path: path.name
)
def test_every_sentence_of_the_verbs_has_its_japanese(file: Path) -> None:
    known = "\x00".join(map(plain, TABLE))
    assert [piece for piece in pieces(file) if piece not in known] == []


def test_every_verb_and_every_option_has_its_japanese() -> None:
    wanted = {verb.help for verb in VERBS.values()}
    for verb in VERBS.values():
        wanted |= {str(option.details["help"]) for option in verb.all_options() if option.details.get("help")}
        wanted |= {option.heading for option in verb.all_options() if option.heading}
    assert wanted - set(TABLE) == set()


@pytest.mark.parametrize("verb", ["", *VERBS])
def test_help_is_in_japanese(verb: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LANGUAGE", "ja")
    with pytest.raises(SystemExit):
        read_arguments([*filter(None, [verb]), "--help"])
    text = capsys.readouterr().out
    assert text.startswith("使い方: zunda-mcp")
    assert "この説明を表示する" in text
    assert not re.search(r"usage:|options:|show this|\bthe\b", text)


def test_both_languages_name_the_same_values() -> None:
    for english, japanese in TABLE.items():
        names = set(re.findall(r"\{(\w+)\}", japanese))
        assert names <= set(re.findall(r"\{(\w+)\}", english)), english


def test_what_the_table_has_is_still_worded_so() -> None:
    sources = "".join(
        part.value
        for file in PACKAGE.rglob("*.py")
        for part in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )
    argparse = re.compile(r"^argument \{option\}|^the following arguments|^(usage: |options)$")
    stale = [
        english
        for english in table("sentences")
        if not argparse.search(english)
        for piece in re.split(r"\{\w+\}|; repeatable", english)
        if not any(" ".join(words) in sources for words in neighbours(piece))
    ]
    assert stale == []


@pytest.mark.parametrize(
    ("english", "japanese"),
    [
        ("Something nobody has met.", "Something nobody has met."),
        ("72 stories", "記事 72 本"),
        ("1 episode", "放送回 1 回"),
        ("everything; newest first", "すべて; 新しい順"),
        ("mcp; by words; meaning is not ready yet", "mcp; 言葉で; 意味での検索はまだ準備中です"),
        ("it has no command", "コマンドがありません"),
        ("key title", "キー title"),  # a name that is also a word stays a name
        ("This file is empty; it was skipped.", "このファイルは空です; 読み飛ばしました。"),
        (
            "This file has no title; its name stands for it.",
            "このファイルに題名がありません; ファイル名を題名にしました。",
        ),
        (
            "This file has no front matter. The episode was kept without a date.",
            "このファイルにフロントマターがありません。 放送回は日付のないまま読みました。",
        ),
        (
            "The front matter cannot be used: it is nested more than 20 levels deep.",
            "フロントマターが使えません: 入れ子が 20 段を超えています。",
        ),
        (
            "`date` has a wrong value. Write date = 'aired', or date = { path = '(?P<year>)' }. It was left out.",
            "`date` の値が違います。date = 'aired' か date = { path = '(?P<year>)' } と書いてください。除きました。",
        ),
        ("It was not added.", "加えませんでした。"),
        ("/a cannot be read (it is not text).", "/a が読めません(文章ではありません)。"),
        ("No episode was understood in /a. Seen: 2 .txt.", "/a に、読める放送回はありません。 あったもの: 2 .txt。"),
        (
            "Archive a; b: 2 episodes (none dated), 3 stories; up to date.",
            "アーカイブ a; b: 記事 3 本、放送回 2 回(日付なし)。最新です。",
        ),
    ],
)
def test_a_text_is_translated_by_its_words(english: str, japanese: str) -> None:
    assert Messages(japanese=True).translated(english) == japanese
    assert Messages().translated(english) == english


def test_numbers_of_things() -> None:
    assert Messages(japanese=True).count(1234, "story") == "記事 1,234 本"
    assert Messages().count(1, "match") + Messages().count(2, "match") == "1 match2 matches"


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("search MCP", "検索した内容: mcp"),
        ("search どこにもない話題", "見つかりませんでした。アーカイブは "),
        ("search MCP -n 1", "うち 1 件を表示します。"),
        ("timeline MCP --by month", "最初: 2025-07-08"),
        ("topics", "検索した内容: すべての話題"),
        ("related 2025-07-08-1#1", "近い記事"),
        ("show 2025-08-20-2", "前の回: zunda-mcp show 2025-07-08-1"),
        ("quote MCPサーバーをPythonで書いてみた", "一字一句このとおり"),
        ("find MCP", "大文字・小文字"),
        ("survey", "何で見つけたか"),
        ("doctor", "✓ 接続"),
        ("doctor", "posts/notes.md: フロントマターにもファイル名にも日付がありません; 読み飛ばしました。"),
        ("index", "追加 0、変更 0、削除 0"),
        ("index", "posts/notes.md: フロントマターにもファイル名にも日付がありません; 読み飛ばしました。"),
        ("use", "使用中: "),
        ("uninstall cursor", "cursor"),
    ],
)
def test_under_a_japanese_locale_the_command_line_speaks_japanese(home: Path, command: str, sentence: str) -> None:
    done = run(home, *command.split(), LC_ALL="ja_JP.UTF-8")
    assert sentence in done.stdout + done.stderr
    assert "understood: " not in done.stdout


def test_what_is_wrong_in_files_is_said_in_japanese(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    write_archive(posts)
    faults = {
        "2025-07-01-1.md": b"",
        "2025-07-02-2.md": b"\x00\x01\x02 text",
        "2025-07-03-3.md": "---\ntitle: 豆\n---\n枝豆の話。\n".encode("cp932"),
        "2025-07-04-4.md": "---\ntitle: [豆\n---\n枝豆の話。\n".encode(),
        "2025-07-05-5.md": "---\ntitle: 豆\ndate: 2025-08-05\n---\n枝豆の話。\n".encode(),
        "2025-07-06-6.md": "---\ntitle: 豆\n\n枝豆の話。\n".encode(),
        "feed.xml": b"<rss><channel><item></channel></rss>",
    }
    for name, content in faults.items():
        (posts / name).write_bytes(content)
    lines = run(tmp_path, "index", "--episodes", "posts", LC_ALL="ja_JP.UTF-8").stdout.splitlines()
    shown = [line for line in lines if line.startswith("  posts/")]
    assert len(shown) >= len(faults)
    assert [line for line in shown if re.search(r"\b(?:it|they|was|were|is|the|This|cannot)\b", line)] == []


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("serch", "search ではありませんか"),
        ("search --sinse 2025", "--since ではありませんか"),
        ("search --since いつか", "「いつか」は日付として読めません"),
        ("show nothing", "「nothing」という放送回はありません"),
        ("use nowhere", "加えたものもありません"),
        ("remove nothing", "という名前で加えたものはありません"),
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
