"""The user's own other names: how the file is read, and what a search finds by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from conftest import TODAY, Post
from zunda_mcp.config.load import load_settings
from zunda_mcp.errors import SettingsError
from zunda_mcp.library import Library
from zunda_mcp.query.clauses import read_aliases

Opened = Callable[..., Library]


@pytest.fixture
def opened(archive: Path, tmp_path: Path, post: Post) -> Iterator[Opened]:
    """Opens a small archive as a user does: ``opened(aliases=path)``, or without for the file beside the episodes."""
    post("2025-07-01-1", ("OpenClawの更新", "https://example.com/1", "手元の助手が変わった。"))
    post("2025-07-02-2", ("Clawdbotの登場", "https://example.com/2", "手元の助手が出た。"))
    post("2025-07-03-3", ("ラズパイで動かす", "https://example.com/3", "小さな計算機。"))
    post("2025-07-04-4", ("Raspberry Pi 5の速さ", "https://example.com/4", "小さな計算機。"))
    post("2025-07-05-5", ("強化学習の入門", "https://example.com/5", "報酬の設計。"))
    post("2025-07-06-6", ("RLの落とし穴", "https://example.com/6", "報酬の罠。"))
    with ExitStack() as libraries:

        def open_it(aliases: Path | None = None, environ: dict[str, str] | None = None) -> Library:
            settings = load_settings(
                episodes=[archive],
                index=tmp_path / "index",
                environ=environ or {},
                embedder="none",
                aliases=None if aliases is None else str(aliases),
            )
            library = libraries.enter_context(Library(settings, now=TODAY.astimezone))
            library.refresh()
            return library

        yield open_it


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def ids(library: Library, query: str) -> set[str]:
    return {hit.id for hit in library.search(query).hits}


# --- the file ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "OpenClaw, Clawdbot, Moltbot",
            {
                "openclaw": ("clawdbot", "moltbot"),
                "clawdbot": ("openclaw", "moltbot"),
                "moltbot": ("openclaw", "clawdbot"),
            },
        ),
        ("a1, b1 => c1", {"a1": ("c1",), "b1": ("c1",)}),
        ("a1 => b1, c1", {"a1": ("b1", "c1")}),
        ("a1, b1\nb1, c1", {"a1": ("b1",), "b1": ("a1", "c1"), "c1": ("b1",)}),
        ("ラズパイ、Raspberry Pi", {"ラズパイ": ("raspberry pi",), "raspberry pi": ("ラズパイ",)}),
        ("Chain-of-Thought, CoT", {"chain of thought": ("cot",), "cot": ("chain of thought",)}),
        ("ＲＡＧ, 検索拡張生成", {"rag": ("検索拡張生成",), "検索拡張生成": ("rag",)}),
        ("生成 AI, GenAI", {"生成ai": ("genai",), "genai": ("生成ai",)}),
        ("# names\n\nRust, ラスト # the language", {"rust": ("ラスト",), "ラスト": ("rust",)}),
        ("\ufeffRust, ラスト\r\n", {"rust": ("ラスト",), "ラスト": ("rust",)}),
        ("Rust, rust, ＲＵＳＴ", {}),
        ("Rust => Rust", {}),
        ("Rust =>\n=> Rust\n,,\n=>\nRust", {}),
        ("", {}),
    ],
)
def test_the_names_of_a_line_mean_the_same(tmp_path: Path, text: str, expected: dict[str, tuple[str, ...]]) -> None:
    assert read_aliases(written(tmp_path / "names.txt", text)) == expected


def test_a_file_that_is_not_utf_8_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "names.txt"
    file.write_bytes("ラズパイ, Raspberry Pi".encode("shift_jis"))
    with pytest.raises(SettingsError) as refused:
        read_aliases(file)
    assert str(file) in str(refused.value)
    assert "save them as UTF-8 text" in str(refused.value)


# --- end to end ---


def test_the_file_that_is_named_is_read(opened: Opened, tmp_path: Path) -> None:
    file = written(tmp_path / "my-names.txt", "OpenClaw, Clawdbot, Moltbot\n")
    library = opened(aliases=file)
    assert library.settings.aliases == file.resolve()
    assert ids(library, "openclaw") == {"2025-07-01-1#1", "2025-07-02-2#1"}
    assert ids(library, "Moltbot") == {"2025-07-01-1#1", "2025-07-02-2#1"}


def test_the_file_beside_the_episodes_is_read_without_being_named(opened: Opened, archive: Path) -> None:
    file = written(archive / "zunda-aliases.txt", "OpenClaw, Clawdbot\n")
    library = opened()
    assert library.settings.aliases == file.resolve()
    assert ids(library, "Clawdbot") == {"2025-07-01-1#1", "2025-07-02-2#1"}


def test_the_file_in_the_folder_around_the_episodes_is_read_too(opened: Opened, archive: Path) -> None:
    file = written(archive.parent / "zunda-aliases.txt", "OpenClaw, Clawdbot\n")
    assert opened().settings.aliases == file.resolve()


def test_a_file_that_is_named_wins_over_the_one_beside_the_episodes(
    opened: Opened, archive: Path, tmp_path: Path
) -> None:
    written(archive / "zunda-aliases.txt", "OpenClaw, Clawdbot\n")
    named = written(tmp_path / "named.txt", "OpenClaw, RL\n")
    variable = written(tmp_path / "variable.txt", "OpenClaw, 強化学習\n")
    environ = {"ZUNDA_MCP_ALIASES": str(variable)}
    assert ids(opened(environ=environ), "OpenClaw") == {"2025-07-01-1#1", "2025-07-05-5#1"}
    assert ids(opened(aliases=named, environ=environ), "OpenClaw") == {"2025-07-01-1#1", "2025-07-06-6#1"}


def test_without_a_file_a_name_finds_only_itself(opened: Opened) -> None:
    library = opened()
    assert library.settings.aliases is None
    assert ids(library, "OpenClaw") == {"2025-07-01-1#1"}
    assert ids(library, "Moltbot") == set()


def test_an_arrow_leads_one_way(opened: Opened, tmp_path: Path) -> None:
    library = opened(aliases=written(tmp_path / "names.txt", "強化学習 => RL"))
    assert ids(library, "強化学習") == {"2025-07-05-5#1", "2025-07-06-6#1"}
    assert ids(library, "RL") == {"2025-07-06-6#1"}


@pytest.mark.parametrize("typed", ["Raspberry Pi", "raspberry-pi", "ラズパイ", "ﾗｽﾞﾊﾟｲ"])
def test_a_name_of_several_words_has_other_names_too(opened: Opened, tmp_path: Path, typed: str) -> None:
    library = opened(aliases=written(tmp_path / "names.txt", "Raspberry Pi, ラズパイ"))
    assert ids(library, typed) == {"2025-07-03-3#1", "2025-07-04-4#1"}


def test_the_answer_says_that_it_was_the_users_alias(opened: Opened, tmp_path: Path) -> None:
    answer = opened(aliases=written(tmp_path / "names.txt", "OpenClaw, Clawdbot")).search("OpenClaw")
    assert answer.understood == "openclaw; also: openclaw → clawdbot (your alias)"
    assert [(hit.id, hit.matched) for hit in answer.hits] == [
        ("2025-07-01-1#1", ["title"]),
        ("2025-07-02-2#1", ["title", "openclaw → clawdbot"]),
    ]


def test_a_search_with_a_file_that_is_not_utf_8_names_it(opened: Opened, archive: Path) -> None:
    (archive / "zunda-aliases.txt").write_bytes(b"\x83\x89\x83Y\x83p\x83C, Raspberry Pi")
    library = opened()
    with pytest.raises(SettingsError, match=r"zunda-aliases\.txt cannot be read .* save them as UTF-8 text"):
        library.search("ラズパイ")


def test_a_search_with_a_file_that_is_not_there_names_it(opened: Opened, tmp_path: Path) -> None:
    library = opened(aliases=tmp_path / "nowhere.txt")
    with pytest.raises(SettingsError, match=r"nowhere\.txt cannot be read"):
        library.search("ラズパイ")
