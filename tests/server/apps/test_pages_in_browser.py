"""The pages of the archive in a real browser: nothing is fetched elsewhere, nothing scripts, everything fits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import chart_fixtures
import pytest
from chromium import Chromium
from http_server import Running, running

from zunda_mcp.library import Library

PAGES = ("/", "/?q=AI", "/?q=nothing+like+this+zzzz", "/topics", "/episodes", "/connect", "/episodes/2025-07-08-279",
         "/stories/2025-07-08-279/2", "/nowhere")  # fmt: skip

browser = chart_fixtures.browser


@pytest.fixture(scope="module")
def server(sample: Library) -> Iterator[Running]:
    with running(opener=lambda: sample) as found:
        yield found


class Visitor:
    """Somebody in front of the browser."""

    def __init__(self, browser: Chromium, server: Running) -> None:
        self.browser, self.root = browser, f"http://127.0.0.1:{server.port}"

    def open(self, address: str, *, width: int = 1280, scripts: bool = True, language: str = "en") -> None:
        call, page = self.browser.call, self.browser.page
        call("Network.setExtraHTTPHeaders", page, headers={"Accept-Language": language})
        call("Emulation.setScriptExecutionDisabled", page, value=not scripts)
        self.browser.open(self.root + address, width)

    def tree(self) -> list[tuple[str, str]]:
        """Role and name of everything that a screen reader reads."""
        nodes = self.browser.call("Accessibility.getFullAXTree", self.browser.page)["nodes"]
        shown = (node for node in nodes if not node["ignored"])
        return [(node["role"]["value"], str(node.get("name", {}).get("value", ""))) for node in shown if "role" in node]


@pytest.fixture
def visitor(browser: Chromium, server: Running) -> Iterator[Visitor]:
    """A visitor. Nothing that is opened may be fetched elsewhere, be blocked by the policy, or fail unseen."""
    browser.requested.clear()
    browser.logged.clear()
    visitor = Visitor(browser, server)
    yield visitor
    browser.call("Emulation.setScriptExecutionDisabled", browser.page, value=False)
    browser.call("Emulation.setEmulatedMedia", browser.page, features=[])
    assert [address for address in browser.requested if not address.startswith((visitor.root, "data:"))] == []
    assert [entry for entry in browser.logged if "404" not in entry] == []


_PLACE = "s => (r => [r.left + 5, r.top + r.height / 2])(document.querySelector(s).getBoundingClientRect())"


@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_fits_and_fetches_nothing_elsewhere(visitor: Visitor, width: int) -> None:
    for address in PAGES:
        visitor.open(address, width=width)
        wide = visitor.browser.run("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0, address


@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_a_field_is_for_can_be_read_in_it(visitor: Visitor, language: str) -> None:
    visitor.open("/?q=AI", language=language)
    assert visitor.browser.run(f"({_CUT})('#narrow input[placeholder]')") == []
    visitor.open("/", width=360, language=language)
    assert visitor.browser.run("getComputedStyle(q).textOverflow") == "ellipsis"


_CUT = """fields => [...document.querySelectorAll(fields)].filter(field => {
  const style = getComputedStyle(field), pen = new OffscreenCanvas(1, 1).getContext("2d");
  pen.font = style.font;
  const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return pen.measureText(field.placeholder).width > room;
}).map(field => field.placeholder)"""


def test_one_can_search_and_read_without_javascript(visitor: Visitor) -> None:
    visitor.open("/", scripts=False)
    run = visitor.browser.run
    run("document.querySelector('#q').value = 'TensorRT-LLM'; document.querySelector('#q').focus()")
    visitor.browser.key("Enter")
    visitor.browser.until("location.search.includes('TensorRT') && !!document.querySelector('.hit-list h3 a')")
    title = run("document.querySelector('.hit-list h3 a').textContent")
    across, down = run(f"({_PLACE})('.hit-list h3 a')")
    visitor.browser.point(across, down, click=True)
    visitor.browser.until("location.pathname.startsWith('/stories/') && !!document.querySelector('h1')")
    assert run("document.querySelector('h1').textContent") == title
    assert run("[...document.querySelectorAll('button[data-copy]')].every(button => button.hidden)")


def test_the_search_box_is_a_key_away_and_enter_asks(visitor: Visitor) -> None:
    visitor.open("/?q=AI")
    visitor.browser.key("/")
    assert visitor.browser.run("document.activeElement.id") == "q"
    visitor.browser.run("document.activeElement.value = 'MCP'")
    visitor.browser.key("Enter")
    visitor.browser.until("location.search === '?q=MCP' && document.readyState === 'complete'")


def test_the_first_tab_skips_to_the_content(visitor: Visitor) -> None:
    visitor.open("/?q=AI")
    visitor.browser.run("document.activeElement.blur()")
    visitor.browser.key("Tab")
    assert visitor.browser.run("document.activeElement.getAttribute('href')") == "#main"
    assert visitor.browser.run("document.activeElement.getBoundingClientRect().width") > 50


def test_a_screen_reader_finds_its_way(visitor: Visitor) -> None:
    visitor.open("/?q=AI")
    tree = visitor.tree()
    roles = {role for role, _ in tree}
    assert {"banner", "main", "contentinfo", "search", "navigation", "complementary"} <= roles
    assert ("searchbox", "Search the archive") in tree
    assert ("button", "Search") in tree
    assert any(role == "heading" and "episodes" in name for role, name in tree)
    assert [name for role, name in tree if role == "link" and not name] == []
    assert any(role == "link" and name.startswith("Jul 2025: ") for role, name in tree)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read_on_its_ground(visitor: Visitor, theme: str) -> None:
    features = [{"name": "prefers-color-scheme", "value": theme}]
    visitor.browser.call("Emulation.setEmulatedMedia", visitor.browser.page, features=features)
    visitor.open("/?q=AI")
    worst: list[Any] = visitor.browser.run(f"({_CONTRAST})()")
    assert worst[0] >= 4.5, worst  # WCAG 2.2, 1.4.3


_CONTRAST = """() => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const light = color => {
    const [r, g, b] = rgb(color).map(v => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if ((rgb(color)[3] ?? 1) > 0) return color;
    }
    return "rgb(255, 255, 255)";
  };
  let worst = [21, ""];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest("svg, datalist, .skip, .unseen")) continue;
    const [one, other] = [light(getComputedStyle(element).color), light(ground(element))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < worst[0]) worst = [ratio, walker.currentNode.data.slice(0, 40)];
  }
  return worst;
}"""


def test_a_moment_moves_the_player_of_the_page(visitor: Visitor, sample: Library) -> None:
    recorded = next(one.id for one in sample.episodes() if sample.episode(one.id).episode.audio_url)
    visitor.open(f"/episodes/{recorded}")
    visitor.browser.run(
        "{ const link = document.createElement('a'); link.dataset.second = '95'; link.href = '/'; link.id = 'moment';"
        "document.querySelector('main').append(link);"
        "const audio = document.querySelector('audio'); audio.play = () => { window.played = audio.currentTime; }; }"
    )
    visitor.browser.run("document.getElementById('moment').click()")
    assert visitor.browser.run("location.pathname") == f"/episodes/{recorded}"
    assert visitor.browser.run("'played' in window")


def test_what_is_copied_is_what_is_shown(visitor: Visitor) -> None:
    visitor.open("/connect")
    visitor.browser.call("Browser.grantPermissions", None, permissions=["clipboardReadWrite"], origin=visitor.root)
    visitor.browser.run("navigator.clipboard.writeText = async text => { window.copied = text; }")
    visitor.browser.run("document.querySelector('button[data-copy=endpoint]').click()")
    assert visitor.browser.until("window.copied") == f"{visitor.root}/mcp"
    assert json.loads(visitor.browser.run("document.getElementById('paste-json').textContent")) == {
        "mcpServers": {"zunda": {"url": f"{visitor.root}/mcp"}}
    }
