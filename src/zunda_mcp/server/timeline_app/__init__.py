"""The MCP App of ``topic_timeline``: a chart that clients can show next to the answer.

An app is one page of HTML that contains everything it needs. The client reads it as a resource, shows it in a sandboxed
frame and gives it the answer of the tool that names it. Other clients ignore it. The parts of the page are in the
folder ``parts`` and are joined when it is first read.

Formats: MCP Apps, SEP-1865, specification 2026-01-26 (``io.modelcontextprotocol/ui``). Results are the JSON of the
protocol, in plain dicts.
"""

from __future__ import annotations

from functools import cache
from typing import Any

__all__ = ["EXTENSION", "MIME", "TIMELINE_URI", "TOOL_META", "list_apps", "read_app"]

EXTENSION = "io.modelcontextprotocol/ui"
"""The name of the extension in the capabilities of clients and servers with apps."""

MIME = "text/html;profile=mcp-app"
"""The type of every app; hosts show no other."""

TIMELINE_URI = "ui://zunda-mcp/timeline"
"""The chart of ``topic_timeline``."""

TOOL_META: dict[str, Any] = {"ui": {"resourceUri": TIMELINE_URI}, "ui/resourceUri": TIMELINE_URI}
"""The ``_meta`` of ``topic_timeline``. Clients older than the stable specification use the second key."""

_CLOSED: dict[str, list[str]] = {
    "connectDomains": [], "resourceDomains": [], "frameDomains": [], "baseUriDomains": []
}  # fmt: skip
_META: dict[str, Any] = {"ui": {"csp": _CLOSED, "prefersBorder": True}}
_SCRIPTS = ("words", "answer", "view", "bars", "asking", "host")


def list_apps() -> list[dict[str, Any]]:
    """Return the apps in the form of ``resources/list``."""
    return [
        {
            "uri": TIMELINE_URI,
            "name": "topic_timeline_chart",
            "title": "A topic over time",
            "description": "The interactive chart that clients with MCP Apps show for topic_timeline. Loads nothing.",
            "mimeType": MIME,
            "_meta": _META,
        }
    ]


def read_app(uri: str) -> dict[str, Any] | None:
    """Return the result of ``resources/read`` for an app, None if the address is not that of an app."""
    if uri != TIMELINE_URI:
        return None
    return {"contents": [{"uri": uri, "mimeType": MIME, "text": _page(), "_meta": _META}]}


@cache
def _page() -> str:
    """Return the whole page with its style and scripts, without indentation and comment lines."""
    from importlib.resources import files  # start-up

    folder = files(__name__) / "parts"
    scripts = "\n".join((folder / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS)
    page = (folder / "page.html").read_text(encoding="utf-8")
    page = page.replace("/* style */", (folder / "style.css").read_text(encoding="utf-8"))
    page = page.replace("/* script */", f'"use strict";\n(() => {{\n{scripts}\n}})();')
    lines = (line.strip() for line in page.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("// ")) + "\n"
