"""``add``, ``sync``, ``sources`` and ``remove`` for real: processes, a data folder, a server on loopback."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cli_samples import ESCAPES, run

FEED = (
    '<rss version="2.0"><channel><title>Bean Talk</title>'
    "<item><title>One</title><guid>1</guid></item>{more}</channel></rss>"
)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        pass


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the address at which a server serves it."""
    folder = tmp_path / "web"
    folder.mkdir()
    (folder / "feed.xml").write_text(FEED.format(more=""), encoding="utf-8")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_feed_is_added_synced_listed_and_removed(web: tuple[Path, str], tmp_path: Path) -> None:
    folder, url = web
    added = run(tmp_path, "add", f"{url}/feed.xml")
    assert (added.returncode, added.stderr) == (0, "")
    assert "added bean-talk: Bean Talk" in added.stdout
    assert "feed, 1 item, from" in added.stdout
    assert "was added before" in run(tmp_path, "add", f"{url}/feed.xml").stdout
    assert run(tmp_path, "sync").stdout == "bean-talk: unchanged\n"
    (folder / "feed.xml").write_text(
        FEED.format(more="<item><guid>2</guid><title>Two</title></item>"), encoding="utf-8"
    )
    later = time.time() + 10  # the server tells times in seconds: one more than that must have passed
    os.utime(folder / "feed.xml", (later, later))
    assert run(tmp_path, "sync", "bean-talk").stdout == "bean-talk: changed (1 item new)\n"
    listed = run(tmp_path, "sources").stdout
    assert "bean-talk: Bean Talk" in listed
    assert "feed, 2 items, fetched 20" in listed
    assert run(tmp_path, "remove", "bean-talk").stdout.startswith("removed bean-talk (http")
    nothing = run(tmp_path, "sources")
    assert (nothing.returncode, nothing.stdout) == (1, "No sources yet. Add one: zunda-mcp add ADDRESS\n")


def test_json_says_the_same(web: tuple[Path, str], tmp_path: Path) -> None:
    folder, url = web
    added = json.loads(run(tmp_path, "add", f"{url}/feed.xml", "--name", "豆", "--json").stdout)
    assert (added["source"]["name"], added["synced"]["outcome"], added["existing"]) == ("豆", "new", False)
    (folder / "feed.xml").unlink()
    done = run(tmp_path, "sync", "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["failed"], report["sources"][0]["outcome"]) == (3, 1, "failed")
    assert "404" in report["sources"][0]["cause"]
    assert json.loads(run(tmp_path, "sources", "--json").stdout)["sources"][0]["error"] == report["sources"][0]["cause"]


def test_faults_are_one_sentence_with_an_exit_code(web: tuple[Path, str], tmp_path: Path) -> None:
    _, url = web
    for code, *arguments in (
        (3, "add", f"{url}/none"), (2, "add", "no-such-file"), (2, "add"), (1, "remove", "nobody"),
        (1, "sync", "nobody"),
        (2, "add", "http://a.example/", "--kind", "blog"), (2, "sources", "word"),
    ):  # fmt: skip
        done = run(tmp_path, *map(str, arguments))
        assert (done.returncode, done.stdout) == (code, ""), arguments
        assert done.stderr.startswith("zunda-mcp: ")
        assert done.stderr.count("\n") == 1


def test_a_title_cannot_repaint_the_terminal(web: tuple[Path, str], tmp_path: Path) -> None:
    folder, url = web
    title = ESCAPES.replace("\x1b", "").replace("\x07", "")
    (folder / "feed.xml").write_text(FEED.replace("Bean Talk", f"x{title}y").format(more=""), encoding="utf-8")
    out = run(tmp_path, "add", f"{url}/feed.xml").stdout + run(tmp_path, "sources").stdout
    assert not set("\x9b\u202e") & set(out)


def test_an_episode_folder_is_read_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "show").mkdir()
    assert "No episode was understood" in run(tmp_path, "add", "show").stderr
    (tmp_path / "show" / "2031-01-01.md").write_text("---\ntitle: Beans\n---\nText.\n", encoding="utf-8")
    assert "folder, read where it is:" in run(tmp_path, "add", "show").stdout
    assert run(tmp_path, "sync").stdout == "show: unchanged\n"
