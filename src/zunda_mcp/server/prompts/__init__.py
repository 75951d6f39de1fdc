"""Prompts: questions worth asking of an archive, ready to be chosen from a menu.

Each is a TOML file in this folder (``asset`` says what is in it). Listing shows both languages, since a menu cannot
know its reader; getting one gives the text in the language asked for, else in the archive's own. Shapes are those of
the protocol, camelCase (MCP specification, server/prompts).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from zunda_mcp.errors import NotFoundError
from zunda_mcp.rendering.sanitize import one_line, shorten
from zunda_mcp.server import tool_arguments as reading

if TYPE_CHECKING:
    from zunda_mcp.server.prompts.asset import Asset

__all__ = ["get_prompt", "list_prompts", "named"]

_LANGUAGE = {
    "name": "language",
    "description": "Language of the answer: ja or en (default: that of the archive). 答えの言葉",
    "required": False,
}


def list_prompts() -> dict[str, Any]:
    """``{"prompts": [{"name", "title", "description", "arguments"}]}``; one page holds them all."""
    from zunda_mcp.server.prompts.asset import assets  # start-up

    return {"prompts": [_listed(asset) for asset in assets().values()]}


def get_prompt(
    name: str,
    arguments: Mapping[str, Any] | None,
    today: dt.date | None = None,
    language: str | None = "ja",
) -> dict[str, Any]:
    """``{"description", "messages": [{"role", "content"}]}``: one prompt with its arguments in it.

    ``today`` is what dates in words are seen from, by default the day here. ``language`` is the archive's; it counts
    where the argument ``language`` is not given.

    Raises:
        NotFoundError: There is no such prompt; ``suggestions`` are near names.
        ArgumentError: An argument is unknown, missing or cannot be understood.
    """
    from zunda_mcp.server.prompts.filling import fill  # start-up

    asset = named(name)
    day = today or dt.datetime.now(dt.UTC).astimezone().date()
    text, spoken = fill(asset, arguments or {}, day, language)
    return {
        "description": asset.description[spoken],
        "messages": [{"role": "user", "content": {"type": "text", "text": text}}],
    }


def named(name: str) -> Asset:
    """The prompt of that name. Raises ``NotFoundError`` with near names."""
    from zunda_mcp.server.prompts.asset import assets  # start-up

    prompts = assets()
    if name in prompts:
        return prompts[name]
    near = tuple(reading.near(name[:100], tuple(prompts)))
    offered = f"did you mean {near[0]}?" if near else f"there are {', '.join(prompts)}."
    msg = f'No prompt is called "{shorten(one_line(name), 60)}"; {offered}'
    raise NotFoundError(msg, near or tuple(prompts))


def _listed(asset: Asset) -> dict[str, Any]:
    rows = [
        {"name": one.name, "description": f"{one.description['en']}. {one.description['ja']}", "required": one.required}
        for one in asset.arguments
    ]
    return {
        "name": asset.name,
        "title": f"{asset.title['ja']} / {asset.title['en']}",
        "description": f"{asset.description['en']}. {asset.description['ja']}。",
        "arguments": [*rows, dict(_LANGUAGE)],
    }
