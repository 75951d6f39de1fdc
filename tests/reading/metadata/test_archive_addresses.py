"""Pages, files on GitHub, audio: an address is either certain or ``None``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from archive_samples import IRREGULAR, read_all, write

from zunda_mcp.config.settings import ReaderSettings
from zunda_mcp.errors import SettingsError
from zunda_mcp.models import Episode
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive
from zunda_mcp.reading.metadata.site import is_post, permalink
from zunda_mcp.text.urls import encoded

POST = "---\ntitle: 題\ndate: 2031-01-01 05:00:00 +0900\naudio_file_path: /audio/豆 1.mp3\n{extra}---\n"
CONFIG = """title: 豆局
language: ja
timezone: Asia/Tokyo
url: https://mame.example/
permalink: /episode/:title
exclude: [_posts.bak]
"""


def _site(folder: Path, *, config: str = CONFIG, extra: str = "") -> Path:
    write(folder, "_config.yml", config)
    write(folder, "_posts/2031-01-01-1.md", POST.format(extra=extra))
    write(folder, "_posts.bak/2031-01-01-2.md", POST.format(extra=""))
    return folder


def _git(folder: Path, remote: str, head: str = "ref: refs/heads/master\n") -> None:
    write(folder, ".git/config", f'[core]\n\tbare = false\n[remote "origin"]\n\turl = {remote}\n\tfetch = +x:y\n')
    write(folder, ".git/HEAD", head)


def _read(*sources: Path, **settings: Any) -> dict[str, Episode]:
    episodes, _ = read_archive(ArchiveReader(sources, ReaderSettings(**settings)))
    return {episode.id: episode for episode in episodes}


def test_a_published_post_has_a_page_and_an_excluded_one_has_none() -> None:
    episodes, _ = read_all(IRREGULAR)
    assert episodes["2030-01-07-1"].page_url == "https://edamame.example/episode/1"
    assert episodes["2030-01-07-1"].page_kind == "page"
    assert (episodes["2030-01-24-14"].page_url, episodes["2030-01-24-14"].page_kind) == (None, None)


@pytest.mark.parametrize("which", [("",), ("_posts", "_posts.bak")])
def test_the_site_is_found_from_its_root_and_from_its_folders(tmp_path: Path, which: tuple[str, ...]) -> None:
    site = _site(tmp_path)
    reader = ArchiveReader([site / folder for folder in which])
    assert (reader.name, reader.language, reader.timezone.key) == ("豆局", "ja", "Asia/Tokyo")
    episodes = _read(*reader.sources)
    assert episodes["2031-01-01-1"].page_url == "https://mame.example/episode/1"
    assert episodes["2031-01-01-2"].page_url is None


def test_a_relative_source_is_read_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _site(tmp_path)
    monkeypatch.chdir(tmp_path / "_posts")
    episodes = _read(Path())
    assert episodes["2031-01-01-1"].path == "_posts/2031-01-01-1.md"
    assert episodes["2031-01-01-1"].page_url == "https://mame.example/episode/1"


def test_settings_win_over_the_sites_own_words(tmp_path: Path) -> None:
    reader = ArchiveReader([_site(tmp_path)], ReaderSettings(name="別名", language="en", timezone="America/New_York"))
    assert (reader.name, reader.language, reader.timezone.key) == ("別名", "en", "America/New_York")
    episodes = _read(_site(tmp_path), timezone="America/New_York", site_url="https://other.example")
    assert episodes["2031-01-01-1"].date == dt.date(2030, 12, 31)
    assert episodes["2031-01-01-1"].page_url == "https://other.example/episode/1"


def test_an_archive_without_a_site_is_named_for_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "まめ"
    write(folder, "2031-01-01-1.md", POST.format(extra=""))
    reader = ArchiveReader([folder])
    assert (reader.name, reader.language, reader.timezone.key) == ("まめ", None, "UTC")
    assert reader.problems == ()
    (episode,) = _read(folder).values()
    assert (episode.page_url, episode.page_kind, episode.audio_url) == (None, None, None)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("title: [豆", "configuration cannot be used"),
        ("timezone: Asia/Mamezawa\n", "time zone `Asia/Mamezawa` is unknown"),
        ("timezone: ../../etc\n", "is unknown"),
    ],
)
def test_a_broken_site_configuration_is_a_problem_of_the_archive(tmp_path: Path, config: str, words: str) -> None:
    reader = ArchiveReader([_site(tmp_path / "site", config=config)])
    (problem,) = reader.problems
    assert problem.path == "site/_config.yml"
    assert words in problem.cause
    assert reader.timezone.key == "UTC"
    assert problem in read_archive(reader)[1]


def test_a_page_template_serves_every_episode(tmp_path: Path) -> None:
    episodes = _read(_site(tmp_path), page_url="https://x.example/{date}/{id}/{number}/{slug}")
    assert episodes["2031-01-01-2"].page_url == "https://x.example/2031-01-01/2031-01-01-2/2/2"
    assert episodes["2031-01-01-2"].page_kind == "page"


def test_a_template_that_asks_for_a_missing_number_gives_no_page(tmp_path: Path) -> None:
    write(tmp_path, "2031-01-01-bean soup.md", POST.format(extra=""))
    settings = {"page_url": "https://x.example/{number}", "file_url": "https://f.example/{path}"}
    (episode,) = _read(tmp_path, **settings).values()
    assert (episode.page_url, episode.page_kind) == ("https://f.example/2031-01-01-bean%20soup.md", "file")


@pytest.mark.parametrize("template", ["https://x/{title}", "https://x/{0}", "https://x/{", "https://x/{id.__class__}"])
def test_a_template_with_an_unknown_field_is_a_settings_error(tmp_path: Path, template: str) -> None:
    with pytest.raises(SettingsError, match="page_url"):
        ArchiveReader([tmp_path], ReaderSettings(page_url=template))


def test_an_unknown_time_zone_is_a_settings_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Asia/Tokyo"):
        ArchiveReader([tmp_path], ReaderSettings(timezone="Mars/Olympus"))


@pytest.mark.parametrize(
    "remote",
    ["https://github.com/mame/site.git", "git@github.com:mame/site.git", "ssh://git@github.com/mame/site"],
)
def test_an_unpublished_file_of_a_github_checkout_is_shown_there(tmp_path: Path, remote: str) -> None:
    _git(_site(tmp_path), remote)
    episodes = _read(tmp_path / "_posts", tmp_path / "_posts.bak")
    assert episodes["2031-01-01-1"].page_kind == "page"
    assert episodes["2031-01-01-2"].page_kind == "file"
    assert episodes["2031-01-01-2"].page_url == "https://github.com/mame/site/blob/master/_posts.bak/2031-01-01-2.md"


@pytest.mark.parametrize("remote", ["https://gitlab.com/mame/site.git", "/srv/git/site", "https://github.com/mame", ""])
def test_other_remotes_give_no_address(tmp_path: Path, remote: str) -> None:
    _git(_site(tmp_path), remote)
    assert _read(tmp_path)["2031-01-01-2"].page_url is None


def test_secrets_in_a_remote_never_reach_an_address(tmp_path: Path) -> None:
    _git(_site(tmp_path), "https://user:secret@github.com/mame/site.git", head="0123abcd\n")
    url = _read(tmp_path)["2031-01-01-2"].page_url
    assert url == "https://github.com/mame/site/blob/0123abcd/_posts.bak/2031-01-01-2.md"


def test_audio_on_the_site_needs_a_page_or_the_file_itself(tmp_path: Path) -> None:
    site = _site(tmp_path)
    address = "https://mame.example/audio/%E8%B1%86%201.mp3"
    assert {episode.id: episode.audio_url for episode in _read(site).values()} == {
        "2031-01-01-1": address,
        "2031-01-01-2": None,
    }
    write(site, "audio/豆 1.mp3", b"sound")
    assert _read(site)["2031-01-01-2"].audio_url == address


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://a.example/豆 の音☆.mp3", "https://a.example/%E8%B1%86%20%E3%81%AE%E9%9F%B3%E2%98%86.mp3"),
        ("https://a.example/%E8%B1%86%20.mp3?x=1&y=2#t=3", "https://a.example/%E8%B1%86%20.mp3?x=1&y=2#t=3"),
        ("//a.example/x.mp3", "https://a.example/x.mp3"),
        ("ftp://a.example/x.mp3", None),
        ("/../secret.mp3", None),
        ("audio/x.mp3", "https://mame.example/audio/x.mp3"),
        ("", None),
    ],
)
def test_audio_addresses_are_whole_and_encoded_once(tmp_path: Path, written: str, address: str | None) -> None:
    write(tmp_path, "_config.yml", CONFIG)
    write(tmp_path, "_posts/2031-01-01-1.md", f"---\ntitle: 題\naudio: {written}\n---\n")
    assert _read(tmp_path)["2031-01-01-1"].audio_url == address
    if address:
        assert encoded(address) == address


def test_a_percent_sign_that_encodes_nothing_is_encoded() -> None:
    assert encoded("https://a.example/100%.mp3") == "https://a.example/100%25.mp3"


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("/episode/:title", "/episode/bean-soup"),
        ("date", "/news/2031/02/03/bean-soup.html"),
        ("pretty", "/news/2031/02/03/bean-soup/"),
        ("ordinal", "/news/2031/034/bean-soup.html"),
        ("weekdate", "/news/2031/W06/Mon/bean-soup.html"),
        ("none", "/news/bean-soup.html"),
        (":i_month/:i_day/:short_year/:slug/", "/2/3/31/bean-soup/"),
        ("/:hour/:title", None),
    ],
)
def test_permalinks_are_filled_in_as_jekyll_does(template: str, path: str | None) -> None:
    assert permalink(template, dt.date(2031, 2, 3), "bean soup", ["News"]) == path


@pytest.mark.parametrize(
    ("path", "exclude", "published"),
    [
        ("_posts/2031-01-01-1.md", (), True),
        ("news/_posts/2031-01-01-1.md", (), True),
        ("_posts.bak/2031-01-01-1.md", (), False),
        ("_drafts/1.md", (), False),
        ("_posts/old/2031-01-01-1.md", ("_posts/old/",), False),
        ("_posts/2031-01-01-1.md", ("_posts/*-1.md",), False),
        ("_posts/2031-01-01-1.md", ("_posts.bak", "", "README.md"), True),
    ],
)
def test_only_posts_that_are_not_excluded_are_published(path: str, exclude: tuple[str, ...], published: bool) -> None:
    assert is_post(path, exclude) is published


def test_a_post_may_hide_itself_or_name_its_own_permalink(tmp_path: Path) -> None:
    assert "2031-01-01-1" not in _read(_site(tmp_path / "a", extra="published: false\n"))
    own = _read(_site(tmp_path / "b", extra="permalink: /special/\n"))["2031-01-01-1"]
    assert own.page_url == "https://mame.example/special/"


def test_a_base_path_belongs_to_every_address(tmp_path: Path) -> None:
    episode = _read(_site(tmp_path, config=CONFIG + "baseurl: /radio\n"))["2031-01-01-1"]
    assert episode.page_url == "https://mame.example/radio/episode/1"
    assert episode.audio_url == "https://mame.example/radio/audio/%E8%B1%86%201.mp3"


def test_a_relative_story_link_leads_from_the_page(tmp_path: Path) -> None:
    write(tmp_path, "_config.yml", CONFIG)
    write(tmp_path, "_posts/2031-01-01-1.md", "---\ntitle: 題\n---\n\n- [前回](/episode/0)\n- [悪い](javascript:x)\n")
    stories = _read(tmp_path)["2031-01-01-1"].stories
    assert [(story.url, story.site) for story in stories] == [("https://mame.example/episode/0", "mame.example")]
