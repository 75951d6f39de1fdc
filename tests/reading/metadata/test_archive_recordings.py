"""Where a page's recording, its people and its address are found, whatever its keys are called."""

from __future__ import annotations

from pathlib import Path

import pytest
from archive_samples import episode_of

PAGE = "---\ntitle: Kites 12\ndate: 2031-01-04\nepisode: 12\n{keys}---\n\n{body}\n"
SOUND = "https://kites.example/sound/kites-12.mp3"


@pytest.mark.parametrize(
    "keys",
    [
        f"audioformats:\n  mp3: {SOUND}\n  ogg: https://kites.example/sound/kites-12.ogg\n",
        f"files:\n  - kind: sound\n    address: {SOUND}\n",
        f"download: {SOUND}?from=feed\n",
    ],
)
def test_an_address_of_a_sound_is_the_recording_under_any_key(tmp_path: Path, keys: str) -> None:
    found = episode_of(tmp_path, PAGE.format(keys=keys, body="Talk.")).audio_url
    assert found is not None
    assert found.removesuffix("?from=feed") == SOUND


@pytest.mark.parametrize(
    "body",
    [
        f"[sound]({SOUND}) • [chat](https://kites.example/chat-12.html)",
        f'<audio src="{SOUND}" preload="none"></audio>',
        f'<audio controls>\n<source type="audio/mpeg" src="{SOUND}">\n</audio>',
    ],
)
def test_a_page_that_plays_or_links_its_own_recording_has_it(tmp_path: Path, body: str) -> None:
    assert episode_of(tmp_path, PAGE.format(keys="", body=body), "kites.md").audio_url == SOUND


@pytest.mark.parametrize(
    "body",
    [
        "A song: [Tails](https://songs.example/tails.mp3)",
        "[one](https://songs.example/12-a.mp3) and [two](https://songs.example/12-b.mp3)",
        "<video src='https://kites.example/film-12.mp4'></video>",
    ],
)
def test_a_sound_that_a_page_only_tells_of_is_no_recording_of_it(tmp_path: Path, body: str) -> None:
    assert episode_of(tmp_path, PAGE.format(keys="", body=body), "kites.md").audio_url is None


def test_people_that_are_links_to_their_pages_are_names_and_contributors_are_people(tmp_path: Path) -> None:
    keys = "author:\n  - '[[Mina Ota]]'\n  - '[[people/tomo|Tomo]]'\n"
    assert episode_of(tmp_path, PAGE.format(keys=keys, body="Talk.")).hosts == ("Mina Ota", "Tomo")
    keys = "contributors:\n  - name: Rin\n    uri: https://rin.example\n  - name: Ken\n"
    assert episode_of(tmp_path, PAGE.format(keys=keys, body="Talk.")).hosts == ("Rin", "Ken")


@pytest.mark.parametrize("key", ["external-url", "source", "link"])
def test_an_entry_of_a_link_log_has_the_page_it_is_about_and_its_site_is_no_host(tmp_path: Path, key: str) -> None:
    keys = f"{key}: https://www.kites.example/tails\nscheme: https\nhost: www.kites.example\n"
    episode = episode_of(tmp_path, PAGE.format(keys=keys, body="Worth a read."))
    assert episode.page_url == "https://www.kites.example/tails"
    assert episode.hosts == ()


def test_a_host_whose_name_has_a_dot_is_a_person(tmp_path: Path) -> None:
    keys = "link: https://www.kites.example/tails\nhost: ann.kites.example\n"
    assert episode_of(tmp_path, PAGE.format(keys=keys, body="Worth a read.")).hosts == ("ann.kites.example",)
