"""The worked example of a plug-in: the export of a Slack workspace, once the package is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from archive_samples import ROOT, write

PLUGIN = ROOT / "examples" / "slack-export"
READ = """
import json
import sys
from pathlib import Path
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive
episodes, problems = read_archive(ArchiveReader([Path(sys.argv[1])]))
shown = {one.id: [one.title, list(one.hosts), [[s.title, s.summary] for s in one.stories]] for one in episodes}
print(json.dumps([shown, [problem.cause for problem in problems]]))
"""
USERS = [
    {"id": "U1", "name": "mina", "profile": {"real_name": "Mina Ota", "display_name": ""}},
    {"id": "U2", "name": "tomo", "profile": {"real_name": "Tomo Abe", "display_name": "Tomo"}},
]


def message(at: float, user: str, text: str, **fields: Any) -> dict[str, Any]:
    """A message as Slack exports it, so many seconds after 2024-01-05 09:00 UTC."""
    return {"type": "message", "user": user, "text": text, "ts": f"{1704445200 + at:.6f}", **fields}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the plug-in is installed, with pip and without a network."""
    folder = tmp_path_factory.mktemp("slack")
    shutil.copytree(PLUGIN, folder / "plugin")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", str(folder / "site"), str(folder / "plugin")], check=True)
    return folder / "site"


def read(archive: Path, site: Path) -> Any:
    path = os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")])
    run = subprocess.run(
        [sys.executable, "-c", READ, str(archive)],
        check=True,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": path},
    )
    return json.loads(run.stdout)


def test_a_channel_s_day_is_an_episode_and_a_message_with_its_replies_a_story(tmp_path: Path, site: Path) -> None:
    parent = message(60, "U1", "Works: <https://bikes.example/guard|chain guard> &amp; <https://bikes.example/b>")
    bikes = [
        {**parent, "thread_ts": parent["ts"], "reply_count": 1},
        message(90, "U9", "<@U9> has joined the channel", subtype="channel_join"),
        message(120, "U2", "Mine rattles, <@U1>. See <#C2|general>", thread_ts=parent["ts"]),
        message(180, "U3", "日本語の話", user_profile={"real_name": "花"}, files=[{"title": "絵"}]),
        message(240, "U2", "to a thread of last week", thread_ts="1704000000.000100"),
        message(300, "", "", subtype="bot_message", username="CI", attachments=[{"title": "Build 5", "text": "red"}]),
    ]
    write(tmp_path, "users.json", json.dumps(USERS))
    write(tmp_path, "channels.json", '[{"id": "C1", "name": "bikes"}]')
    write(tmp_path, "bikes/2024-01-05.json", json.dumps(bikes, ensure_ascii=False))
    write(tmp_path, "general/2024-01-05.json", json.dumps([message(0, "U2", "Good morning")]))
    write(tmp_path, "general/2024-01-06.json", json.dumps([message(0, "U2", "one"), message(9, "U2", "cut")])[:-9])
    shown, causes = read(tmp_path, site)
    assert shown == {
        "bikes-2024-01-05": [
            "#bikes 2024-01-05",
            ["Mina Ota", "Tomo", "花", "CI"],
            [
                [
                    "Mina Ota, 09:01",
                    "Works: [chain guard](https://bikes.example/guard) & https://bikes.example/b\n\n"
                    "Tomo: Mine rattles, @Mina Ota. See #general",
                ],
                ["花, 09:03", "日本語の話\n絵"],
                ["Tomo, 09:04", "to a thread of last week"],
                ["CI, 09:05", "Build 5\nred"],
            ],
        ],
        "general-2024-01-05": ["#general 2024-01-05", ["Tomo"], [["Tomo, 09:00", "Good morning"]]],
    }
    assert causes == ["This day of Slack is cut off or broken; it was skipped."]
