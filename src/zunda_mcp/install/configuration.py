"""A client's configuration file as text: which servers it has, and the same file with our entry or without it."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, replace

from zunda_mcp.config.settings import PREFIX
from zunda_mcp.errors import InstallError
from zunda_mcp.install import edit
from zunda_mcp.install.clients import Place
from zunda_mcp.install.jsonc import Data, Fault, parse

_ELSEWHERE = ("url", "serverUrl", "httpUrl", "headers")
"""What an entry has that speaks to a server over the network."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """The text of one file, with or without a byte order mark; nothing is ever written from here."""

    place: Place
    text: str
    mark: bytes = b""

    @classmethod
    def of(cls, place: Place, data: bytes) -> Configuration:
        """The configuration in these bytes. Raises ``InstallError`` where they are no UTF-8 text or no JSON."""
        mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
        try:
            found = cls(place, data[len(mark) :].decode("utf-8"), mark)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start + len(mark)) + 1
            raise InstallError(
                f"{place.file} is not UTF-8 (line {line}). Save it as UTF-8, then run this again."
            ) from None
        try:
            root = parse(found.text, comments=place.client.comments)
        except Fault as fault:
            raise InstallError(
                f"{place.file} is not valid JSON at line {fault.line}, column {fault.column}: {fault.what}. "
                "It was left as it is: mend it, then run this again."
            ) from None
        if root is not None and not isinstance(root.data, dict):
            raise InstallError(f"{place.file} holds no JSON object {{…}}. It was left as it is.")
        return found

    @property
    def data(self) -> bytes:
        """The file's bytes."""
        return self.mark + self.text.encode("utf-8", "surrogatepass")

    def root(self) -> dict[str, Data]:
        """Everything in the file."""
        root = parse(self.text, comments=self.place.client.comments)
        return root.data if root is not None and isinstance(root.data, dict) else {}

    def servers(self, key: str | None = None) -> dict[str, Data]:
        """The entries by name, under the client's own key or another."""
        found = self.root().get(key or self.place.client.key)
        return found if isinstance(found, dict) else {}

    def with_entry(self, name: str, entry: Mapping[str, Data]) -> Configuration:
        """The same file with the entry. Of one that is there, what the user added (``disabled``, variables) stays.

        Raises ``InstallError`` where the file's shape does not allow it.
        """
        old = self.servers().get(name)
        way = (self.place.client.key, name)
        if not isinstance(old, dict) or any(word in old for word in _ELSEWHERE):
            return self._put(way, dict(entry))
        found = self
        for word, value in _merged(old, entry).items():
            if word not in old or not edit.same(old[word], value):
                found = found._put((*way, word), value)
        if "env" in old and "env" not in _merged(old, entry):
            found = found._dropped((*way, "env"))
        return found

    def without(self, name: str) -> Configuration:
        """The same file without the entry of this name."""
        return self._dropped((self.place.client.key, name))

    def without_servers(self) -> Configuration:
        """The same file without the key of the servers."""
        return self._dropped((self.place.client.key,))

    def _put(self, way: tuple[str, ...], data: Data) -> Configuration:
        try:
            return replace(self, text=edit.put(self.text, way, data, comments=self.place.client.comments))
        except (edit.UnfitError, Fault) as error:
            raise self._refused(error) from error

    def _dropped(self, way: tuple[str, ...]) -> Configuration:
        try:
            return replace(self, text=edit.drop(self.text, way, comments=self.place.client.comments))
        except (edit.UnfitError, Fault) as error:
            raise self._refused(error) from error

    def _refused(self, error: Exception) -> InstallError:
        return InstallError(f"{self.place.file} cannot be changed safely: {error}. It was left as it is.")


def _merged(old: Mapping[str, Data], entry: Mapping[str, Data]) -> dict[str, Data]:
    """Our values, and of the old entry's variables those that are not ours."""
    merged = dict(entry)
    before, ours = old.get("env"), entry.get("env")
    before = before if isinstance(before, dict) else {}
    theirs = {name: value for name, value in before.items() if not name.startswith(PREFIX)}
    variables = {**theirs, **(ours if isinstance(ours, dict) else {})}
    if variables:
        merged["env"] = before if before == variables else variables
    return merged
