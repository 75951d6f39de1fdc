"""A format from another distribution is found once it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

PLUGIN = Path(__file__).parents[2] / "examples" / "format-plugin"
READ = """
import sys
from pathlib import Path
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive
episodes, problems = read_archive(ArchiveReader([Path(sys.argv[1])]))
for episode in episodes:
    print(episode.date, [(story.title, story.summary) for story in episode.stories])
for problem in problems:
    print(problem.line, problem.cause)
"""


def test_the_example_plugin_reads_its_files_once_it_is_installed(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    (archive / "2025-07-08.chatlog").write_text("12:05 Ann: Hello\nnoise\n", encoding="utf-8")
    source, target = tmp_path / "plugin", tmp_path / "site"
    shutil.copytree(PLUGIN, source)

    before = _read(archive)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", str(target), str(source)], check=True)
    after = _read(archive, target)

    assert "Hello" not in before
    assert after.splitlines() == [
        "2025-07-08 [('12:05 Ann', 'Hello')]",
        "2 This line is not a message; it was skipped.",
    ]


def _read(archive: Path, *targets: Path) -> str:
    path = os.pathsep.join([*map(str, targets), os.environ.get("PYTHONPATH", "")])
    run = subprocess.run(
        [sys.executable, "-c", READ, str(archive)],
        check=True,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": path},
    )
    return run.stdout
