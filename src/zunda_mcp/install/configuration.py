"""A client's configuration file: the servers in it, and the same file with or without our entry.

JSON is read as the client reads it, for some clients with comments and trailing commas. It is written by the standard
library, with the file's own indentation and line ends. TOML (tomlkit) and YAML (ruamel.yaml) keep comments and layout;
both are imported only for clients that use them. A file that cannot be written without losing something is refused, and
the caller shows the entry to paste.
"""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from zunda_mcp.config.settings import PREFIX
from zunda_mcp.errors import InstallError
from zunda_mcp.install.clients import Data, Format, Place

if TYPE_CHECKING:
    from ruamel.yaml import YAML

__all__ = ["ConfigurationFile", "Data"]

_REMOTE = ("url", "serverUrl", "httpUrl", "headers")  # keys of an entry for a server on the network


@dataclass(frozen=True, slots=True)
class ConfigurationFile:
    """The bytes of a file and the object in them. ``obstacle`` is why it cannot be written, empty if it can."""

    place: Place
    data: bytes = b""
    root: dict[str, Data] = field(default_factory=dict)
    obstacle: str = ""

    @classmethod
    def of(cls, place: Place, data: bytes) -> ConfigurationFile:
        """Read the bytes of a file. Raises ``InstallError`` if they are not UTF-8, or not in the client's format."""
        text = _decoded(place, data)
        if not text.strip():
            return cls(place, data)
        kind = _FORMATS[place.client.format]
        try:
            root, obstacle = kind.parse(text)
        except (ValueError, RecursionError) as error:
            raise _not_readable(place, kind, error) from None
        if not isinstance(root, dict):
            raise InstallError(f"{place.file} does not hold {kind.noun}. It was left as it is.")
        return cls(place, data, root, obstacle)

    def servers(self, key: str | None = None) -> dict[str, Data]:
        """Return the entries by name, under the client's own key or ``key``."""
        servers = self.root.get(key or self.place.client.key)
        return servers if isinstance(servers, dict) else {}

    def with_entry(self, name: str, entry: Mapping[str, Data]) -> ConfigurationFile:
        """Return the file with the entry. What the user added to an earlier entry (``disabled``, variables) stays.

        Raises ``InstallError`` if the file cannot be written without losing something.
        """
        old = self.servers().get(name)
        local = isinstance(old, dict) and not any(word in old for word in _REMOTE)
        new = _merged(old, entry, self.place.client.env) if isinstance(old, dict) and local else dict(entry)
        if new == old:
            return self
        key = self.place.client.key
        nothing = self.place.client.format == "yaml" and self.root.get(key) is None
        if not nothing and not isinstance(self.root.get(key, {}), dict):
            raise self._refused(f"{name} belongs in an object {{…}}, but {key} is something else", "Fix it by hand.")
        return self._written({**self.root, key: {**self.servers(), name: new}}, "Add the entry by hand.")

    def without(self, name: str) -> ConfigurationFile:
        """Return the file without the entry of this name. Raises ``InstallError`` as ``with_entry`` does."""
        left = {other: entry for other, entry in self.servers().items() if other != name}
        return self._written({**self.root, self.place.client.key: left}, f"Take {name} out by hand.")

    def without_servers(self) -> ConfigurationFile:
        """Return the file without the key of the servers. Raises ``InstallError`` as ``with_entry`` does."""
        left = {name: value for name, value in self.root.items() if name != self.place.client.key}
        return self._written(left, f"Take {self.place.client.key} out by hand.")

    def _written(self, root: dict[str, Data], advice: str) -> ConfigurationFile:
        if self.obstacle:
            raise self._refused(self.obstacle, advice)
        mark = codecs.BOM_UTF8 if self.data.startswith(codecs.BOM_UTF8) else b""
        text = self.data[len(mark) :].decode("utf-8")
        try:
            data = mark + _FORMATS[self.place.client.format].rewrite(text, self.root, root).encode("utf-8")
        except (ValueError, RecursionError) as error:  # numbers that JSON cannot express, such as 1e999
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


def _not_readable(place: Place, kind: _FileFormat, error: Exception) -> InstallError:
    where = f" at line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
    cause = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
    return InstallError(
        f"{place.file} is not valid {kind.name}{where}: {cause}. It was left as it is: mend it, then run this again."
    )


def _merged(old: Mapping[str, Data], entry: Mapping[str, Data], env: str) -> dict[str, Data]:
    """Return the old entry with our values. Variables in it (under ``env``) that are not ours stay."""
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


_STRING_OR_COMMENT = re.compile(r'"(?:[^"\\\n]|\\.)*"?|//[^\r\n]*|/\*.*?\*/', re.DOTALL)
_STRING_OR_COMMA = re.compile(r'"(?:[^"\\\n]|\\.)*"?|,(?=\s*[}\]])', re.DOTALL)
_FIRST_INDENT = re.compile(r'\n([ \t]*)"')


class _FileFormat(NamedTuple):
    """How a format is read and written. ``name`` is what users call it, ``noun`` what a file in it contains.

    ``parse`` takes a text that is not blank; it returns its object, and why the file cannot be written (empty if it
    can). ``rewrite`` takes a text, its object and a new object; it returns the text with the new one.
    """

    name: str
    noun: str
    parse: Callable[[str], tuple[Data, str]]
    rewrite: Callable[[str, Mapping[str, Data], Mapping[str, Data]], str]


# --- JSON ------------------------------------------------------------------------------------------------------------


def _parse_json(text: str) -> tuple[Data, str]:
    repeated: list[str] = []

    def members(pairs: list[tuple[str, Data]]) -> dict[str, Data]:
        names = [name for name, _ in pairs]
        repeated.extend(name for name in set(names) if names.count(name) > 1)
        return dict(pairs)

    root: Data = json.loads(text, object_pairs_hook=members, parse_constant=_refuse_constant)
    return root, f"it has {repeated[0]} twice" if repeated else ""


def _parse_json_with_comments(text: str) -> tuple[Data, str]:
    plain = _without_comments(text)
    root, obstacle = _parse_json(plain) if plain.strip() else ({}, "")
    if plain != text:
        obstacle = obstacle or "it has comments or trailing commas, which would be lost"
    return root, obstacle


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _without_comments(text: str) -> str:
    """Return the text with comments and trailing commas replaced by spaces, so that lines and columns stay."""

    def blank(match: re.Match[str]) -> str:
        return match[0] if match[0].startswith('"') else re.sub(r"[^\r\n]", " ", match[0])

    return _STRING_OR_COMMA.sub(blank, _STRING_OR_COMMENT.sub(blank, text))


def _rewrite_json(text: str, _: Mapping[str, Data], root: Mapping[str, Data]) -> str:
    """Return the object as JSON with the indentation and line ends of ``text``, and what follows its last bracket."""
    body = text.strip()
    indent: str | int | None = 2
    if first := _FIRST_INDENT.search(body):
        indent = first[1]
    elif len(body) > 2 and "\n" not in body:
        indent = None
    new = json.dumps(root, ensure_ascii=False, indent=indent, allow_nan=False)
    try:
        new.encode("utf-8")
    except UnicodeEncodeError:  # half a surrogate pair, written as \ud83d
        new = json.dumps(root, indent=indent, allow_nan=False)
    return _with_line_ends(new + (text[len(text.rstrip()) :] if body else "\n"), text)


def _with_line_ends(new: str, text: str) -> str:
    return new.replace("\r\n", "\n").replace("\n", "\r\n") if "\r\n" in text else new


# --- TOML ------------------------------------------------------------------------------------------------------------


def _parse_toml(text: str) -> tuple[Data, str]:
    import tomllib  # start-up

    try:
        root: dict[str, Any] = tomllib.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    return root, ""


def _rewrite_toml(text: str, old: Mapping[str, Data], root: Mapping[str, Data]) -> str:
    import tomlkit  # start-up
    from tomlkit.exceptions import TOMLKitError  # start-up

    def item(value: Data) -> Any:
        if not isinstance(value, dict):
            return tomlkit.item(value)
        table = tomlkit.table(is_super_table=bool(value) and all(isinstance(one, dict) for one in value.values()))
        for name, one in value.items():
            table.add(name, item(one))
        return table

    try:
        document = tomlkit.parse(text)
        _replace(document, old, root, item, empty=True)
        new = _with_line_ends(tomlkit.dumps(document), text)
    except TOMLKitError as error:
        raise ValueError(str(error)) from error
    written, _ = _parse_toml(new)
    if written != root and written != {name: value for name, value in root.items() if value != {}}:
        raise ValueError("its tables are in an order that cannot be kept")
    return new


# --- YAML ------------------------------------------------------------------------------------------------------------

_YAML_LAYOUTS = tuple(product(((2, 2, 0), (2, 4, 2), (4, 4, 0), (4, 4, 2)), ("null", "", "~")))
"""Layouts to try: the indentation of mappings, of sequences and of their dashes, and how null is written."""


def _parse_yaml(text: str) -> tuple[Data, str]:
    from ruamel.yaml.error import YAMLError  # start-up

    try:
        root: Data = _yaml((2, 2, 0), "null", pure="safe").load(text)
    except (YAMLError, RecursionError, TypeError) as error:  # TypeError: a key that cannot be hashed
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise ValueError(f"{where}{getattr(error, 'problem', None) or error}") from error
    return {} if root is None else root, "" if root is None or _yaml_layout(text) else "its layout would be changed"


def _rewrite_yaml(text: str, old: Mapping[str, Data], root: Mapping[str, Data]) -> str:
    text = text if text.strip() else ""  # a tab alone is not YAML
    layout = _yaml_layout(text) or _YAML_LAYOUTS[0]
    yaml = _yaml(*layout)
    document = yaml.load(text)
    if document is None:  # nothing but comments
        new = text + ("" if not text or text.endswith("\n") else "\n") + _dumped(yaml, dict(root))
    else:
        _replace(document, old, root, lambda value: value)
        new = _dumped(yaml, document)
    new = _with_line_ends(new, text)
    if _parse_yaml(new)[0] != root:
        raise ValueError("its layout cannot be kept")
    return new


def _yaml_layout(text: str) -> tuple[tuple[int, int, int], str] | None:
    """Return a layout in which loading and dumping the text gives the same text, None if there is none."""
    plain = text.replace("\r\n", "\n")
    for indents, null in _YAML_LAYOUTS:
        yaml = _yaml(indents, null)
        if _dumped(yaml, yaml.load(plain)) == plain:
            return indents, null
    return None


def _yaml(indents: tuple[int, int, int], null: str, pure: Literal["rt", "safe"] = "rt") -> YAML:
    from ruamel.yaml import YAML  # start-up
    from ruamel.yaml.representer import RoundTripRepresenter  # start-up

    class Representer(RoundTripRepresenter):
        """Writes null as the file does."""

    def represent_none(representer: Any, _: None) -> Any:
        return representer.represent_scalar("tag:yaml.org,2002:null", null)

    Representer.add_representer(type(None), represent_none)
    yaml = YAML(typ=pure, pure=True)
    if pure == "rt":
        yaml.Representer = Representer
        yaml.preserve_quotes = True
        yaml.width = 1 << 20
        mapping, sequence, offset = indents
        yaml.indent(mapping=mapping, sequence=sequence, offset=offset)
    return yaml


def _dumped(yaml: YAML, document: object) -> str:
    stream = io.StringIO()
    yaml.dump(document, stream)
    return stream.getvalue()


def _replace(
    document: MutableMapping[str, Any],
    old: Mapping[str, Data],
    new: Mapping[str, Data],
    item: Callable[[Data], Any],
    *,
    empty: bool = False,
) -> None:
    """Change a document from ``old`` to ``new``, leaving what is the same in both untouched.

    ``empty`` says that an empty mapping can be filled in place; otherwise it is replaced.
    """
    for name in old:
        if name not in new:
            del document[name]
    for name, value in new.items():
        before = old.get(name)
        if name in old and before == value:
            continue
        if isinstance(before, dict) and isinstance(value, dict) and (before or empty):
            _replace(document[name], before, value, item, empty=empty)
        else:
            document[name] = item(value)


_FORMATS: Mapping[Format, _FileFormat] = {
    "json": _FileFormat("JSON", "a JSON object {…}", _parse_json, _rewrite_json),
    "json with comments": _FileFormat("JSON", "a JSON object {…}", _parse_json_with_comments, _rewrite_json),
    "toml": _FileFormat("TOML", "tables", _parse_toml, _rewrite_toml),
    "yaml": _FileFormat("YAML", "a mapping", _parse_yaml, _rewrite_yaml),
}
"""All formats by name."""
