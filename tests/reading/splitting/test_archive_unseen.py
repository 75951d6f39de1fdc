"""Kinds that public archives had which were opened for the first time, each as a tiny archive with what is right."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from archive_samples import episode_of, write

from zunda_mcp.models import Episode
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive
from zunda_mcp.reading.metadata.file_names import dated_name, read_name
from zunda_mcp.reading.transcripts.transcript_file import read_transcript


def read(folder: Path, files: dict[str, str]) -> dict[str, Episode]:
    for name, text in files.items():
        write(folder, name, text)
    episodes, problems = read_archive(ArchiveReader([folder]))
    assert problems == []
    return {episode.id: episode for episode in episodes}


@pytest.mark.parametrize("head", ["### 🐕 [豆](https://a.example/{n})", "- 🌟 🐕 [豆](https://a.example/{n})"])
def test_a_link_behind_pictures_begins_a_story_as_one_alone_does(tmp_path: Path, head: str) -> None:
    body = f"## 文章\n\n{head}\n\n豆を煮る。\n\n{head.split('🐕', maxsplit=1)[0].replace('🌟 ', '')}[餅](https://b.example/{{n}})\n\n餅をつく。\n"
    files = {f"2031-01-0{n}-{n}.md": f"# 通信 {n}\n\n{body.format(n=n)}" for n in range(1, 6)}
    for episode in read(tmp_path, files).values():
        titles = [(story.title.split(" ")[-1], story.summary) for story in episode.stories]
        assert titles == [("豆", "豆を煮る。"), ("餅", "餅をつく。")]


def test_a_heading_that_many_files_have_ends_the_section_before_it(tmp_path: Path) -> None:
    links = "## Tools\n\n- [Pot](https://a.example/{n})\n- [Pan](https://b.example/{n})\n"
    files = {f"2031-01-0{n}-{n}.md": f"---\ntitle: {n}\n---\n\n{links.format(n=n)}" for n in range(1, 6)}
    files["2031-01-03-3.md"] = "---\ntitle: 3\n---\n\n## Party\n\n- [Hat](https://c.example)\n\n" + links.format(n=3)
    stories = read(tmp_path, files)["2031-01-03-3"].stories
    assert [(story.title, story.section) for story in stories] == [("Hat", "Party"), ("Pot", ""), ("Pan", "")]


def test_the_title_of_a_page_is_no_section_of_it(tmp_path: Path) -> None:
    body = "# Letter {n}\n\n- [Pot](https://a.example/{n})\n\n# Talks {n}\n\n- [Pan](https://b.example/{n})\n"
    found = read(tmp_path, {f"2031-01-0{n}-{n}.md": body.format(n=n) for n in range(1, 4)})
    sections = [[story.section for story in episode.stories] for episode in found.values()]
    assert sections == [["", f"Talks {n}"] for n in range(1, 4)]


def test_the_line_under_a_title_is_no_text(tmp_path: Path) -> None:
    episode, *_ = read(tmp_path, {f"2031-01-0{n}.md": "Council\n=======\n\nWe met.\n" for n in range(1, 5)}).values()
    assert (episode.title, episode.prose) == ("Council", "We met.")


def test_a_heading_that_goes_on_behind_its_link_is_a_title_as_a_whole(tmp_path: Path) -> None:
    body = "## [[Beans #{n}]](https://a.example/{n}) Cook them (ann)\n\nThey were cooked for an hour.\n\n"
    files = {f"2031-01-0{n}.md": f"# Council\n\n{body.format(n=n)}{body.format(n=n + 9)}" for n in range(1, 4)}
    story = read(tmp_path, files)["2031-01-02"].stories[0]
    assert (story.title, story.url) == ("[Beans #2] Cook them (ann)", "https://a.example/2")
    assert story.summary == "They were cooked for an hour."


def test_a_day_that_may_be_two_in_a_heading_follows_the_other_headings(tmp_path: Path) -> None:
    days = ("22-09-2031", "06-10-2031", "13-10-2031")
    files = {f"{n}/index.md": f"## Week {n}: {day}\n\n### Beans {n}\n\nWe cooked.\n" for n, day in enumerate(days, 1)}
    assert [str(episode.date) for episode in read(tmp_path, files).values()] == [
        "2031-09-22",
        "2031-10-06",
        "2031-10-13",
    ]


def test_a_long_name_that_ends_in_template_is_a_title(tmp_path: Path) -> None:
    page = "---\ntitle: Beans\ndate: 2031-01-01\n---\n\nWords.\n"
    names = ("how-to-cook-beans-with-a-template", "meeting-notes-template", "issue_template", "Report template")
    assert list(read(tmp_path, {f"{name}.md": page for name in names})) == [names[0]]


@pytest.mark.parametrize("name", ["CouncilMeeting20310104Tokyo", "council2031-01-04", "Sitzung2031_01_04"])
def test_a_day_may_follow_a_word_without_a_gap(name: str) -> None:
    assert dated_name(name)[0] == dt.date(2031, 1, 4)


@pytest.mark.parametrize("name", ["v20310104", "abc203101041", "beans20311304", "ab20310104"])
def test_other_numbers_behind_letters_are_no_day(name: str) -> None:
    assert dated_name(name) == (None, name)


def test_a_body_of_html_on_one_line_is_read_as_html(tmp_path: Path) -> None:
    html = "<p>We met.</p><h3>Links</h3><ul><li><a href='https://a.example'>Pot</a></li><li><a href='https://b.example'>Pan</a></li></ul>"
    (episode,) = read(tmp_path, {"1.md": f"---\ntitle: Beans\ndate: 2031-01-01\n---\n{html}\n"}).values()
    assert [(story.title, story.url) for story in episode.stories] == [
        ("Pot", "https://a.example"),
        ("Pan", "https://b.example"),
    ]
    assert "<" not in episode.prose


def test_who_takes_part_goes_before_who_wrote_the_page(tmp_path: Path) -> None:
    front = "title: Beans\ndate: 2031-01-01\nauthor: Ann\nteam: 'Bob, Cid'"
    (episode,) = read(tmp_path, {"1.md": f"---\n{front}\n---\n\nWords.\n"}).values()
    assert episode.hosts == ("Bob", "Cid")


def test_utterances_in_milliseconds_are_a_transcript() -> None:
    said = [{"text": "Beans.", "start": 4250, "end": 6000, "speaker": "A", "words": []}]
    cues = read_transcript(json.dumps({"id": "x", "status": "completed", "utterances": said}), "1.json").cues
    assert [(cue.start, cue.end, cue.speaker, cue.text) for cue in cues] == [(4.25, 6.0, "A", "Beans.")]


def test_the_address_of_an_item_is_no_person_that_it_names_first(tmp_path: Path) -> None:
    body = (
        "- **Tails** are longer now ([@ann](https://people.example/ann), [#12](https://kites.example/12))\n"
        "- Rope by [@tomo](https://people.example/tomo)\n"
        "- [@rin](https://people.example/rin) made [a reel](https://kites.example/reel)\n"
        "- Seen by [@ken](https://people.example/ken/posts/7), [more](https://kites.example/more)\n"
    )
    episode = episode_of(tmp_path, f"---\ntitle: Kites\ndate: 2031-01-04\n---\n\n{body}")
    assert [story.url for story in episode.stories] == [
        "https://kites.example/12",
        "https://people.example/tomo",
        "https://kites.example/reel",
        "https://people.example/ken/posts/7",
    ]


def test_a_time_within_the_words_of_a_link_is_its_start_and_the_link_stays_whole(tmp_path: Path) -> None:
    body = (
        "- [00:00 Opening](#)\n- [01:30 Tails, long or short](https://film.example/x?t=90)\n"
        '- <a href="#" onclick="jump(300.0)">05:00 Rope</a>\n'
    )
    episode = episode_of(tmp_path, f"---\ntitle: Kites\ndate: 2031-01-04\n---\n\n{body}")
    assert [(story.title, story.url, story.start) for story in episode.stories] == [
        ("Opening", None, 0),
        ("Tails, long or short", "https://film.example/x?t=90", 90),
        ("Rope", None, 300),
    ]


# --- a third look


def test_an_object_of_json_that_is_an_episode_is_one(tmp_path: Path) -> None:
    for n, folder in enumerate(("rope-2031", "nets-2031"), start=1):
        talk = {
            "title": f"5 good knots {n}",
            "slug": "knots",
            "recorded": f"2031-05-0{n}",
            "speakers": ["Ann Reed"],
            "summary": "Knots that hold.",
            "videos": [{"type": "youtube", "url": "https://www.youtube.com/watch?v=abcdefghi0" + str(n)}],
        }
        write(tmp_path, f"{folder}/videos/5-good-knots.json", json.dumps(talk))
        write(tmp_path, f"{folder}/category.json", json.dumps({"title": "Rope talks", "description": "Talks."}))
    episodes, problems = read_archive(ArchiveReader([tmp_path]))
    assert (len(episodes), problems) == (2, [])
    for n, episode in enumerate(episodes, start=1):
        assert (episode.title, str(episode.date)) == (f"5 good knots {n}", f"2031-05-0{n}")
        assert (episode.number, episode.hosts, episode.description) == (None, ("Ann Reed",), "Knots that hold.")
        assert episode.youtube_id == f"abcdefghi0{n}"


@pytest.mark.parametrize(
    ("people", "rare"),
    [
        ("Members in attendance were:\n\n- Ann Reed\n- Bo\n\nAlso in attendance were:\n\n- Cid Yew (Assistant)\n", ""),
        (
            "## Voting member attendance\n\n### Mills\n\n- [x] Ann Reed - Mill\n- [ ] Dee Ash - Mill\n\n### Yards\n\n"
            "- [x] Bo, Yard\n- [ ] Eve Oak, Yard\n\n## Other Attendees\n\n* Cid Yew (Rope)\n",
            "",
        ),
        ("# Attended by\n* [X] Ann Reed\n* [ ] ~~Eve Oak~~\n* [X] Bo\n* [X] Cid Yew\n", ""),
        ("## Attendees\n\n- Ann Reed\n- Bo\n- Cid Yew\n", "\n## Apologies\n\n- Dee Ash, Mill\n- Eve Oak\n"),
        ("## Present\n\n- Ann Reed\n- Bo\n- Cid Yew\n", "\n## Voting Member Regrets\n\n- Dee Ash, Mill\n- Eve Oak\n"),
    ],
)
def test_those_who_came_are_people_and_those_who_did_not_are_no_story(tmp_path: Path, people: str, rare: str) -> None:
    topics = "## Ropes of {n}\n\nThey hold well enough.\n\n## Nets of {n}\n\nThey do not, as Ann says.\n"
    files = {
        f"2031-05-0{n}.md": f"# Council\n\n{people}{rare if n == 3 else ''}\n{topics.format(n=n)}" for n in range(1, 6)
    }
    for n, episode in enumerate(read(tmp_path, files).values(), start=1):
        assert episode.hosts == ("Ann Reed", "Bo", "Cid Yew")
        assert [story.title for story in episode.stories] == [f"Ropes of {n}", f"Nets of {n}"]
        assert ("Dee Ash" in episode.prose) == ("Dee Ash" in people or (n == 3 and rare != ""))


def test_speech_in_paragraphs_of_html_is_speech(tmp_path: Path) -> None:
    said = "".join(
        f"<p><b>{name}:</b> \nRope number {{n}} holds, as far\nas I know it, for {place} years.\n</p>\n\n"
        for place, name in enumerate(("Ann", "Bo", "Ann", "Bo", "Ann"), start=2)
    )
    files = {f"2031-05-0{n}.md": f"---\ntitle: Ropes {n}\n---\n\n{said.format(n=n)}" for n in range(1, 4)}
    for episode in read(tmp_path, files).values():
        assert episode.prose == ""
        assert episode.hosts == ("Ann", "Bo")
        assert [story.kind for story in episode.stories] == ["passage"]


@pytest.mark.parametrize(
    ("path", "day", "period", "number"),
    [
        ("Archive/2031/05/summary/ann_4", None, "2031-05", 4),
        ("diary/2031/0504", "2031-05-04", "", None),
        ("diary/2031/0504-rope", "2031-05-04", "", None),
        ("diary/2031/1504", None, "", 1504),
        ("diary/0504", None, "", 504),
    ],
)
def test_a_year_above_makes_a_month_or_a_day_of_what_is_below(
    path: str, day: str | None, period: str, number: int | None
) -> None:
    *folders, stem = path.split("/")
    name = read_name(stem, tuple(folders))
    assert (name.date and str(name.date), name.period, name.guess) == (day, period, number)


def test_a_name_of_two_numbers_is_no_title_and_those_who_speak_in_captions_are_people(tmp_path: Path) -> None:
    said = ("Ann Reed: Welcome to season 3.", "Bo: Hello.", "Ann Reed: This is episode 4.", "Bo: It is.", "Cid: Oh.")
    cues = "".join(f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{line}\n\n" for n, line in enumerate(said, start=1))
    (episode,) = read(tmp_path, {"3_4.srt": cues}).values()
    assert (episode.title, episode.number, episode.hosts) == ("3_4", None, ("Ann Reed", "Bo"))


def test_a_base_that_is_a_whole_address_is_the_site(tmp_path: Path) -> None:
    write(tmp_path, "_config.yml", "url: https://rope.example\nbaseurl: https://rope.example/ends\n")
    write(tmp_path, "_posts/2031-05-04-knots.md", "---\ntitle: Knots\n---\n\nWords.\n")
    ((episode,), _) = read_archive(ArchiveReader([tmp_path]))
    assert episode.page_url == "https://rope.example/ends/2031/05/04/knots.html"


def test_a_number_may_be_called_that_of_an_ep_and_a_heading_of_a_template_is_no_text(tmp_path: Path) -> None:
    page = "---\ntitle: Knots\ndate: 2031-05-04\nepnumber: 12\n---\n\n# {{ $frontmatter.title }}\n\nWords.\n"
    (episode,) = read(tmp_path, {"knots.md": page}).values()
    assert (episode.number, episode.prose) == (12, "Words.")


def test_a_heading_of_one_file_over_a_list_of_links_is_a_section_beside_those_of_all(tmp_path: Path) -> None:
    links = "## Links\n\n* [Rope {n}](https://a.example/{n})\n* [Net {n}](https://b.example/{n}) by Bo\n"
    titles = "\n## Titles\n\n* The rope that holds {n}\n* A net is a net {n}\n* Knots of the north {n}\n"
    files = {f"2031-05-0{n}.md": f"---\ntitle: {n}\n---\n\n{(links + titles).format(n=n)}" for n in range(1, 6)}
    books = "\n## Books of Ann\n\n* [Knots](https://c.example/) by Cid\n* [Bends](https://d.example/) by Dee\n"
    files["2031-05-03.md"] = files["2031-05-03.md"].replace("\n## Titles", f"{books}\n## Titles")
    stories = read(tmp_path, files)["2031-05-03"].stories
    assert [(story.title, story.section) for story in stories[:4]] == [
        ("Rope 3", ""),
        ("Net 3", ""),
        ("Knots", "Books of Ann"),
        ("Bends", "Books of Ann"),
    ]
