"""Apps: what a client that can show pages puts beside an answer.

An app is one page of HTML that holds everything it needs. The client reads it as a resource, shows it in a closed
frame and hands it the answer of the tool that names it; clients that cannot do this never notice. The parts of a page
lie in a folder of their own and are put together when the page is first read.

Formats: MCP Apps, SEP-1865, specification 2026-01-26 (``io.modelcontextprotocol/ui``). Everything here is the JSON
of the protocol, in plain dicts.
"""

from __future__ import annotations

from functools import cache
from typing import Any

__all__ = ["EXTENSION", "MIME", "TIMELINE_URI", "TOOL_META", "list_apps", "read_app"]

EXTENSION = "io.modelcontextprotocol/ui"
"""The name of the extension in the capabilities of a client, and of a server that has apps."""

MIME = "text/html;profile=mcp-app"
"""The type of every app; hosts show no other."""

TIMELINE_URI = "ui://zunda-mcp/timeline"
"""The chart of ``topic_timeline``."""

TOOL_META: dict[str, Any] = {"ui": {"resourceUri": TIMELINE_URI}, "ui/resourceUri": TIMELINE_URI}
"""The ``_meta`` of ``topic_timeline``; hosts from before the specification was stable look for the second key."""

_CLOSED: dict[str, list[str]] = {
    "connectDomains": [], "resourceDomains": [], "frameDomains": [], "baseUriDomains": []
}  # fmt: skip
_META: dict[str, Any] = {"ui": {"csp": _CLOSED, "prefersBorder": True}}
_SCRIPTS = ("words", "answer", "view", "bars", "asking", "host")


def list_apps() -> list[dict[str, Any]]:
    """The apps as ``resources/list`` shows them."""
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
    """The result of ``resources/read`` for an app, None if the address is none of an app."""
    if uri != TIMELINE_URI:
        return None
    return {"contents": [{"uri": uri, "mimeType": MIME, "text": _page(), "_meta": _META}]}


@cache
def _page() -> str:
    """The whole page: its style and scripts in their places, without indentation and comment lines."""
    from importlib.resources import files  # start-up

    folder = files(__name__) / "parts"
    scripts = "\n".join((folder / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS)
    page = (folder / "page.html").read_text(encoding="utf-8")
    page = page.replace("/* style */", (folder / "style.css").read_text(encoding="utf-8"))
    page = page.replace("/* script */", f'"use strict";\n(() => {{\n{scripts}\n}})();')
    lines = (line.strip() for line in page.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("// ")) + "\n"
