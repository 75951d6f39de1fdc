"""Posts of Bluesky: the shapes in which programs export them, and what becomes of each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from archive_samples import read_all, write
from car_file import car

DID = "did:plc:abc234"
COLLECTION = "app.bsky.feed.post"
PAGE = f"https://bsky.app/profile/{DID}/post/3kkey"
RECORD = {
    "$type": "app.bsky.feed.post",
    "text": "Kites: kites.example/ta...",
    "createdAt": "2024-05-03T10:00:00.000Z",
    "langs": ["en"],
    "facets": [
        {
            "index": {"byteStart": 7, "byteEnd": 26},
            "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://kites.example/tails"}],
        }
    ],
}
TEXT = "Kites: https://kites.example/tails"
URI = f"at://{DID}/app.bsky.feed.post/3kkey"


@pytest.mark.parametrize(
    ("name", "content", "url"),
    [
        ("export.json", [RECORD], None),
        ("export.json", {"records": [{"uri": URI, "cid": "c", "value": RECORD}], "cursor": "x"}, PAGE),
        ("export.json", [{"uri": URI, "value": RECORD}], PAGE),
        (
            "export.json",
            {"feed": [{"post": {"uri": URI, "author": {"handle": "mina.example"}, "record": RECORD}}]},
            "https://bsky.app/profile/mina.example/post/3kkey",
        ),
        ("mina.example/app.bsky.feed.post/3kkey.json", RECORD, "https://bsky.app/profile/mina.example/post/3kkey"),
        ("export.json", {"app.bsky.feed.post": {"3kkey": RECORD}}, None),
    ],
)
def test_a_post_is_read_wherever_its_record_lies(tmp_path: Path, name: str, content: Any, url: str | None) -> None:
    write(tmp_path, name, json.dumps(content))
    found, problems = read_all(tmp_path)
    (story,) = found["2024-05-03"].stories
    assert (story.kind, story.summary, story.url) == ("post", TEXT, url)
    assert problems == []


def test_a_record_in_each_file_gives_days_and_not_a_duplicate(tmp_path: Path) -> None:
    for key, hour in (("3ka", 9), ("3kb", 10)):
        record = {**RECORD, "facets": [], "text": f"at {hour}", "createdAt": f"2024-05-03T{hour:02}:00:00Z"}
        write(tmp_path, f"mina.example/app.bsky.feed.post/{key}.json", json.dumps(record))
    found, problems = read_all(tmp_path)
    assert [story.summary for story in found["2024-05-03"].stories] == ["at 9", "at 10"]
    assert len(found) == 1
    assert problems == []


def test_what_others_wrote_is_a_repost_and_what_it_answers_is_not_there(tmp_path: Path) -> None:
    other = {"uri": URI, "author": {"handle": "tomo.example"}, "record": RECORD}
    reason = {"$type": "app.bsky.feed.defs#reasonRepost", "by": {"handle": "mina.example"}}
    reason["indexedAt"] = "2024-05-06T10:00:00Z"
    own = {**other, "author": {"handle": "mina.example"}, "record": {**RECORD, "text": "own", "facets": []}}
    question = {**other, "record": {**RECORD, "text": "a question"}}
    feed = [{"post": other, "reason": reason}, {"post": own, "reply": {"parent": question, "root": question}}]
    write(tmp_path, "feed.json", json.dumps(feed))
    found, _ = read_all(tmp_path)
    assert [(one.id, story.kind, story.summary) for one in found.values() for story in one.stories] == [
        ("2024-05-03", "post", "own"),
        ("2024-05-06", "repost", TEXT),
    ]
    assert found["2024-05-03"].hosts == ("mina.example",)


def test_links_are_counted_in_bytes_and_cards_and_pictures_are_kept(tmp_path: Path) -> None:
    text = "凧の話 tails"
    start = len("凧の話 ".encode())
    facet = {"index": {"byteStart": start, "byteEnd": start + 5}, "features": [{"uri": "https://kites.example/t"}]}
    card = {"title": "Tails", "uri": "https://kites.example/t", "description": "On tails"}
    record = {**RECORD, "text": text, "facets": [facet], "embed": {"external": card, "images": [{"alt": "a kite"}]}}
    write(tmp_path, "one.json", json.dumps([record], ensure_ascii=False))
    found, _ = read_all(tmp_path)
    (story,) = next(iter(found.values())).stories
    assert story.summary == "凧の話 tails https://kites.example/t\n\na kite\n\nTails\n\nOn tails"


def test_the_repository_that_bluesky_exports_has_every_post_with_its_address(tmp_path: Path) -> None:
    liked = {"$type": "app.bsky.feed.like", "createdAt": "2024-05-06T10:00:00Z"}
    follow = {"$type": "app.bsky.graph.follow", "subject": "did:plc:secret", "createdAt": "2024-05-06T10:00:00Z"}
    records: dict[str, Any] = {
        f"app.bsky.feed.post/3k{letter}": {**RECORD, "text": f"post {letter}", "facets": []} for letter in "abcd"
    }
    records["app.bsky.feed.like/3kl"] = {**liked, "subject": {"uri": "at://did:plc:tomo/app.bsky.feed.post/3kz"}}
    records["app.bsky.graph.follow/3kf"] = follow
    write(tmp_path, "repo.car", car(DID, records))
    found, problems = read_all(tmp_path)
    assert [(story.summary, story.url) for story in found["2024-05-03"].stories] == [
        (f"post {letter}", f"https://bsky.app/profile/{DID}/post/3k{letter}") for letter in "abcd"
    ]
    assert [(story.kind, story.url) for story in found["2024-05-06"].stories] == [
        ("like", "https://bsky.app/profile/did:plc:tomo/post/3kz")
    ]
    assert found["2024-05-03"].hosts == (DID,)
    assert problems == []


def test_a_post_without_its_address_is_the_one_that_has_it_in_another_export(tmp_path: Path) -> None:
    write(tmp_path, "posts.json", json.dumps([RECORD]))
    write(tmp_path, "repo.car", car(DID, {f"{COLLECTION}/3kkey": RECORD}))
    found, problems = read_all(tmp_path)
    assert [(story.summary, story.url) for story in found["2024-05-03"].stories] == [(TEXT, PAGE)]
    assert problems == []


@pytest.mark.parametrize("data", [b"junk", b"", car(DID, {f"{COLLECTION}/3ka": RECORD})[:-20], car(DID, {"x/3ka": {}})])
def test_a_repository_without_a_post_that_can_be_read_is_a_problem(tmp_path: Path, data: bytes) -> None:
    write(tmp_path, "repo.car", data)
    found, problems = read_all(tmp_path)
    assert found == {}
    assert [problem.cause.startswith("This repository ") for problem in problems] == [True]


def test_a_broken_export_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path, "one.json", json.dumps([RECORD])[:-20])
    _, problems = read_all(tmp_path)
    assert [problem.cause for problem in problems] == ["This export is cut off or broken; it was skipped."]
