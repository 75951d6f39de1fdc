"""An archive of four small files, one of them broken, and a way to run ``zunda-mcp`` on it as a user would."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import preloaded

ESCAPES = "\x1b[31m\x1b]0;owned\x07\x9b2J\u202e"
"""What must never reach a terminal: a colour, a window title, a cleared screen, a direction override."""

SAMPLE = Path(__file__).parents[2] / "episodes"


def write_archive(folder: Path) -> Path:
    """Three episodes, and a file without a date; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "2025-07-08-1.md").write_text(
        _episode(
            "2025-07-08",
            "第一回の放送",
            "ずんだもん",
            ("MCPサーバーを書く", "https://example.com/mcp", "MCPサーバーをPythonで書いてみた話です。"),
            ("Claudeと音声合成", "https://example.org/claude", "MCPでClaudeから音声合成を呼ぶのだ。"),
        ),
        encoding="utf-8",
    )
    (folder / "2025-08-20-2.md").write_text(
        _episode(
            "2025-08-20",
            "第二回の放送",
            "四国めたん",
            (
                "MCPの安全",
                "https://example.com/safety",
                "MCPサーバーをPythonで書いてみた人が、安全について考える記事です。",
            ),
            ("枝豆の育て方", "https://example.net/beans", "枝豆を育てるには水が大切です。"),
        ),
        encoding="utf-8",
    )
    (folder / "2025-09-01-3.md").write_bytes(
        _episode(
            "2025-09-01",
            "第三回の放送",
            "ずんだもん",
            (f"いたずら{ESCAPES}文字", "https://example.com/trick", f"端末を{ESCAPES}塗り替える文字の話です。"),
        ).encode()
    )
    (folder / "notes.md").write_text("---\ntitle: 日付なし\n---\n\n- [x](https://example.com/)\n", encoding="utf-8")
    return folder


def _episode(date: str, title: str, host: str, *stories: tuple[str, str, str]) -> str:
    head = f"---\ndate: {date} 05:00:00 +0900\ntitle: {title}\nactor_ids:\n  - {host}\n---\n\n## 関連リンク\n\n"
    return head + "\n\n".join(f"- [{name}]({url})  \n\n{text}\n\n引用元: {url}\n" for name, url, text in stories)


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a user whose home, cache and state are all below ``home``."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("ZUNDA_MCP_")}
    own["ZUNDA_MCP_EMBEDDER"] = "none"
    own |= {"LC_ALL": "C.UTF-8", "LANGUAGE": "", "PAGER": ""}
    own.pop("PYTHONIOENCODING", None)
    folders = dict.fromkeys(("HOME", "USERPROFILE", "LOCALAPPDATA", "XDG_CACHE_HOME", "XDG_DATA_HOME"), str(home))
    return own | folders | {"ZUNDA_MCP_STATE": str(home / "state")} | more


def run(home: Path, *arguments: str | Path, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    """Run ``zunda-mcp`` in a process of its own. stdout and stderr are read as UTF-8, strictly."""
    return preloaded.run([*map(str, arguments)], environment(home, **more), cwd or home)
