"""A client's configuration file: which servers it has, and the same file with our entry or without it.

Files are read as the client reads them, for VS Code and Cursor with comments and trailing commas. Only strict JSON
(RFC 8259) is written: the standard library writes the file anew in its own indentation and line ends. A file with
comments would lose them, so it is refused, and the caller shows the entry to paste.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from zunda_mcp.config.settings import PREFIX
from zunda_mcp.errors import InstallError
from zunda_mcp.install.clients import Place

__all__ = ["Configuration", "Data"]

Data: TypeAlias = "dict[str, Data] | list[Data] | str | int | float | bool | None"

_REMOTE = ("url", "serverUrl", "httpUrl", "headers")  # what an entry for a server over the network has
_STRING_OR_COMMENT = re.compile(r'"(?:[^"\\\n]|\\.)*"?|//[^\r\n]*|/\*.*?\*/', re.DOTALL)
_STRING_OR_COMMA = re.compile(r'"(?:[^"\\\n]|\\.)*"?|,(?=\s*[}\]])', re.DOTALL)
_FIRST_INDENT = re.compile(r'\n([ \t]*)"')


@dataclass(frozen=True, slots=True)
class Configuration:
    """What one file holds: its bytes, and the object in it. ``obstacle`` is why it cannot be written, else empty."""

    place: Place
    data: bytes = b""
    root: dict[str, Data] = field(default_factory=dict)
    obstacle: str = ""

    @classmethod
    def of(cls, place: Place, data: bytes) -> Configuration:
        """Read the bytes of a file. Raises ``InstallError`` where they are not UTF-8, or not a JSON object."""
        text = _decoded(place, data)
        if not text.strip():
            return cls(place, data)
        repeated: list[str] = []

        def members(pairs: list[tuple[str, Data]]) -> dict[str, Data]:
            names = [name for name, _ in pairs]
            repeated.extend(name for name in set(names) if names.count(name) > 1)
            return dict(pairs)

        def parse(json_text: str) -> Data:
            try:
                data: Data = json.loads(json_text, object_pairs_hook=members, parse_constant=_refuse_constant)
            except (ValueError, RecursionError) as error:
                raise _not_json(place, error) from None
            return data

        obstacle = ""
        plain = _without_comments(text) if place.client.comments else text
        root = parse(plain) if plain.strip() else {}
        if plain != text:
            obstacle = "it has comments or trailing commas, which would be lost"
        if not isinstance(root, dict):
            raise InstallError(f"{place.file} does not hold a JSON object {{…}}. It was left as it is.")
        if repeated:
            obstacle = f"it has {repeated[0]} twice"
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
        new = _merged(old, entry) if isinstance(old, dict) and not any(word in old for word in _REMOTE) else dict(entry)
        if new == old:
            return self
        key = self.place.client.key
        if not isinstance(self.root.get(key, {}), dict):
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
            data = mark + _laid_out(root, text)
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


def _not_json(place: Place, error: Exception) -> InstallError:
    where = f" at line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
    cause = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
    return InstallError(
        f"{place.file} is not valid JSON{where}: {cause}. It was left as it is: mend it, then run this again."
    )


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _without_comments(text: str) -> str:
    """The text with spaces in the place of comments and trailing commas, so that lines and columns stay."""

    def blank(match: re.Match[str]) -> str:
        return match[0] if match[0].startswith('"') else re.sub(r"[^\r\n]", " ", match[0])

    return _STRING_OR_COMMA.sub(blank, _STRING_OR_COMMENT.sub(blank, text))


def _laid_out(root: dict[str, Data], text: str) -> bytes:
    """The object as JSON in the layout of ``text``: indentation, line ends, and what follows the last bracket."""
    body = text.strip()
    indent: str | int | None = 2
    if found := _FIRST_INDENT.search(body):
        indent = found[1]
    elif len(body) > 2 and "\n" not in body:
        indent = None
    new = json.dumps(root, ensure_ascii=False, indent=indent, allow_nan=False)
    try:
        new.encode("utf-8")
    except UnicodeEncodeError:  # half a surrogate pair, written as \ud83d
        new = json.dumps(root, indent=indent, allow_nan=False)
    tail = text[len(text.rstrip()) :] if body else "\n"
    newline = "\r\n" if "\r\n" in text else "\n"
    return (new.replace("\n", newline) + tail).encode("utf-8")


def _merged(old: Mapping[str, Data], entry: Mapping[str, Data]) -> dict[str, Data]:
    """The old entry with our values; its ``env`` keeps the variables that are not ours."""
    before, ours = old.get("env"), entry.get("env")
    before = before if isinstance(before, dict) else {}
    theirs = {name: value for name, value in before.items() if not name.startswith(PREFIX)}
    variables: dict[str, Data] = {**theirs, **(ours if isinstance(ours, dict) else {})}
    merged = {**old, **entry}
    if variables:
        merged["env"] = variables
    else:
        merged.pop("env", None)
    return merged
