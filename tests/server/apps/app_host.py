"""A host of MCP Apps: shows an app in a closed frame, hands it real answers, and passes its calls to the server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chromium import Chromium

from zunda_mcp.library import Library
from zunda_mcp.server.dispatch import LazyArchive, Reply, respond
from zunda_mcp.server.timeline_app import TIMELINE_URI, read_app

PAGE = Path(__file__).with_name("app_host.html")
CSP = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src 'none'; "
    "frame-src 'none'; object-src 'none'; base-uri 'none'"
)
"""What the specification has a host enforce for an app that names no domain, without its 'self'."""

Answering = Callable[[str, dict[str, Any]], dict[str, Any]]


def app() -> str:
    """The chart as a client reads it, with the rules of a host in its head."""
    found = read_app(TIMELINE_URI)
    assert found is not None
    page: str = found["contents"][0]["text"]
    return page.replace("<head>", f'<head><meta http-equiv="Content-Security-Policy" content="{CSP}">', 1)


def as_result(reply: Reply) -> dict[str, Any]:
    """A reply of the server as the result of ``tools/call``."""
    result: dict[str, Any] = {"content": [{"type": "text", "text": reply.text}], "isError": reply.refused}
    return result if reply.data is None else {**result, "structuredContent": reply.data}


def over(library: Any) -> Answering:
    """A server over a library, as the host asks it."""
    opening = LazyArchive(lambda: library)
    return lambda name, arguments: as_result(respond(opening, name, arguments))


def answer(library: Library, **arguments: Any) -> dict[str, Any]:
    """The result of topic_timeline, as the server gives it."""
    result = over(library)("topic_timeline", {"topic": "MCP", **arguments})
    assert not result["isError"]
    return result


class View:
    """The chart in a frame of a host. ``asked`` are the calls it made of the server."""

    def __init__(self, browser: Chromium, answering: Answering | None = None) -> None:
        self.browser = browser
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._answering = answering
        browser.bound = self.answer

    def show(
        self, result: dict[str, Any] | None, *, width: int = 720, wait: str = "drawn",
        abilities: dict[str, Any] | None = None, context: dict[str, Any] | None = None,
        first: list[tuple[str, dict[str, Any]]] | None = None, refuse: dict[str, str] | None = None,
    ) -> View:  # fmt: skip
        """Open the app with a result, in a host of these abilities, and wait until it has taken it in."""
        self.browser.open(PAGE.as_uri(), width, height=3000)  # nothing needs scrolling
        self.browser.call("Runtime.addBinding", self.browser.page, name="askServer")
        usual: dict[str, Any] = {"serverTools": {}, "openLinks": {}}
        plan = {
            "abilities": usual if abilities is None else abilities,
            "context": {"locale": "en-GB", "theme": "light"} if context is None else context,
            "first": first or [],
            "refuse": refuse or {},
        }
        said = ", ".join(json.dumps(each) for each in (app(), result, plan))
        self.browser.run(f"host.start({said})")
        self.browser.until("host.of('ui/notifications/size-changed').length")
        self.until(f"!document.getElementById('{wait}').hidden")
        self.settled()
        return self

    def settled(self) -> None:
        """Wait until the frame is as high as the page in it."""
        self.until("Math.abs(innerHeight - document.documentElement.getBoundingClientRect().height) < 2")
        for run in (self.run, self.browser.run):  # what is pointed at is looked up in what was drawn
            run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def run(self, expression: str) -> Any:
        """The value of an expression in the frame."""
        return self.browser.run(expression, self.browser.frames[-1])

    def until(self, expression: str) -> Any:
        """Wait until an expression in the frame is true."""
        return self.browser.until(expression, self.browser.frames[-1])

    def said(self, method: str) -> list[dict[str, Any]]:
        """The parameters of all messages of a method that the view sent."""
        messages: list[dict[str, Any]] = self.browser.run(f"host.of({json.dumps(method)})")
        return [message["params"] for message in messages]

    def notify(self, method: str, **params: Any) -> None:
        """Tell the view something."""
        self.browser.run(f"host.notify({json.dumps(method)}, {json.dumps(params)})")

    def text(self, selector: str) -> str:
        """The text of the first element."""
        found: str = self.run(f"document.querySelector({json.dumps(selector)}).textContent")
        return found

    def texts(self, selector: str) -> list[str]:
        """The texts of all elements."""
        found: list[str] = self.run(f"[...document.querySelectorAll({json.dumps(selector)})].map(e => e.textContent)")
        return found

    def spoken(self) -> list[str]:
        """What a screen reader says to each bar."""
        found: list[str] = self.run("[...document.querySelectorAll('#plot [role=option]')].map(e => e.ariaLabel)")
        return found

    def point(self, selector: str, click: bool = False) -> None:
        """Point at the middle of an element, and click it."""
        self.settled()
        outer = self.browser.run("(({x, y}) => [x, y])(document.getElementById('frame').getBoundingClientRect())")
        inner = self.run(
            f"(r => [(r.left + r.right) / 2, (r.top + r.bottom) / 2])"
            f"(document.querySelector({json.dumps(selector)}).getBoundingClientRect())"
        )
        self.browser.point(outer[0] + 1 + inner[0], outer[1] + 1 + inner[1], click)

    def answer(self, payload: str) -> None:
        """Pass a call of the view to the server, and the answer back."""
        request = json.loads(payload)
        self.asked.append((request["name"], request["arguments"]))
        if self._answering is None:
            return
        answer = {"id": request["id"], "result": self._answering(request["name"], request["arguments"])}
        self.browser.run(f"host.send({json.dumps(answer)})")
