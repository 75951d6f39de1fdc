"""What comes with an archive (links, settings, names in front matter) reads no file of the user elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zunda_mcp.config.load import load_settings
from zunda_mcp.errors import SettingsError
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive

CANARY = "CANARY-5d1f"
POST = (
    "---\ntitle: 回 {n}\ndate: 2031-01-0{n} 05:00:00 +0900\n{more}---\n\n- [話 {n}](https://a.example/{n})\n\n要点。\n"
)
SECRET = f"---\ntitle: {CANARY}\ndate: 2031-01-09 05:00:00 +0900\n---\n\n- [{CANARY}](https://s.example/)\n\n{CANARY}\n"
CUES = f"WEBVTT\n\n00:00:01.000 --> 00:00:09.000\n{CANARY} 話 1 の続きです。\n"

links = pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A user's folder with private files: notes that look like an episode, keys, and a transcript."""
    (tmp_path / ".ssh").mkdir()
    (tmp_path / "notes").mkdir()
    for name in (".ssh/id.md", "notes/2031-01-09-9.md", "private.md"):
        (tmp_path / name).write_text(SECRET, encoding="utf-8")
    (tmp_path / "notes" / "2031-01-01-1.vtt").write_text(CUES, encoding="utf-8")
    return tmp_path


def archive(folder: Path, more: str = "", *, checkout: bool = True) -> Path:
    """A stranger's archive in ``folder``; its posts are returned."""
    posts = folder / "_posts"
    posts.mkdir(parents=True)
    (posts / "2031-01-01-1.md").write_text(POST.format(n=1, more=more), encoding="utf-8")
    (folder / "_config.yml").write_text("title: Show\n", encoding="utf-8")
    if checkout:
        (folder / ".git").mkdir()
    return posts


def everything(*sources: Path) -> str:
    """All that is read of an archive, and all that is said of it."""
    reader = ArchiveReader(sources)
    read = [reader.read(file) for file in reader.scan().files]
    spoken = [str(draft) for one in read for draft in one.drafts]
    episodes, problems = read_archive(ArchiveReader(sources))
    return "\n".join([*map(str, episodes), *map(str, problems), *spoken])


@links
@pytest.mark.parametrize("target", ["private.md", "notes", ".ssh", ".ssh/id.md", "notes/2031-01-09-9.md"])
def test_a_link_of_a_checkout_leads_nowhere_outside_of_it(home: Path, target: str) -> None:
    posts = archive(home / "clone")
    name = "2031-01-09-9.md" if target.endswith(".md") else "more"
    for link in (posts / name, posts / f"relative-{name}"):
        link.symlink_to(home / target if link.name == name else Path("../..") / target)
    said = everything(posts)
    assert CANARY not in said
    assert said.count("leads out of the repository it came with") == 2


@links
@pytest.mark.parametrize("target", [".ssh", ".ssh/id.md"])
def test_no_link_leads_into_a_hidden_folder(home: Path, target: str) -> None:
    posts = archive(home / "show", checkout=False)
    (posts / ("x.md" if target.endswith(".md") else "more")).symlink_to(home / target)
    said = everything(posts)
    assert CANARY not in said
    assert "leads into a hidden folder" in said


@links
def test_links_of_ones_own_are_followed_as_before(home: Path) -> None:
    posts = archive(home / "show", checkout=False)
    (posts / "more").symlink_to(home / "notes")
    assert CANARY in everything(posts)


@links
def test_a_link_within_a_checkout_and_one_to_another_named_source_are_followed(home: Path) -> None:
    posts = archive(home / "clone")
    (home / "clone" / "shared").mkdir()
    (home / "clone" / "shared" / "2031-01-02-2.md").write_text(POST.format(n=2, more=""), encoding="utf-8")
    (posts / "shared").symlink_to("../shared")
    assert "回 2" in everything(posts)
    (posts / "notes").symlink_to(home / "notes")
    assert CANARY in everything(posts, home / "notes")


@links
def test_a_checkout_that_is_hidden_itself_reads_its_own_links(home: Path) -> None:
    posts = archive(home / ".local" / "share" / "clone")
    (posts.parent / "shared").mkdir()
    (posts.parent / "shared" / "2031-01-02-2.md").write_text(POST.format(n=2, more=""), encoding="utf-8")
    (posts / "shared").symlink_to("../shared")
    assert "回 2" in everything(posts)


@links
@pytest.mark.parametrize("place", ["transcripts", "transcripts/2031-01-01-1.vtt"])
def test_no_transcript_is_read_through_a_link_that_leads_out(home: Path, place: str) -> None:
    posts = archive(home / "clone")
    link = home / "clone" / place
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(home / "notes" if place == "transcripts" else home / "notes" / "2031-01-01-1.vtt")
    assert CANARY not in everything(posts)
    link.unlink()
    link.parent.mkdir(exist_ok=True)
    (home / "clone" / "transcripts").mkdir(exist_ok=True)
    (home / "clone" / "transcripts" / "2031-01-01-1.vtt").write_text(CUES, encoding="utf-8")
    assert CANARY in everything(posts)  # and one that lies there itself is


@pytest.mark.parametrize(
    "value",
    [
        "{home}/notes/2031-01-01-1.vtt",
        "../../notes/2031-01-01-1.vtt",
        "file://{home}/notes/2031-01-01-1.vtt",
        "..\\\\..\\\\notes\\\\2031-01-01-1.vtt",
        "%2e%2e/%2e%2e/notes/2031-01-01-1.vtt",
        "//localhost{home}/notes/2031-01-01-1.vtt",
    ],
)
def test_no_file_that_front_matter_names_is_opened_by_its_path(home: Path, value: str) -> None:
    named = value.format(home=home)
    keys = ("transcript", "transcript_file", "transcription", "audio_file_path", "include", "layout", "source", "file")
    posts = archive(home / "show", "".join(f'{key}: "{named}"\n' for key in keys), checkout=False)
    assert CANARY not in everything(posts)


@links
def test_an_archive_of_x_reads_no_links_and_no_other_names(home: Path) -> None:
    data = home / "x" / "data"
    data.mkdir(parents=True)
    tweet = 'window.YTD.tweets.part0 = [{"tweet": {"id_str": "1", "created_at": "Wed Jan 01 00:00:00 +0000 2031", '
    (home / "tweets.js").write_text(f'{tweet}"full_text": "{CANARY}"}}}}]', encoding="utf-8")
    (data / "manifest.js").write_text(
        'window.__THAR_CONFIG = {"userInfo": {"userName": "u"}, "dataTypes": {"tweets": {"files": '
        '[{"fileName": "data/tweets.js"}, {"fileName": "../../tweets.js"}, {"fileName": "/etc/passwd"}]}}}',
        encoding="utf-8",
    )
    (data / "tweets.js").symlink_to(home / "tweets.js")
    assert CANARY not in everything(home / "x")
    (data / "tweets.js").unlink()
    (home / "tweets.js").rename(data / "tweets.js")
    assert CANARY in everything(home / "x")


# --- zunda-mcp.toml


def settings(folder: Path, toml: str, **more: object) -> str:
    """What a settings file that lies in ``folder`` is told, and ``""`` where it is taken."""
    (folder / "zunda-mcp.toml").write_text(toml, encoding="utf-8")
    try:
        load_settings(**{"environ": {}, "cwd": folder} | more)  # type: ignore[arg-type]
    except SettingsError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("listed", ["{home}/notes", "../notes", "_posts/../../notes", "~", "/"])
def test_a_settings_file_lists_no_folders_elsewhere(home: Path, listed: str) -> None:
    archive(home / "clone")
    value = listed.format(home=home)
    assert "which is elsewhere. Only --episodes can name it." in settings(
        home / "clone", f'episodes = ["_posts", "{value}"]'
    )
    said = settings(home / "clone", f'[archives.a]\nepisodes = ["_posts"]\n[archives.b]\nepisodes = "{value}"')
    assert "which is elsewhere. Only --archive can name it." in said


@links
def test_a_settings_file_lists_no_link_that_leads_elsewhere(home: Path) -> None:
    archive(home / "clone")
    (home / "clone" / "posts").symlink_to(home / "notes")
    assert "which is elsewhere" in settings(home / "clone", 'episodes = ["posts"]')


@links
def test_episodes_of_the_working_folder_that_lead_out_of_a_checkout_are_not_taken_by_default(home: Path) -> None:
    archive(home / "clone")
    (home / "clone" / "episodes").symlink_to(home / "notes")
    assert "leads out of the repository it came with" in settings(home / "clone", "")
    assert not settings(home / "clone", "", episodes=[home / "clone" / "episodes"])  # the user may name it


@pytest.mark.parametrize(
    "key",
    [
        *(
            "index",
            "embedder",
            "aliases",
            "state",
            "token_file",
            "token-file",
            "command",
            "hooks",
            "include",
            "extends",
        ),
        *("host", "public_url", "embedder_key", "plugins", "sync"),
    ],
)
def test_a_settings_file_names_no_index_embedder_secret_or_command(home: Path, key: str) -> None:
    archive(home / "clone")
    said = settings(home / "clone", f'{key} = "http://intruder.example model"\nepisodes = ["_posts"]')
    assert key in said
    assert settings(home / "clone", f'[archives.a]\nepisodes = "_posts"\n{key} = "x"')


@links
def test_other_names_are_not_read_through_a_link_that_leads_out(home: Path) -> None:
    posts = archive(home / "clone")
    (posts / "zunda-aliases.txt").symlink_to(home / "private.md")
    assert load_settings(episodes=[posts], environ={}).aliases is None
    (posts / "zunda-aliases.txt").unlink()
    (posts / "zunda-aliases.txt").write_text("a, b", encoding="utf-8")
    assert load_settings(episodes=[posts], environ={}).aliases == posts.resolve() / "zunda-aliases.txt"
