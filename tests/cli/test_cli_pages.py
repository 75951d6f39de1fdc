"""``open`` serves the pages and shows them in a browser, ``export`` writes them."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

import preloaded
import pytest
from cli_samples import environment, run, write_archive

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a browser is a shell script here")

BROWSER = """#!/bin/sh
{python} -c 'import sys, time, urllib.error, urllib.request as web
for _ in range(120):
    try:
        page = web.build_opener(web.ProxyHandler({{}})).open(sys.argv[1]).read()
        break
    except urllib.error.HTTPError:  # the archive is still being read
        time.sleep(0.5)
open("page.part", "wb").write(sys.argv[1].encode() + b"\\n" + page)' "$1" && mv page.part page.html
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_archive(tmp_path / "posts")
    return tmp_path


def test_open_shows_the_words_that_were_typed_in_a_browser(home: Path) -> None:
    browser = home / "browser"
    browser.write_text(BROWSER.format(python=sys.executable), encoding="utf-8")
    browser.chmod(0o755)
    command = ["open", "枝豆", "--episodes", "posts", "--http", "127.0.0.1:0"]
    opened = preloaded.start(command, env={**environment(home), "BROWSER": str(browser)}, cwd=home)
    try:
        assert opened.stderr is not None
        assert b"serving" in opened.stderr.readline()
        while not (home / "page.html").exists():
            assert opened.poll() is None
            time.sleep(0.05)
    finally:
        opened.send_signal(signal.SIGINT)
        opened.communicate(timeout=60)
    address, _, page = (home / "page.html").read_text(encoding="utf-8").partition("\n")
    assert address.startswith("http://127.0.0.1:")
    assert address.endswith("/?q=%E6%9E%9D%E8%B1%86")
    assert "枝豆の育て方" in page


def test_export_writes_pages_that_lead_to_each_other(home: Path) -> None:
    done = run(home, "export", "site", "--episodes", "posts", "--language", "ja")
    assert (done.returncode, done.stderr) == (0, "")
    assert "site/index.html" in done.stdout
    text = (home / "site" / "index.html").read_text(encoding="utf-8")
    assert '<html lang="ja">' in text
    assert "episodes/" in text


def test_an_address_to_search_at_is_one_of_the_web(home: Path) -> None:
    done = run(home, "export", "site", "--episodes", "posts", "--search-at", "zunda.example.org")
    assert done.returncode == 2
    assert "https://zunda.example.org" in done.stderr
