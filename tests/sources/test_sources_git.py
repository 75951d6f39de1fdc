"""Repositories that are added and synced, with the real git and real repositories on disk."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from zunda_mcp import sources
from zunda_mcp.errors import FetchError
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive
from zunda_mcp.sources import git as module
from zunda_mcp.sources.git import checked, clone, is_repository_address, pull

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git on this machine")

POST = "---\ntitle: 回 {n}\ndate: 2031-01-{n:02} 05:00:00 +0900\n---\n\n- [話 {n}](https://a.example/{n})\n\n要点。\n"
CONFIG = (
    "title: Show\nurl: https://show.example\npermalink: /episode/:title\ntimezone: Asia/Tokyo\nexclude: [_posts.bak]\n"
)


def git(*arguments: str | Path, at: Path) -> str:
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(at)}
    identity = ("-c", "user.name=n", "-c", "user.email=e@x.example", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", *identity, *map(str, arguments)],
        cwd=at,
        env=os.environ | own,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    return done.stdout


@pytest.fixture(name="state")
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data folder."""
    folder = tmp_path / "state"
    monkeypatch.setenv("ZUNDA_MCP_STATE", str(folder))
    return folder


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A show's repository with a published post, one put aside, a recording and a link to a private file."""
    folder = tmp_path / "work"
    (folder / "_posts").mkdir(parents=True)
    (folder / "_posts.bak").mkdir()
    (folder / "_config.yml").write_text(CONFIG, encoding="utf-8")
    for at, n in (("_posts", 2), ("_posts.bak", 1)):
        (folder / at / f"2031-01-{n:02}-{n}.md").write_text(POST.format(n=n), encoding="utf-8")
    (folder / "audio.mp3").write_bytes(b"\0" * 1000)
    (tmp_path / "secret.md").write_text(POST.format(n=9), encoding="utf-8")
    (folder / "_posts" / "2031-01-09-9.md").symlink_to(tmp_path / "secret.md")
    git("init", "-q", "-b", "master", at=folder)
    commit(folder)
    return folder


@pytest.fixture
def bare(work: Path) -> Path:
    """The repository that others clone."""
    folder = work.with_name("show.git")
    git("clone", "-q", "--bare", work, folder, at=work)
    git("remote", "add", "origin", folder, at=work)
    return folder


def commit(folder: Path) -> None:
    git("add", "-A", at=folder)
    git("commit", "-q", "-m", "more", at=folder)


def push(work: Path) -> None:
    commit(work)
    git("push", "-q", "--force", "origin", "HEAD", at=work)


def test_a_repository_is_cloned_and_both_folders_are_read_with_their_addresses(bare: Path, state: Path) -> None:
    added = sources.add(str(bare))
    assert (added.source.name, added.source.kind) == ("show", "git")
    (folder,) = sources.source_paths("show")
    git("remote", "set-url", "origin", "https://github.com/owner/show.git", at=folder)
    episodes, problems = read_archive(ArchiveReader([folder]))
    assert [(episode.id, episode.page_url, episode.page_kind) for episode in episodes] == [
        ("2031-01-01-1", "https://github.com/owner/show/blob/master/_posts.bak/2031-01-01-1.md", "file"),
        ("2031-01-02-2", "https://show.example/episode/2", "page"),
    ]
    assert problems == []


def test_links_are_not_made_and_recordings_stay_away(bare: Path, state: Path) -> None:
    sources.add(str(bare), "show")
    (folder,) = sources.source_paths("show")
    assert not os.path.lexists(folder / "_posts" / "2031-01-09-9.md")
    assert (folder / "_posts" / "2031-01-02-2.md").is_file()
    assert not (folder / "audio.mp3").exists()


def test_sync_takes_what_is_new_and_says_how_much(work: Path, bare: Path, state: Path) -> None:
    sources.add(bare.as_uri(), "show")
    assert [done.outcome for done in sources.sync()] == ["unchanged"]
    (work / "_posts" / "2031-01-03-3.md").write_text(POST.format(n=3), encoding="utf-8")
    (work / "_posts" / "2031-01-02-2.md").write_text(POST.format(n=4), encoding="utf-8")
    (work / "_posts.bak" / "2031-01-01-1.md").unlink()
    push(work)
    (folder,) = sources.source_paths("show")
    (folder / "_config.yml").write_text("broken: [", encoding="utf-8")
    (done,) = sources.sync()
    assert (done.outcome, done.added, done.changed, done.removed) == ("changed", 1, 1, 1)
    assert (folder / "_config.yml").read_text(encoding="utf-8") == CONFIG
    assert (folder / "_posts" / "2031-01-03-3.md").is_file()
    assert not (folder / "_posts.bak" / "2031-01-01-1.md").exists()


def test_a_history_that_was_rewritten_and_a_branch_that_was_renamed_are_followed(
    work: Path, bare: Path, state: Path
) -> None:
    sources.add(bare.as_uri(), "show")
    (folder,) = sources.source_paths("show")
    git("checkout", "-q", "--orphan", "main", at=work)
    (work / "_posts" / "2031-01-03-3.md").write_text(POST.format(n=3), encoding="utf-8")
    push(work)
    git("symbolic-ref", "HEAD", "refs/heads/main", at=bare)
    assert sources.sync()[0].outcome == "changed"
    assert (folder / ".git" / "HEAD").read_text(encoding="utf-8").strip() == "ref: refs/heads/main"


def test_a_clone_is_shallow(work: Path, bare: Path, tmp_path: Path) -> None:
    (work / "more.md").write_text("x", encoding="utf-8")
    push(work)
    clone(bare.as_uri(), tmp_path / "clone")
    assert git("rev-list", "--count", "HEAD", at=tmp_path / "clone").strip() == "1"


def test_nothing_that_comes_with_a_repository_or_its_templates_runs(work: Path, bare: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    (work / ".gitattributes").write_text("*.md filter=lfs\n", encoding="utf-8")
    (work / ".lfsconfig").write_text("[lfs]\n\turl = file:///nowhere\n", encoding="utf-8")
    (work / ".gitmodules").write_text('[submodule "x"]\n\tpath = x\n\turl = ext::sh -c touch% x\n', encoding="utf-8")
    push(work)
    folder = tmp_path / "clone"
    clone(bare.as_uri(), folder)
    hooks = folder / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-checkout", "post-merge", "reference-transaction"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {ran}\n", encoding="utf-8")
        (hooks / name).chmod(0o755)
    (work / "new.md").write_text("x", encoding="utf-8")
    push(work)
    assert pull(folder).added == 1
    assert not ran.exists()


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's home, whose configuration has filters, a textconv, hooks and a watcher that leave a trace, ``ran``."""
    home = tmp_path / "home"
    (home / "hooks").mkdir(parents=True)
    trace = home / "trace"
    trace.write_text(f"#!/bin/sh\necho {'$0'} >> {home / 'ran'}\ncat\n", encoding="utf-8")
    trace.chmod(0o755)
    for name in ("post-checkout", "post-index-change", "reference-transaction"):
        (home / "hooks" / name).symlink_to(trace)
    (home / "attributes").write_text("* filter=own\n", encoding="utf-8")
    (home / ".gitconfig").write_text(
        f"""
[core]
\thooksPath = {home / "hooks"}
\tattributesFile = {home / "attributes"}
\tfsmonitor = {trace}
\tautocrlf = true
[filter "own"]
\tsmudge = {trace}
\tclean = {trace}
\trequired = true
[filter "long"]
\tprocess = {trace}
\trequired = true
[diff "own"]
\ttextconv = {trace}
\tcommand = {trace}
[credential "https://a.example"]
\thelper = {trace}
[http]
\tproxy = http://proxy.example:3128
\tfollowRedirects = true
\textraHeader = X-Secret: 1
""",
        encoding="utf-8",
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return home


@pytest.mark.skipif(os.name == "nt", reason="the programs are shell scripts")
@pytest.mark.parametrize("attributes", ["* filter=own diff=own", "*.md filter=long", "[attr]m filter=own\n* m", ""])
def test_no_program_of_the_users_configuration_runs_for_a_repository(
    work: Path, bare: Path, tmp_path: Path, user: Path, attributes: str
) -> None:
    (work / ".gitattributes").write_text(f"{attributes}\n", encoding="utf-8")
    (work / "_posts" / ".gitattributes").write_text(f"{attributes}\n".replace("[attr]m filter=own\n* m", ""), "utf-8")
    push(work)
    folder = tmp_path / "clone"
    clone(bare.as_uri(), folder)
    (work / "new.md").write_bytes(b"\xe3\x82\x9a\r\n")
    (work / "_posts" / "2031-01-02-2.md").write_text(POST.format(n=4), encoding="utf-8")
    push(work)
    assert pull(folder).added == 1
    assert (folder / "new.md").read_bytes() == b"\xe3\x82\x9a\r\n"
    assert (folder / "_posts" / "2031-01-02-2.md").read_bytes() == POST.format(n=4).encode()
    assert not (user / "ran").exists()


def test_of_the_users_configuration_what_reaches_a_server_is_kept(user: Path) -> None:
    program = shutil.which("git")
    assert program
    kept = module._kept_settings(program, str(user))
    assert {kept[f"GIT_CONFIG_KEY_{n}"] for n in range(int(kept["GIT_CONFIG_COUNT"]))} >= {
        "credential.https://a.example.helper",
        "http.proxy",
    }
    shown = subprocess.run(
        [program, "config", "--list"],
        env={**module._environment(), **kept},
        cwd=user,
        check=True,
        capture_output=True,
        encoding="utf-8",
    ).stdout
    assert "http.proxy=http://proxy.example:3128" in shown
    for name in ("filter.", "diff.", "core.hookspath", "core.fsmonitor", "extraheader", "followredirects"):
        assert name not in shown.lower()


def test_a_repository_that_is_not_there_is_said_and_leaves_nothing(tmp_path: Path, state: Path) -> None:
    with pytest.raises(FetchError, match="git cannot fetch"):
        sources.add((tmp_path / "none.git").as_uri(), "show")
    assert sources.listed() == []
    assert list((state / "sources").glob("**/.show*")) == []


def test_an_empty_repository_is_said(tmp_path: Path, state: Path) -> None:
    (tmp_path / "empty").mkdir()
    git("init", "-q", "--bare", at=tmp_path / "empty")
    with pytest.raises(FetchError, match="empty repository"):
        sources.add(str(tmp_path / "empty"), "show")


def test_a_clone_that_lost_its_repository_stays_and_says_why(bare: Path, state: Path) -> None:
    sources.add(bare.as_uri(), "show")
    shutil.rmtree(bare)
    (done,) = sources.sync()
    assert done.outcome == "failed"
    assert "git cannot fetch" in (done.cause or "")
    assert len(read_archive(ArchiveReader(sources.source_paths("show")))[0]) == 2


def test_no_git_is_said(bare: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(FetchError, match="no git on this machine"):
        sources.add(bare.as_uri(), "show")


@pytest.mark.parametrize(
    "url",
    [
        "--upload-pack=touch x", "-oProxyCommand=x", "ext::sh -c x", "fd::7", "git://a.example/x.git", "ssh://-oProxy=x/y",
        "git@-oProxy:x", "git@host:-x", "ftp://a.example/x.git", "https://a.example/x\n.git",
    ],
)  # fmt: skip
def test_addresses_that_are_options_or_programs_are_refused(url: str) -> None:
    with pytest.raises(FetchError, match="not a repository that can be cloned"):
        checked(url)


def test_repositories_are_known_by_their_addresses() -> None:
    for url in ("https://a.example/x.git", "git@github.com:o/r.git", "ssh://git@h/x", "https://github.com/o/r"):
        assert is_repository_address(url)
    for url in ("https://github.com/o/r/releases.atom", "https://a.example/feed", "https://github.com/o", "x"):
        assert not is_repository_address(url)


def test_git_over_http_goes_to_no_private_address_unless_named(bare: Path, tmp_path: Path) -> None:
    git("update-server-info", at=bare)

    class Quiet(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments, directory=str(bare.parent))  # type: ignore[arg-type]

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            asked.append(self.path)

    asked: list[str] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}/show.git"
        with pytest.raises(FetchError, match="not asked"):
            clone(url, tmp_path / "clone")
        assert asked == []
        with pytest.raises(FetchError, match="git cannot fetch"):  # a server of plain files cannot serve it shallow
            clone(url, tmp_path / "clone", private_hosts=["127.0.0.1"])
        assert asked
        server.shutdown()
        thread.join()
