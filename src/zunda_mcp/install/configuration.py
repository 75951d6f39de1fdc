"""A client's configuration file: which servers it has, and the same file with our entry or without it.

How a file is read and written is for ``file_formats`` to know. One that could not be written without losing something
is refused, and the caller shows the entry to paste.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from zunda_mcp.config.settings import PREFIX
from zunda_mcp.errors import InstallError
from zunda_mcp.install.clients import Place
from zunda_mcp.install.file_formats import FORMATS, Data, FileFormat

__all__ = ["Configuration", "Data"]

_REMOTE = ("url", "serverUrl", "httpUrl", "headers")  # what an entry for a server over the network has


@dataclass(frozen=True, slots=True)
class Configuration:
    """What one file holds: its bytes, and the object in it. ``obstacle`` is why it cannot be written, else empty."""

    place: Place
    data: bytes = b""
    root: dict[str, Data] = field(default_factory=dict)
    obstacle: str = ""

    @classmethod
    def of(cls, place: Place, data: bytes) -> Configuration:
        """Read the bytes of a file. Raises ``InstallError`` where they are not UTF-8, or not what the client reads."""
        text = _decoded(place, data)
        if not text.strip():
            return cls(place, data)
        kind = FORMATS[place.client.format]
        try:
            root, obstacle = kind.parse(text)
        except (ValueError, RecursionError) as error:
            raise _not_readable(place, kind, error) from None
        if not isinstance(root, dict):
            raise InstallError(f"{place.file} does not hold {kind.noun}. It was left as it is.")
        return cls(place, data, root, obstacle)

    def servers(self, key: str | None = None) -> dict[str, Data]:
        """The entries by name, under the client's own key or another."""
        servers = self.root.get(key or self.place.client.key)
        return servers if isinstance(servers, dict) else {}

    def with_entry(self, name: str, entry: Mapping[str, Data]) -> Configuration:
        """The same file with the entry. What the user added to an earlier one (``disabled``, variables) stays.

        Raises ``InstallError`` where the file cannot be written without losing something.
        """
        old = self.servers().get(name)
        local = isinstance(old, dict) and not any(word in old for word in _REMOTE)
        new = _merged(old, entry, self.place.client.env) if isinstance(old, dict) and local else dict(entry)
        if new == old:
            return self
        key = self.place.client.key
        nothing = self.place.client.format == "yaml" and self.root.get(key) is None
        if not nothing and not isinstance(self.root.get(key, {}), dict):
            raise self._refused(f"{name} belongs in an object {{…}}, but {key} is something else", "Mend it by hand.")
        return self._written({**self.root, key: {**self.servers(), name: new}}, "Add the entry by hand.")

    def without(self, name: str) -> Configuration:
        """The same file without the entry of this name. Raises ``InstallError`` as ``with_entry`` does."""
        left = {other: entry for other, entry in self.servers().items() if other != name}
        return self._written({**self.root, self.place.client.key: left}, f"Take {name} out by hand.")

    def without_servers(self) -> Configuration:
        """The same file without the key of the servers. Raises ``InstallError`` as ``with_entry`` does."""
        left = {name: value for name, value in self.root.items() if name != self.place.client.key}
        return self._written(left, f"Take {self.place.client.key} out by hand.")

    def _written(self, root: dict[str, Data], advice: str) -> Configuration:
        if self.obstacle:
            raise self._refused(self.obstacle, advice)
        mark = codecs.BOM_UTF8 if self.data.startswith(codecs.BOM_UTF8) else b""
        text = self.data[len(mark) :].decode("utf-8")
        try:
            data = mark + FORMATS[self.place.client.format].rewrite(text, self.root, root).encode("utf-8")
        except (ValueError, RecursionError) as error:  # numbers that JSON cannot hold, such as 1e999
            raise self._refused(str(error), advice) from error
        return replace(self, data=data, root=root)

    def _refused(self, cause: str, advice: str) -> InstallError:
        return InstallError(f"{self.place.file} cannot be changed safely: {cause}. It was left as it is. {advice}")


def _decoded(place: Place, data: bytes) -> str:
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, data.find(error.object) + error.start) + 1
        raise InstallError(f"{place.file} is not UTF-8 (line {line}). Save it as UTF-8, then run this again.") from None


def _not_readable(place: Place, kind: FileFormat, error: Exception) -> InstallError:
    where = f" at line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
    cause = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
    return InstallError(
        f"{place.file} is not valid {kind.name}{where}: {cause}. It was left as it is: mend it, then run this again."
    )


def _merged(old: Mapping[str, Data], entry: Mapping[str, Data], env: str) -> dict[str, Data]:
    """The old entry with our values; its variables (under ``env``) keep those that are not ours."""
    before, ours = old.get(env), entry.get(env)
    before = before if isinstance(before, dict) else {}
    theirs = {name: value for name, value in before.items() if not name.startswith(PREFIX)}
    variables: dict[str, Data] = {**theirs, **(ours if isinstance(ours, dict) else {})}
    merged = {**old, **entry}
    if variables:
        merged[env] = variables
    else:
        merged.pop(env, None)
    return merged
