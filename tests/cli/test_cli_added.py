"""What was added is asked by its name: feeds, lists of feeds, files, folders and repositories, in real processes."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from cli_samples import run, write_archive
from test_cli_sources import web  # noqa: F401 - a fixture

FIELD = "畑はとても広くて、見わたすかぎり緑の葉がゆれているのだ。"
VTT = "WEBVTT\n\n" + "\n\n".join(
    f"00:{n // 6:02}:{n % 6}0.000 --> 00:{n // 6:02}:{n % 6}9.000\n<v ずんだもん>{n}番目の文です。{FIELD}"
    + ("きなこ工場の見学もしたのだ。" if n == 42 else "")
    for n in range(80)
)


def feed(title: str = "豆ラジオ", language: str = "ja-JP") -> str:
    items = "".join(
        f"<item><title>第{n}回 豆の話</title><link>https://mame.example/{n}</link><guid>m{n}</guid>"
        f"<pubDate>0{n} Jan 2031 07:00:00 +0900</pubDate>"
        f"<enclosure url='https://cdn.example/{n}.mp3' type='audio/mpeg'/>"
        f"<podcast:transcript url='/t{n}.vtt' type='text/vtt'/><content:encoded><![CDATA[<p>今日の話題</p><ul>"
        f"<li><a href='https://a.example/{n}'>大豆の収穫 {n}</a></li>"
        f"<li><a href='https://b.example/{n}'>納豆の日 {n}</a></li>"
        "</ul>]]></content:encoded></item>"
        for n in (1, 2, 3)
    )
    return (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        f'xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel><title>{title}</title>'
        f"<link>https://mame.example/</link><language>{language}</language>{items}</channel></rss>"
    )


@pytest.fixture
def show(web: tuple[Path, str]) -> str:  # noqa: F811 - the fixture
    """The address of a feed with two transcripts of three."""
    folder, url = web
    (folder / "mame.xml").write_text(feed(), encoding="utf-8")
    for n in (1, 2):
        (folder / f"t{n}.vtt").write_text(VTT if n == 2 else VTT.replace("きなこ工場の見学も", ""), encoding="utf-8")
    return f"{url}/mame.xml"


def test_a_feed_is_asked_by_its_name_as_the_hint_says(show: str, tmp_path: Path) -> None:
    added = run(tmp_path, "add", show, "--name", "mame").stdout
    assert "feed, 3 items, 2 transcripts, from" in added
    assert "A transcript could not be fetched" in added
    assert "/t3.vtt answers 404" in added
    hint = shlex.split(next(line for line in added.split("\n") if line.startswith("next: ")).removeprefix("next: "))
    assert hint[:2] == ["zunda-mcp", "search"]
    everything = run(tmp_path, *hint[1:])
    assert (everything.returncode, everything.stderr) == (0, "")
    assert "stories in 3 episodes" in everything.stdout
    found = json.loads(run(tmp_path, "search", "きなこ工場", *hint[2:], "--json").stdout)
    (hit,) = found["hits"]
    assert hit["episode_id"] == "2031-01-02-2"
    assert 180 <= hit["start"] <= 420
    assert hit["listen_url"] == f"https://cdn.example/2.mp3#t={int(hit['start'])}"
    assert "きなこ工場" in hit["snippet"]
    page = run(tmp_path, "show", "2031-01-02-2", *hint[2:]).stdout
    assert "Page: https://mame.example/2" in page


def test_a_source_is_named_by_the_title_that_add_showed(web: tuple[Path, str], tmp_path: Path) -> None:  # noqa: F811
    (web[0] / "beans.xml").write_text(feed("Bean Radio"), encoding="utf-8")
    assert run(tmp_path, "add", f"{web[1]}/beans.xml").stdout.startswith("added bean-radio: Bean Radio\n")
    assert run(tmp_path, "use", "Bean Radio").stdout.startswith("using bean-radio\n")
    assert run(tmp_path, "remove", "BEAN radio").stdout.startswith("removed bean-radio ")


def test_an_archive_has_the_feeds_title_language_and_zone_unless_the_user_says_otherwise(
    show: str, tmp_path: Path
) -> None:
    run(tmp_path, "add", show, "--name", "mame")
    source = json.loads(run(tmp_path, "sources", "--json").stdout)["sources"][0]
    assert (source["title"], source["language"], source["timezone"]) == ("豆ラジオ", "ja-JP", "Asia/Tokyo")
    assert "Archive 豆ラジオ:" in run(tmp_path, "search", "大豆", "--archive", "mame").stdout
    assert "Archive Mine:" in run(tmp_path, "search", "大豆", "--archive", "mame", ZUNDA_MCP_NAME="Mine").stdout
    write_archive(tmp_path / "posts")
    both = run(tmp_path, "search", "大豆", "--archive", "mame", "--archive", "posts=posts").stdout
    assert "mame:2031-01-03-3#1" in both


def test_the_doctor_says_how_it_is_split_and_what_a_source_failed_with(show: str, tmp_path: Path) -> None:
    run(tmp_path, "add", show, "--name", "mame")
    well = run(tmp_path, "doctor", "--archive", "mame").stdout
    assert "· split      豆ラジオ: list-items. 3 of 3 items looked at are lists" in well
    assert "✓ source     mame: http" in well
    assert "last fetched 20" in well
    assert "· handshake" not in well
    record = tmp_path / "state" / "sources" / "mame" / "source.json"
    if not record.is_file():
        (record,) = tmp_path.rglob("source.json")
    known = json.loads(record.read_text(encoding="utf-8"))
    record.write_text(json.dumps(known | {"url": show.replace("mame.xml", "gone.xml")}), encoding="utf-8")
    assert run(tmp_path, "sync").returncode == 3
    ill = json.loads(run(tmp_path, "doctor", "--archive", "mame", "--json").stdout)
    (check,) = (check for check in ill["checks"] if check["name"] == "source")
    assert (check["ok"], check["advice"]) == (False, "zunda-mcp sync mame")
    assert "404" in check["message"]


def test_a_list_of_feeds_is_one_archive_of_all_of_them(web: tuple[Path, str], tmp_path: Path) -> None:  # noqa: F811
    folder, url = web
    names = ("one", "two")
    for name in names:
        (folder / f"{name}.xml").write_text(feed(name), encoding="utf-8")
    outlines = "".join(f'<outline text="{name}" type="rss" xmlUrl="{url}/{name}.xml"/>' for name in names)
    (tmp_path / "list.opml").write_text(f"<opml version='2.0'><body>{outlines}</body></opml>", encoding="utf-8")
    added = run(tmp_path, "add", "list.opml")
    assert added.returncode == 0
    assert "list lists no feeds" not in added.stdout
    refused = run(tmp_path, "sources").stdout
    assert refused.count("failed:") == 2  # the list named these hosts, not the user
    (folder / "list.opml").write_text((tmp_path / "list.opml").read_text(encoding="utf-8"), encoding="utf-8")
    for name in names:
        run(tmp_path, "remove", name)
        run(tmp_path, "add", f"{url}/{name}.xml", "--name", name)
    run(tmp_path, "sync", "list")
    found = run(tmp_path, "search", "納豆", "--archive", "list")
    assert found.returncode == 0
    assert "納豆の日" in found.stdout
    doctor = run(tmp_path, "doctor", "--archive", "list").stdout
    assert doctor.count("· split ") == 3


def test_a_folder_and_a_file_are_read_where_they_are(tmp_path: Path) -> None:
    write_archive(tmp_path / "posts")
    (tmp_path / "mame.xml").write_text(feed(), encoding="utf-8")
    (tmp_path / "t1.vtt").write_text(VTT, encoding="utf-8")
    for spec, query, expected in (("posts", "枝豆", "枝豆の育て方"), ("mame.xml", "納豆", "納豆の日")):
        added = run(tmp_path, "add", spec)
        assert "read where it is" in added.stdout or "feed, " in added.stdout
        hint = shlex.split(added.stdout.strip().split("\n")[-1].removeprefix("next: "))
        assert expected in run(tmp_path, "search", query, *hint[2:]).stdout
    assert "Archive 豆ラジオ:" in run(tmp_path, "search", "納豆", "--archive", "mame").stdout


POST = (
    "---\ntitle: 回 {n}\ndate: 2031-01-{n:02} 05:00:00 +0900\n---\n\n- [豆の話 {n}](https://a.example/{n})\n\n要点。\n"
)
CONFIG = (
    "title: 豆の番組\nurl: https://mame.example\npermalink: /episode/:title\ntimezone: Asia/Tokyo\n"
    "exclude: [_posts.bak]\n"
)


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git on this machine")
def test_a_repository_with_posts_and_posts_put_aside_has_right_links_for_both(tmp_path: Path) -> None:
    def git(*arguments: str, at: Path) -> None:
        own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(at)}
        identity = ["-c", "user.name=n", "-c", "user.email=e@x.example", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *arguments], cwd=at, env=os.environ | own, check=True, capture_output=True)

    work = tmp_path / "work"
    for at, numbers in (("_posts", (3, 4)), ("_posts.bak", (1, 2))):
        (work / at).mkdir(parents=True)
        for n in numbers:
            (work / at / f"2031-01-{n:02}-{n}.md").write_text(POST.format(n=n), encoding="utf-8")
    (work / "_config.yml").write_text(CONFIG, encoding="utf-8")
    git("init", "-q", "-b", "master", at=work)
    git("add", "-A", at=work)
    git("commit", "-q", "-m", "all", at=work)
    git("clone", "-q", "--bare", str(work), str(tmp_path / "mame.git"), at=tmp_path)
    added = run(tmp_path, "add", "mame.git")
    assert "git, 5 files, from" in added.stdout or "git, 4 files, from" in added.stdout
    (clone,) = (path.parent for path in tmp_path.rglob(".git") if "sources" in path.parts)
    git("remote", "set-url", "origin", "https://github.com/owner/mame.git", at=clone)
    found = json.loads(run(tmp_path, "search", "豆の話", "--archive", "mame", "--sort", "oldest", "--json").stdout)
    pages = {
        "2031-01-01-1": "https://github.com/owner/mame/blob/master/_posts.bak/2031-01-01-1.md",
        "2031-01-02-2": "https://github.com/owner/mame/blob/master/_posts.bak/2031-01-02-2.md",
        "2031-01-03-3": "https://mame.example/episode/3",
        "2031-01-04-4": "https://mame.example/episode/4",
    }
    assert [hit["episode_id"] for hit in found["hits"]] == [*pages]
    assert found["freshness"]["archive"] == "豆の番組"
    for episode, page in pages.items():
        assert page in run(tmp_path, "show", episode, "--archive", "mame").stdout


def test_a_client_is_given_what_was_added_by_its_name(show: str, tmp_path: Path) -> None:
    run(tmp_path, "add", show, "--name", "mame")
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "2031-01-01-1.md").write_text(POST.format(n=1), encoding="utf-8")
    planned = run(tmp_path, "install", "cursor", "--archive", "mame", "--archive", "p=posts", "--dry-run")
    assert planned.returncode == 0, planned.stderr
    assert '"--archive"' in planned.stdout
    assert '"mame"' in planned.stdout
    assert json.dumps(f"p={(tmp_path / 'posts').resolve()}") in planned.stdout
    assert "--episodes" not in planned.stdout
    missing = run(tmp_path, "install", "cursor", "--archive", "p=nowhere", "--dry-run")
    assert missing.returncode != 0
    assert "nowhere" in missing.stderr
