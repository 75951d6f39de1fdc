"""What every measurement says of itself: how far it is, and of which versions it is."""

from __future__ import annotations

import platform
import sqlite3
import sys
import time
from collections.abc import Iterable
from importlib import metadata


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Of Python, SQLite and ``packages``."""
    found = {"Python": platform.python_version(), "SQLite": sqlite3.sqlite_version}
    for name in packages:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "missing"
    return found


def say(text: str) -> None:
    """Progress, on the terminal."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)
