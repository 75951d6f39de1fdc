"""How an assistant is connected to the archive that this site shows: addresses to copy, links that open applications.

Sources: cursor.com/docs/mcp/install-links (Cursor), code.visualstudio.com/api/extension-guides/ai/mcp (VS Code),
lmstudio.ai/docs/app/mcp/deeplink (LM Studio); the commands are those of ``claude``, ``codex``, ``gemini`` and ``code``.
"""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

from zunda_mcp.server.web.elements import AppLink, Markup, element
from zunda_mcp.server.web.layout import document
from zunda_mcp.server.web.site_links import Site

__all__ = ["address_box", "connect_page"]

_NAME = "zunda"
_EXAMPLES = {
    "en": ("What did the show say about TensorRT-LLM?", "When was MCP first mentioned, and how often since?"),
    "ja": ("番組ではTensorRT-LLMについて何と言っていた?", "MCPが最初に取り上げられたのはいつ? その後どのくらい?"),
}


def connect_page(site: Site) -> str:
    """Each client that takes an address, with what to paste where."""
    phrases = site.phrases
    configuration: dict[str, Any] = {"url": site.endpoint}
    header = ""
    if site.guarded:
        configuration["headers"] = {"Authorization": "Bearer TOKEN"}
        header = ' --header "Authorization: Bearer TOKEN"'
    encoded = quote(base64.b64encode(json.dumps(configuration).encode()).decode(), safe="")
    code = {"name": _NAME, "type": "http", **configuration}
    applications = (
        ("Cursor", f"cursor://anysphere.cursor-deeplink/mcp/install?name={_NAME}&config={encoded}"),
        ("VS Code", f"vscode:mcp/install?{quote(json.dumps(code), safe='')}"),
        ("LM Studio", f"lmstudio://add_mcp?name={_NAME}&config={encoded}"),
    )
    commands = [
        ("Claude Code", f"claude mcp add --transport http {_NAME} {site.endpoint}{header}"),
        ("Codex", f"codex mcp add {_NAME} --url {site.endpoint}" + (" --bearer-token-env-var TOKEN" * site.guarded)),
        ("Gemini CLI", f"gemini mcp add --transport http {_NAME} {site.endpoint}{header}"),
        ("VS Code", f"code --add-mcp '{json.dumps(code)}'"),
    ]
    whole = json.dumps({"mcpServers": {_NAME: configuration}}, indent=2)
    body = [
        element("h1", phrases.connect),
        element("p", phrases.connect_intro, class_="lead"),
        element("h2", phrases.endpoint),
        address_box(site),
        element("p", phrases.key_needed) if site.guarded else None,
        element("h2", phrases.one_click),
        element(
            "ul",
            (element("li", element("a", name, href=AppLink(address))) for name, address in applications),
            class_="chips",
        ),
        element("h2", phrases.commands),
        [_pasted(site, f"paste-{place}", name, text) for place, (name, text) in enumerate(commands)],
        element("h2", phrases.hosted),
        element("p", phrases.hosted_how),
        element("h2", phrases.any_client),
        _pasted(site, "paste-json", None, whole),
        element("h2", phrases.ask_for),
        element("ul", (element("li", example) for example in _EXAMPLES[phrases.language])),
    ]
    return document(site, phrases.connect, body, current="connect")


def address_box(site: Site) -> Markup:
    """The address of the MCP server, to be copied."""
    return _pasted(site, "endpoint", None, site.endpoint)


def _pasted(site: Site, name: str, label: str | None, text: str) -> Markup:
    return element(
        "div",
        element("h3", label) if label else None,
        element("pre", element("code", text), id=name, tabindex=0),
        element("button", site.phrases.copy, type="button", hidden=True, data_copy=name, data_done=site.phrases.copied),
        class_="pasted",
    )
