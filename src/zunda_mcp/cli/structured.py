"""``--json``: an answer as one line of compact JSON, the same as the structured content of the MCP tool."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import BaseModel


def print_json(model: BaseModel) -> None:
    """Print the model. Japanese stays readable, and what a terminal would obey is gone from every string."""
    from zunda_mcp.server.clean import clean_data

    print(json.dumps(clean_data(model), ensure_ascii=False, separators=(",", ":")))
