"""``make pictures``: the two pictures of the READMEs, taken anew in a headless Chromium, so that they stay true.

``question.png`` is a page of ours that looks like a client: the question, the call that answers it, and the citations,
all from the real answer of the server over the sample archive. ``timeline.png`` is the chart itself, in the closed
frame that a host gives it. Nothing is fetched.
"""

from __future__ import annotations

import html
import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "server" / "apps"))

import chromium  # noqa: E402  # the harness of the tests of the chart
from app_host import View, over  # noqa: E402

from zunda_mcp import Library  # noqa: E402
from zunda_mcp.server.dispatch import LazyArchive, respond  # noqa: E402

PAGE = Path(__file__).with_name("client_window.html")
PICTURES = ROOT / "docs" / "pictures"
QUESTION = "TensorRT-LLMを扱った放送回は？"
TOPIC = {"topic": "RAG", "by": "month"}
WIDTH = 860


def main() -> int:
    """Take both pictures; 1 where there is no browser."""
    program = chromium.found()
    if program is None:
        sys.stderr.write(f"no browser: put one of {', '.join(chromium.NAMES)} on the PATH\n")
        return 1
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        browser = chromium.Chromium(program, Path(folder) / "profile")
        try:
            with Library.open(ROOT / "episodes", index=Path(folder) / "index", embedder="none") as library:
                take_question(browser, library, Path(folder))
                take_timeline(browser, library)
        finally:
            browser.close()
    return 0


def take_question(browser: chromium.Chromium, library: Library, folder: Path) -> None:
    """The window of a client with one question, its call and its answer."""
    arguments = {"query": QUESTION, "limit": 3}
    reply = respond(LazyArchive(lambda: library), "search_episodes", arguments)
    assert not reply.refused, reply.text
    page = folder / "question.html"
    page.write_text(window(library, arguments, reply.text), encoding="utf-8")
    browser.open(page.as_uri(), WIDTH, 400)
    height = browser.run("document.documentElement.scrollHeight")
    browser.open(page.as_uri(), WIDTH, height)
    browser.picture(PICTURES / "question.png")


def window(library: Library, arguments: dict[str, object], text: str) -> str:
    """The page: what stands in it is the question, the call, the first lines of its text, and the hits."""
    result = library.search(QUESTION, limit=3)
    call = ", ".join(
        f'{name}="{value}"' if isinstance(value, str) else f"{name}={value}" for name, value in arguments.items()
    )
    hits = "".join(
        f"<li><a>{html.escape(hit.title)}</a><span>{html.escape(hit.episode_title)} · {hit.date}"
        f"</span>{quotation(hit.snippet)}</li>"
        for hit in result.hits
    )
    values = {
        "question": html.escape(QUESTION),
        "call": html.escape(f"search_episodes({call})"),
        "reply": html.escape("\n".join(text.splitlines()[:4])),
        "hits": hits,
        "reach": html.escape(text.splitlines()[-1]),
    }
    return re.sub(r"\{(\w+)\}", lambda match: values[match[1]], PAGE.read_text(encoding="utf-8"))


def quotation(snippet: str) -> str:
    """The quoted text, with the words that matched set off."""
    if not snippet:
        return ""
    marked = re.sub(r"[*]{2}(.+?)[*]{2}", r"<b>\1</b>", html.escape(snippet)).replace("**", "")
    return f"<q>{marked}</q>"


def take_timeline(browser: chromium.Chromium, library: Library) -> None:
    """The chart, as a host shows it."""
    result = over(library)("topic_timeline", TOPIC)
    view = View(browser, over(library)).show(result, width=WIDTH)
    height = browser.run("Math.ceil(document.getElementById('frame').getBoundingClientRect().bottom) + 12")
    browser.call("Emulation.setDeviceMetricsOverride", browser.page, width=WIDTH, height=height, deviceScaleFactor=1,
                 mobile=False)  # fmt: skip
    view.settled()
    browser.picture(PICTURES / "timeline.png")


if __name__ == "__main__":
    sys.exit(main())
