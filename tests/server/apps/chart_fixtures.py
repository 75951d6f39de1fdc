"""What the tests of the chart share: one browser for each file of them, and a chart that is watched."""

from __future__ import annotations

from collections.abc import Iterator

import chromium
import pytest
from app_host import View, over
from chromium import Chromium

from conftest import SAMPLE, library_over
from zunda_mcp.library import Library


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The sample archive without what says in each episode that it is one of zunda-mcp, so that MCP is what a few
    stories are about.
    """
    folder = tmp_path_factory.mktemp("shown")
    for path in [*SAMPLE.glob("*.md"), SAMPLE / "zunda-mcp.toml"]:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".md":
            text = text.replace("zunda-mcp の見本", "見本").replace("zundaMcpSample", "sample")
        (folder / path.name).write_text(text, encoding="utf-8")
    with library_over(folder, tmp_path_factory.mktemp("index")) as library:
        library.refresh()
        yield library


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """One browser for all tests of this file."""
    program = chromium.found()
    if program is None:
        pytest.skip(f"no browser to test the chart in: none of {', '.join(chromium.NAMES)} is on the PATH")
    started = Chromium(program, tmp_path_factory.mktemp("profile"))
    yield started
    started.close()


@pytest.fixture
def view(browser: Chromium, sample: Library) -> Iterator[View]:
    """The chart over the sample archive. Nothing it does may go to the network, be blocked, or fail unseen."""
    browser.requested.clear()
    browser.logged.clear()
    yield View(browser, over(sample))
    assert all(address.startswith(("file:", "about:")) for address in browser.requested)
    assert browser.logged == []
