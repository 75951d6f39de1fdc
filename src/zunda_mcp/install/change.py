"""What an installation or its undoing would change, worked out before anything is written, and then carried out.

Undoing gives back the very bytes from before where nothing else has changed since: that is so where the entry, put into
one of the copies kept at earlier changes, gives the file as it is now. Else our entry alone is taken out.
"""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from zunda_mcp.errors import InstallError
from zunda_mcp.install import backup
from zunda_mcp.install.configuration import Configuration
from zunda_mcp.install.entry import is_ours
from zunda_mcp.install.jsonc import Data
from zunda_mcp.install.places import Place

Action = Literal["added", "updated", "already there", "removed", "restored", "file removed", "not there"]


@dataclass(frozen=True, slots=True)
class Change:
    """A file before and after; None is a file that is not there."""

    place: Place
    action: Action
    before: bytes | None
    after: bytes | None

    @property
    def changes(self) -> bool:
        """Whether there is anything to write."""
        return self.before != self.after

    def diff(self) -> str:
        """The change as a unified diff, empty where there is none."""
        name = str(self.place.file)
        lines = difflib.unified_diff(
            _lines(self.before),
            _lines(self.after),
            "/dev/null" if self.before is None else name,
            "/dev/null" if self.after is None else name,
            lineterm="",
        )
        return "\n".join(lines)

    def missing_folders(self) -> list[Path]:
        """The folders that will be made, outermost first."""
        folders = self.place.file.parent
        return [] if self.after is None else [one for one in (*reversed(folders.parents), folders) if not one.exists()]

    def carry_out(self) -> Path | None:
        """Write it; the copy of the file as it was, None where there was none or nothing of it is lost.

        Raises ``InstallError`` where the file has changed since this was worked out, or cannot be written.
        """
        if not self.changes:
            return None
        file = self.place.file
        if self.action != "file removed":
            return backup.replace(file, self.before, self.after or b"")
        backup.remove(file, self.before)
        if self.place.scope == "project" and len(self.place.client.project or ()) > 1:
            with contextlib.suppress(OSError):  # a folder that holds anything else stays
                file.parent.rmdir()
        return None


def installation(place: Place, name: str, entry: Mapping[str, Data]) -> Change:
    """What putting the entry in changes. Raises ``InstallError`` where the file cannot be changed safely."""
    before = backup.read(place.file)
    found = Configuration.of(place, before or b"")
    there = found.servers().get(name)
    if there is not None and not is_ours(there):
        raise InstallError(
            f"{place.file} already has a server named {name} that is not zunda-mcp. Choose another with --name."
        )
    after = found.with_entry(name, entry).data
    action: Action = "added" if there is None else "already there" if after == before else "updated"
    return Change(place, action, before, after)


def removal(place: Place, name: str) -> Change:
    """What taking the entry out changes. Raises ``InstallError`` where it is not ours, or cannot be taken out."""
    before = backup.read(place.file)
    found = Configuration.of(place, before or b"")
    there = found.servers().get(name)
    if there is None:
        return Change(place, "not there", before, before)
    if not is_ours(there) or not isinstance(there, dict):
        raise InstallError(f"The server {name} in {place.file} is not zunda-mcp. Take it out by hand if you mean it.")
    earlier = _earlier(place, name)
    for kept in earlier:
        if kept.with_entry(name, there).data == found.data:
            return Change(place, "restored", before, kept.data)
    if not place.file.is_symlink() and Configuration(place, "").with_entry(name, there).data == found.data:
        return Change(place, "file removed", before, None)
    left = found.without(name)
    if earlier and place.client.key not in earlier[0].root() and not left.servers():
        left = left.without_servers()
    return Change(place, "removed", before, left.data)


def _earlier(place: Place, name: str) -> list[Configuration]:
    """The file as it was before the entry, newest first, from the copies that can be read."""
    found = []
    for copy in backup.backups(place.file):
        try:
            kept = Configuration.of(place, backup.read(copy) or b"")
            if name not in kept.servers():
                kept.with_entry(name, {})
                found.append(kept)
        except InstallError:
            continue
    return found


def _lines(data: bytes | None) -> list[str]:
    return (data or b"").decode("utf-8-sig", "replace").splitlines()
