"""Posts of Mastodon, its relatives and Misskey: the shapes of their exports, and what becomes of each."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from archive_samples import read_all, write

from zunda_mcp.models import Episode

ME = "https://social.example/users/mina"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


def note(text: str, at: str = "2024-05-03T22:30:00Z", **fields: Any) -> dict[str, Any]:
    """A note as Mastodon writes it."""
    number = zlib.crc32(text.encode())
    address = f"https://social.example/@mina/{number}"
    plain = {"id": f"{ME}/statuses/{number}", "type": "Note", "url": address, "published": at, "content": text}
    return {**plain, "to": [PUBLIC], "cc": [f"{ME}/followers"], **fields}


def create(inner: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"{inner['id']}/activity",
        "type": "Create",
        "actor": ME,
        "published": inner["published"],
        "to": inner["to"],
        "cc": inner["cc"],
        "object": inner,
    }


def outbox(*items: Any) -> str:
    """The file as Mastodon writes it: on one line."""
    head = {"@context": "https://www.w3.org/ns/activitystreams", "id": "outbox.json", "type": "OrderedCollection"}
    return json.dumps({**head, "totalItems": len(items), "orderedItems": list(items)}, ensure_ascii=False)


def shown(episodes: dict[str, Episode]) -> list[tuple[str, str | None, str]]:
    """Day, kind and text of each post."""
    return [(one.id, story.kind, story.summary) for one in episodes.values() for story in one.stories]


def test_a_day_is_an_episode_with_posts_and_what_was_passed_on(tmp_path: Path) -> None:
    boost = {
        "id": "b1",
        "type": "Announce",
        "actor": ME,
        "published": "2024-05-04T01:00:00Z",
        "to": [PUBLIC],
        "object": "https://other.example/users/tomo/statuses/9",
    }
    write(tmp_path, "outbox.json", outbox(create(note("<p>Kites &amp; strings</p>")), boost))
    found, problems = read_all(tmp_path)
    assert shown(found) == [("2024-05-03", "post", "Kites & strings"), ("2024-05-04", "repost", "")]
    assert found["2024-05-04"].stories[0].url == "https://other.example/users/tomo/statuses/9"
    assert found["2024-05-03"].hosts == ("mina@social.example",)
    assert problems == []


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (
            {
                "content": '<p>See <a href="https://kites.example/tails/long"><span class="invisible">https://</span>'
                '<span class="ellipsis">kites.example/tails</span><span class="invisible">/long</span></a></p>'
            },
            "See https://kites.example/tails/long",
        ),
        (
            {
                "content": '<p><a href="https://social.example/@tomo" class="u-url mention">@<span>tomo</span></a> hi '
                '<a href="https://social.example/tags/kites" class="mention hashtag">#<span>kites</span></a></p>'
            },
            "@tomo hi #kites",
        ),
        ({"content": "<p>one<br />two</p><p>three</p>"}, "one  \ntwo\n\nthree"),
        ({"content": "<p>凧の糸</p>", "summary": "長い話"}, "長い話\n\n凧の糸"),
        ({"content": None, "contentMap": {"en": "<p>mapped</p>"}}, "mapped"),
        ({"type": "Article", "name": "On tails", "content": "<p>Long.</p>"}, "On tails\n\nLong."),
        (
            {"type": "Question", "content": "<p>Silk?</p>", "oneOf": [{"type": "Note", "name": "yes"}, {"name": "no"}]},
            "Silk?\n\n- yes\n- no",
        ),
        (
            {"content": "<p>Look</p>", "attachment": [{"type": "Document", "name": "A red kite"}, {"name": None}]},
            "Look\n\nA red kite",
        ),
    ],
)
def test_all_words_of_a_note_are_kept(tmp_path: Path, fields: dict[str, Any], text: str) -> None:
    write(tmp_path, "outbox.json", outbox(create(note("x", **fields))))
    found, _ = read_all(tmp_path)
    assert [summary for _, _, summary in shown(found)] == [text]


def test_what_was_written_to_single_people_is_left_out_and_that_is_said(tmp_path: Path) -> None:
    private = note("<p>secretword</p>", to=["https://social.example/users/tomo"], cc=[])
    own = note("<p>for followers</p>", to=[f"{ME}/followers"], cc=[])
    write(tmp_path, "outbox.json", outbox(create(private), create(own)))
    found, problems = read_all(tmp_path)
    assert [summary for _, _, summary in shown(found)] == ["for followers"]
    (problem,) = problems
    assert problem.cause == "A private message of 2024-05-03 was left out."


def test_an_outbox_that_is_cut_off_keeps_what_was_read(tmp_path: Path) -> None:
    whole = outbox(*(create(note(f"<p>number {place}</p>")) for place in range(5)))
    write(tmp_path, "outbox.json", whole[: int(len(whole) * 0.7)])
    found, problems = read_all(tmp_path)
    assert sorted(summary for _, _, summary in shown(found)) == ["number 0", "number 1", "number 2"]
    assert "not the JSON they should be" in problems[0].cause


def test_an_outbox_under_another_name_and_a_post_on_x_of_the_day_are_one_episode(tmp_path: Path) -> None:
    write(tmp_path, "mastodon-2024.json", outbox(create(note("<p>from there</p>"))))
    write(
        tmp_path,
        "mina-240601.csv",
        '"1786500000000000000","https://x.com/mina/status/1786500000000000000","2024-05-03 12:00:00","from here","1"\n',
    )
    found, problems = read_all(tmp_path)
    assert sorted(summary for _, _, summary in shown(found)) == ["from here", "from there"]
    assert len(found) == 1
    assert problems == []


def test_likes_of_mastodon_are_addresses_without_a_day(tmp_path: Path) -> None:
    liked = ["https://other.example/users/tomo/statuses/9", "https://other.example/users/tomo/statuses/10"]
    write(tmp_path, "likes.json", outbox(*liked).replace("outbox.json", "likes.json"))
    found, _ = read_all(tmp_path)
    (episode,) = found.values()
    assert episode.date is None
    assert sorted(story.url or "" for story in episode.stories) == sorted(liked)
    assert {story.kind for story in episode.stories} == {"like"}


def test_statuses_of_the_api_with_boosts_favourites_and_their_account(tmp_path: Path) -> None:
    account = {"username": "mina", "acct": "mina", "url": "https://social.example/@mina"}
    plain: dict[str, Any] = {
        "visibility": "public",
        "spoiler_text": "",
        "media_attachments": [],
        "account": account,
        "reblog": None,
    }
    inner = {**plain, "id": "7", "url": "https://other.example/@tomo/7", "content": "<p>Tomo's words</p>"}
    statuses = [
        {**plain, "id": "1", "created_at": "2024-05-03T10:00:00.000Z", "url": "https://social.example/@mina/1",
         "content": "<p>Own</p>", "media_attachments": [{"description": "a kite"}]},
        {**plain, "id": "2", "created_at": "2024-05-03T11:00:00.000Z", "content": "", "reblog": inner},
        {**plain, "id": "3", "created_at": "2024-05-03T12:00:00.000Z", "visibility": "direct", "content": "secretword"},
    ]  # fmt: skip
    liked = {**inner, "created_at": "2024-05-03T09:00:00.000Z", "content": "<p>Liked</p>"}
    whole = {"account": account, "statuses": statuses, "favourites": [liked]}
    write(tmp_path, "social.example.user.mina.json", json.dumps(whole))
    found, problems = read_all(tmp_path)
    assert shown(found) == [
        ("2024-05-03", "post", "Own\n\na kite"),
        ("2024-05-03", "repost", "Tomo's words"),
        ("2024-05-03", "like", "Liked"),
    ]
    assert found["2024-05-03"].hosts == ("mina@social.example",)
    assert [problem.cause for problem in problems] == ["A private message was left out."]


def test_notes_of_misskey(tmp_path: Path) -> None:
    plain: dict[str, Any] = {
        "fileIds": [],
        "replyId": None,
        "renoteId": None,
        "poll": None,
        "cw": None,
        "visibility": "public",
    }
    notes = [
        {**plain, "id": "a1", "text": "凧を揚げた", "createdAt": "2024-05-03T16:00:00.000Z"},
        {**plain, "id": "a2", "text": None, "renoteId": "zz", "createdAt": "2024-05-03T16:10:00.000Z"},
        {**plain, "id": "a3", "text": "秘密", "visibility": "specified", "createdAt": "2024-05-03T16:20:00.000Z"},
        {
            **plain,
            "id": "a4",
            "text": "どれ？",
            "poll": {"choices": [{"text": "絹"}]},
            "createdAt": "2024-05-03T16:30:00Z",
        },
    ]
    write(tmp_path, "notes-2024.json", json.dumps(notes, ensure_ascii=False))
    found, _ = read_all(tmp_path)
    assert shown(found) == [("2024-05-04", "post", "凧を揚げた"), ("2024-05-04", "post", "どれ？\n\n- 絹")]


def test_a_collection_of_another_program_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "outbox.json", '{"profile": {"orderedItems": []}}')
    found, problems = read_all(tmp_path)
    assert found == {}
    assert [problem.cause for problem in problems] == ["This export holds no posts."]
