"""``make cluster`` and ``make cluster-down``: start three nodes and print their address, or end them by their ids."""

from __future__ import annotations

import shutil
import sys

from running_cluster import CACHE, RunningCluster, why_not

_NOTED = CACHE / "running.json"


def _up() -> None:
    if reason := why_not():
        sys.exit(f"No cluster can be started here: {reason}.")
    if _NOTED.is_file():
        _down()
    cluster = RunningCluster.in_new_folder()
    try:
        cluster.start()
    except BaseException:
        cluster.stop()
        raise
    cluster.save(_NOTED)
    print(cluster.url)


def _down() -> None:
    if not _NOTED.is_file():
        return
    cluster = RunningCluster.load(_NOTED)
    cluster.stop()
    shutil.rmtree(cluster.folder, ignore_errors=True)
    _NOTED.unlink()


if __name__ == "__main__":
    _down() if sys.argv[1:] == ["down"] else _up()
