"""``serve --watch``: what changes is indexed and told though nobody asks, and a folder that goes and comes back too."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

from stdio_client import write_archive

from conftest import library_over
from zunda_mcp.server.dispatch import LazyArchive
from zunda_mcp.server.notifications import watch_files

PATIENCE = 60


def test_a_new_episode_is_in_the_index_though_nobody_asks(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "episodes", days=2)
    with library_over(archive, tmp_path / "index") as library:
        library.refresh()
        library.search("")
        opening = LazyArchive(lambda: library)
        opening.get()
        changed = threading.Event()
        thread = watch_files(opening, [archive], changed.set)
        for day in range(3, 20):  # until the system has begun to watch
            write_archive(archive, days=day)
            if changed.wait(0.5):
                break
        assert changed.wait(PATIENCE)
        assert library.freshness().episodes >= 3
        opening.closed.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_a_folder_that_is_gone_is_watched_again_once_it_is_back(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "episodes", days=2)
    away = tmp_path / "away"
    with library_over(archive, tmp_path / "index") as library:
        library.refresh()
        opening = LazyArchive(lambda: library)
        opening.get()
        shutil.move(archive, away)
        changed = threading.Event()
        thread = watch_files(opening, [archive], changed.set)
        shutil.move(away, archive)
        for day in range(3, 60):
            write_archive(archive, days=min(day, 27))
            if changed.wait(0.5):
                break
        assert changed.is_set()
        opening.close()
        thread.join(PATIENCE)
        assert not thread.is_alive()
