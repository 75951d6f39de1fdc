"""Prompts as they are kept: one TOML file each, with its version and its history.

A file has ``name`` (as the file), ``version`` (SemVer: patch for wording, minor for a new optional argument, major
where an old call no longer means the same), ``[title]``, ``[description]`` and ``[text]`` in ``ja`` and ``en``,
``[[arguments]]``, and a ``[changelog]`` with a line for each version. In a text ``{topic}`` stands for an argument.

An argument has a ``kind``, which says what it takes and how it stands in the text:

- ``text``    words; in the text as a quoted string, so that what is typed cannot run on into the prompt
- ``url``     an address or a domain; in the same way
- ``whole``   a number from ``low`` to ``high``
- ``option``  words; as an argument of a call, ``, host="ずんだもん"``, or nothing
- ``since``   a date in words; as ``, since="2025-07-01"``, or nothing
- ``until``   a date in words; as ``, until="2025-07-31"``, or nothing
- ``week``    a date in words, a single day standing for its week; as ``, since="2025-07-07", until="2025-07-13"``
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

__all__ = ["Argument", "Asset", "Kind", "Language", "assets"]

Language = Literal["ja", "en"]
Kind = Literal["text", "url", "whole", "option", "since", "until", "week"]


@dataclass(frozen=True)
class Argument:
    """One argument of a prompt. ``default`` is what stands for it where it is not given, by language."""

    name: str
    kind: Kind
    description: Mapping[Language, str]
    example: str
    required: bool = False
    default: Mapping[Language, str] | None = None
    low: int = 1
    high: int = 50


@dataclass(frozen=True)
class Asset:
    """One prompt, all of its languages together."""

    name: str
    version: str
    title: Mapping[Language, str]
    description: Mapping[Language, str]
    arguments: tuple[Argument, ...]
    text: Mapping[Language, str]
    changelog: Mapping[str, str]


@cache
def assets() -> dict[str, Asset]:
    """All prompts by name, in the order of their names; read when first asked for."""
    import tomllib  # start-up
    from importlib.resources import files  # start-up

    paths = sorted((file for file in files(__package__).iterdir() if file.name.endswith(".toml")), key=lambda f: f.name)
    read = [_asset(tomllib.loads(file.read_text(encoding="utf-8"))) for file in paths]
    return {asset.name: asset for asset in read}


def _asset(data: dict[str, Any]) -> Asset:
    return Asset(**data | {"arguments": tuple(_argument(**row) for row in data["arguments"])})


def _argument(ja: str, en: str, default: str | dict[Language, str] | None = None, **row: Any) -> Argument:
    both: dict[Language, str] | None = {"ja": default, "en": default} if isinstance(default, str) else default
    return Argument(**row, description={"ja": ja, "en": en}, default=both)
