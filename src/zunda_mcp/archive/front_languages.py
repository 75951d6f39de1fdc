"""Front matter that is not YAML: TOML between ``+++``, JSON, and header lines without any delimiter.

Hugo writes the first two (https://gohugo.io/content-management/front-matter/), Pelican the third
(https://docs.getpelican.com/en/stable/content.html). Whatever the language says, a value becomes the text it is
written as, a list or a mapping, as with YAML.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zunda_mcp.archive.front_matter import FrontMatter, Page, Value

_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9_-]{1,30}):(?:[ \t]+(\S.*?))?[ \t]*")
_HEADER_KEYS = frozenset({"title", "date"})
_KEY = re.compile(r"^[ \t]*\"?([\w-]+)\"?[ \t]*[=:]")


def read_toml_page(text: str) -> Page:
    """Read a file that begins with ``+++``."""
    import tomllib

    from zunda_mcp.archive.front_matter import Page, RefusedError
    from zunda_mcp.settings.values import line_of_deep_key

    lines = text.split("\n")
    end = next((place for place, line in enumerate(lines[1:], start=1) if line.rstrip() == "+++"), None)
    if end is None:
        return Page(None, "\n".join(lines[1:]), 1, ((1, "The front matter is never closed with `+++`."),))
    body = "\n".join(lines[end + 1 :])
    try:
        block = "\n".join(["", *lines[1:end]])
        _check_size(block)
        if deep := line_of_deep_key(block):
            raise RefusedError("it has a key of too many parts", deep)
        return Page(_front(tomllib.loads(block), block, 1), body, end + 1)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        return Page(None, body, end + 1, ((None, f"The front matter cannot be used: TOML says: {error}."),))
    except RefusedError as error:
        return Page(None, body, end + 1, ((error.line, f"The front matter cannot be used: {error}."),))


def read_json_page(text: str) -> Page | None:
    """Read a file that begins with a JSON object, ``None`` where it only looks like one."""
    from zunda_mcp.archive.front_matter import Page, RefusedError

    try:
        loaded, end = json.JSONDecoder().raw_decode(text)
        if not isinstance(loaded, dict):
            return None
        _check_size(text[:end])
        front = _front(loaded, text[:end], 1)
    except (ValueError, RecursionError):
        return None
    except RefusedError as error:
        return Page(
            None, text[end:], text.count("\n", 0, end), ((error.line, f"The front matter cannot be used: {error}."),)
        )
    body = text[end:].lstrip(" \t")
    start = text.count("\n", 0, end)
    if body.startswith("\n"):
        body, start = body[1:], start + 1
    return Page(front, body, start)


def read_header_page(text: str) -> Page | None:
    """Read lines like ``Title: …`` up to the first blank line; one of them must be a title or a date."""
    from zunda_mcp.archive.front_matter import FrontMatter, Page

    front = FrontMatter()
    lines = text.split("\n")
    key = ""
    end = len(lines)
    for place, line in enumerate(lines):
        if not line.strip():
            end = place
            break
        match = _HEADER.fullmatch(line)
        if match:
            key = match[1]
            front.values[key] = match[2]
            front.lines[key] = place + 1
        elif key and line.startswith(("    ", "\t")):
            front.values[key] = f"{front.values[key] or ''} {line.strip()}".strip()
        else:
            return None
    if not _HEADER_KEYS & {name.lower() for name in front.values}:
        return None
    return Page(front, "\n".join(lines[end + 1 :]), end + 1)


def plain_value(value: object, depth: int = 1) -> Value:
    """Return a value of TOML or JSON as front matter has it; raises ``RefusedError`` for what is nested too deep."""
    from zunda_mcp.archive.front_matter import MAX_DEPTH, RefusedError

    if depth > MAX_DEPTH:
        raise RefusedError(f"it is nested more than {MAX_DEPTH} levels deep")
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return {str(key): plain_value(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [plain_value(item, depth + 1) for item in value]
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    return str(value).encode("utf-8", "replace").decode("utf-8")  # JSON may hold half a character


def _front(loaded: dict[str, object], block: str, first: int) -> FrontMatter:
    from zunda_mcp.archive.front_matter import FrontMatter

    front = FrontMatter({str(key): plain_value(value, 2) for key, value in loaded.items()})
    for place, line in enumerate(block.split("\n"), start=first):
        match = _KEY.match(line)
        if match and match[1] in front.values:
            front.lines.setdefault(match[1], place)
    return front


def _check_size(block: str) -> None:
    from zunda_mcp.archive.front_matter import MAX_CHARACTERS, RefusedError

    if len(block) > MAX_CHARACTERS:
        raise RefusedError(f"it is longer than {MAX_CHARACTERS // 1024} KB", 1)
