"""Stands in for an assistant where there is no model: one call with the question as it is, and the reply as its answer.

    python stub_assistant.py PROMPT CONFIG

It calls the first tool that has an argument ``query``, or requires one text alone. So it shows that a trial works, and
what the very first reply of a server holds; it says nothing of how a model would use the tools.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import mcp_types
from mcp import Client, StdioServerParameters
from question_file import ABSENT, PROMPT


async def reply(question: str, config: Path) -> str:
    """The text that the server of ``config`` answers ``question`` with."""
    (server,) = json.loads(config.read_text(encoding="utf-8"))["mcpServers"].values()
    async with Client(StdioServerParameters(command=server["command"], args=server["args"])) as client:
        for tool in (await client.list_tools()).tools:
            name = _argument(tool.input_schema)
            if name is not None:
                result = await client.call_tool(tool.name, {name: question})
                texts = [one.text for one in result.content if isinstance(one, mcp_types.TextContent)]
                hits = (result.structured_content or {}).get("hits")
                return "\n".join([*texts, *([ABSENT] if hits == [] else [])])
    return "No tool takes a question."


def _argument(schema: dict[str, Any]) -> str | None:
    properties = schema.get("properties", {})
    if "query" in properties:
        return "query"
    required = schema.get("required", [])
    return required[0] if len(required) == 1 and properties[required[0]].get("type") == "string" else None


def main() -> None:
    """Print the answer."""
    prompt, config = sys.argv[1:]
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(asyncio.run(reply(prompt.removeprefix(PROMPT), Path(config))) + "\n")


if __name__ == "__main__":
    main()
