"""Kinds that archives had which people write by hand, each as a tiny archive with what is right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from archive_samples import episode_of, read_all, write

from zunda_mcp.reading.archive_reader import ArchiveReader
from zunda_mcp.sources.coverage import coverage_of

PAGE = "---\ntitle: Kites\ndate: 2031-01-04\n---\n\n"


@pytest.mark.parametrize("rule", ["----", "", "===="])
def test_lines_of_keys_with_an_equals_sign_are_front_matter(tmp_path: Path, rule: str) -> None:
    head = "title = Kites over the bay\naudio.url=https://kites.example/7.mp3\npage=https://kites.example/7\ndate=2031-01-04"
    episode = episode_of(tmp_path, f"{head}\n{rule}\n- [Tails](https://kites.example/tails)\n", "series-7.md")
    assert (episode.title, str(episode.date), episode.number) == ("Kites over the bay", "2031-01-04", 7)
    assert (episode.audio_url, episode.page_url) == ("https://kites.example/7.mp3", "https://kites.example/7")
    assert [story.title for story in episode.stories] == ["Tails"]
    assert "audio.url" not in episode.prose


def test_comments_in_code_that_jekyll_highlights_are_no_headings(tmp_path: Path) -> None:
    code = "{% highlight ruby linenos %}\nkite.fly # => up\n# once more\n\nkite.land\n{% endhighlight %}"
    body = f"## Reels\n\nWe wound [one](https://a.example/{{n}}).\n\n{code}\n\n## Tails\n\nLong [ones](https://b.example/{{n}}).\n"
    for n in range(1, 4):
        write(tmp_path, f"2031-01-0{n}-{n}.md", f"---\ntitle: {n}\n---\n\n{body.replace('{n}', str(n))}")
    found, _ = read_all(tmp_path)
    assert [[story.title for story in one.stories] for one in found.values()] == [["Reels", "Tails"]] * 3
    assert "# once more" in found["2031-01-02-2"].stories[0].summary


def test_attributes_of_kramdown_are_no_text_and_other_braces_are(tmp_path: Path) -> None:
    items = (
        '- [Reel](https://a.example){:target="_blank"}\n- [Tail](https://b.example){: .x}\n'
        "- [Line](https://c.example) of `x` {:number style=percent} and {:date}\n"
    )
    episode = episode_of(tmp_path, PAGE + items)
    assert [(story.title, story.summary) for story in episode.stories] == [
        ("Reel", ""),
        ("Tail", ""),
        ("Line", "of `x` {:number style=percent} and {:date}"),
    ]


@pytest.mark.parametrize("key", ["dateadded", "dateAdded", "date_added"])
def test_when_a_page_was_added_is_its_day(tmp_path: Path, key: str) -> None:
    write(tmp_path, "kites.md", f"---\ntitle: Kites\n{key}: 2031-01-04\n---\n\nWe flew.\n")
    found, problems = read_all(tmp_path)
    assert ([str(one.date) for one in found.values()], problems) == (["2031-01-04"], [])


def test_a_transcript_that_front_matter_lists_is_spoken(tmp_path: Path) -> None:
    lines = "".join(
        f"- line: {words}\n  sec: {n * 40}\n  time: '0:{n * 40}'\n  who: {who}\n"
        for n, (who, words) in enumerate([("Ann", "Welcome to the dunes."), ("Bob", "The reel hummed all day.")])
    )
    clips = "quotableClips:\n- name: Welcome\n  startOffset: 0\n- name: The reel\n  startOffset: 40\n"
    write(
        tmp_path,
        "7.md",
        f"---\ntitle: Kites\ndate: 2031-01-04\n{clips}transcript:\n- header: Welcome\n{lines}---\n\nNotes.\n",
    )
    reader = ArchiveReader([tmp_path])
    (draft,) = [draft for file in reader.scan().files for draft in reader.read(file).drafts]
    assert [(entry.title, entry.start, entry.spoken) for entry in draft.entries] == [
        ("Welcome", 0, "Ann: Welcome to the dunes."),
        ("The reel", 40, "Bob: The reel hummed all day."),
    ]


@pytest.mark.parametrize("heading", ["# 2031.03", "# 2031년 3월, 배운 것", "# 2031", "# 2031-03 Log"])
def test_a_month_over_days_gives_them_their_year(tmp_path: Path, heading: str) -> None:
    template = "<!--\n## 2/28\n-->\n\n"
    days = "## 3/1\n\n### 2012年の凧\n\nWound.\n\n## 3/3, 3/8\n\n### Tails\n\nLong.\n"
    write(tmp_path, "log-2011-2012.md", f"{heading}\n\n{template}{days}")
    found, _ = read_all(tmp_path)
    assert [str(one.date) for one in found.values()] == ["2031-03-01", "2031-03-03"]


def test_where_there_are_no_pages_texts_without_days_are_episodes_too(tmp_path: Path) -> None:
    write(tmp_path, "pads.csv", "Pad,Owner\n1,Ann\n")
    write(tmp_path, "kite-2031-01-02.txt", "Kite 1\n\nA short flight.\n")
    later = "00:00 Reels\n01:10 Tails\n\nWe\nmet\non 3 May 2012.\n"
    write(tmp_path, "KT007.txt", f"Kite 7\nAm 04.01.2031 mit Ann\n\n{later}")
    write(tmp_path, "KT-13-09-12.txt", "Kite 8\n\n00:00 Wind\n02:00 Sand\n")
    write(tmp_path, "kitechat.txt", "Kite chat\n\nNobody knows when.\n")
    found, _ = read_all(tmp_path)
    assert {id: (str(one.date), one.number, len(one.stories)) for id, one in found.items()} == {
        "KT-13-09-12": ("None", None, 2),
        "KT007": ("2031-01-04", None, 2),
        "kite-2031-01-02": ("2031-01-02", None, 0),
        "kitechat": ("None", None, 0),
    }


def test_files_named_by_days_that_nothing_reads_are_missed(tmp_path: Path) -> None:
    seen = coverage_of([tmp_path], 2, {f"a/2031-01-{n:02}-talk.xml": n < 3 for n in range(1, 31)})
    assert not seen.suffices
    assert "28 .xml" in seen.message()


def test_an_issue_in_sections_has_its_number_and_its_editor(tmp_path: Path) -> None:
    entries = [{"title": "Reel", "url": "https://a.example", "text": "Wound."}]
    chapters = [{"title": '<a href="https://k.example">Reels</a>', "entries": entries}]
    issue = {"subject": "Wind", "date": "2031-01-04", "editor": "ann", "chapters": chapters}
    write(tmp_path, "src/334.json", json.dumps(issue))
    (episode,) = read_all(tmp_path)[0].values()
    assert (episode.number, episode.hosts, episode.title) == (334, ("ann",), "Wind")
    assert [(story.title, story.section) for story in episode.stories] == [("Reel", "Reels")]


def test_a_colon_straight_behind_a_link_is_no_text(tmp_path: Path) -> None:
    episode = episode_of(
        tmp_path, PAGE + "- [Reel](https://a.example):It hums\n- [Tail](https://b.example):tada: done\n"
    )
    assert [story.summary for story in episode.stories] == ["It hums", ":tada: done"]


def test_a_title_of_any_level_is_no_section(tmp_path: Path) -> None:
    item = "- [Reel {n}](https://a.example/{n})\n- [Tail {n}](https://b.example/{n})\n"
    for n in range(1, 4):
        write(
            tmp_path,
            f"2031-01-0{n}.md",
            f"## 2031-01-0{n}\n\n#### Reels of {n}\n{item.format(n=n)}\n#### More of {n}\n{item.format(n=n + 9)}",
        )
    episode = read_all(tmp_path)[0]["2031-01-02"]
    assert list(dict.fromkeys(story.section for story in episode.stories)) == ["Reels of 2", "More of 2"]


def test_a_chapter_that_is_a_section_begins_with_its_first_story(tmp_path: Path) -> None:
    chapters = "chapters:\n- time: 00:00:00\n  title: Hello\n- time: 00:01:10\n  title: Reels\n"
    body = "## Reels\n\n- [Reel](https://a.example)\n- [Line](https://b.example)\n\n## Sand\n\n- [Dune](https://c.example)\n"
    episode = episode_of(tmp_path, f"---\ntitle: Kites\ndate: 2031-01-04\n{chapters}---\n\n{body}")
    assert [(story.title, story.start) for story in episode.stories] == [
        ("Reel", 70),
        ("Line", None),
        ("Dune", None),
        ("Hello", 0),
    ]


def test_names_in_brackets_before_times_are_turns(tmp_path: Path) -> None:
    said = "".join(f"[Speaker {n % 2 + 1}] [00:{n:02}] We wound the reel {n} times.\n\n" for n in range(8))
    write(tmp_path, "2031-01-04-7.md", said)
    write(tmp_path, "2031-01-05-8.md", said)
    reader = ArchiveReader([tmp_path])
    draft = reader.read(reader.scan().files[0]).draft
    assert draft is not None
    assert draft.entries[0].spoken.startswith("Speaker 1: We wound the reel 0 times.\n\nSpeaker 2: We wound the reel 1")
    assert draft.entries[0].moments[1][1] == 1


def test_a_yaml_list_of_dated_items_is_their_episodes(tmp_path: Path) -> None:
    items = "".join(
        f"- title: Talk {n}\n  date: 2031-01-0{n}\n  speaker: Ann\n  mp3: https://k.example/{n}.mp3\n" for n in (1, 2)
    )
    write(tmp_path, "talks.yml", f"# all talks\n---\n{items}")
    write(tmp_path, "_config.yml", "title: Kites\n")
    write(tmp_path, "menu.yml", "- title: Home\n  url: /\n- title: About\n  url: /about\n")
    found, problems = read_all(tmp_path)
    assert [(str(one.date), one.title, one.hosts, one.audio_url) for one in found.values()] == [
        ("2031-01-01", "Talk 1", ("Ann",), "https://k.example/1.mp3"),
        ("2031-01-02", "Talk 2", ("Ann",), "https://k.example/2.mp3"),
    ]
    assert problems == []


def test_items_without_a_title_are_episodes_with_their_links(tmp_path: Path) -> None:
    items = "".join(
        f"- id: {n}\n  date: 2031-01-0{n} 21:00\n  members:\n  - Ann\n  kites:\n  - name: Reel\n    url: https://k.example/{n}\n"
        f"  links:\n  - https://l.example/{n}\n"
        for n in (1, 2)
    )
    write(tmp_path, "evenings.yml", items)
    found, problems = read_all(tmp_path)
    assert [(str(one.date), one.title, one.number, one.hosts) for one in found.values()] == [
        ("2031-01-01", "2031-01-01", 1, ("Ann",)),
        ("2031-01-02", "2031-01-02", 2, ("Ann",)),
    ]
    assert [(story.title, story.url) for story in found["1"].stories] == [
        ("https://l.example/1", "https://l.example/1"),
        ("Reel", "https://k.example/1"),
    ]
    assert problems == []


def test_a_day_at_the_end_of_words_is_a_part_of_the_title(tmp_path: Path) -> None:
    days = "## Notes from 2031-01-04\n\nKites flew.\n\n## Reels - 2031-01-03\n\nReels ran.\n"
    write(tmp_path, "log.md", f"# Club\n\n- **Time**: Fridays\n- **Place**: [hall](https://h.example)\n\n{days}")
    found, _ = read_all(tmp_path)
    assert [(str(one.date), one.title) for one in found.values()] == [
        ("2031-01-03", "Reels"),
        ("2031-01-04", "Notes from 2031-01-04"),
    ]
    newest = found["2031-01-04-log"]
    assert newest.prose == "# Club\n\n- **Time**: Fridays\n- **Place**: [hall](https://h.example)\n\nKites flew."


def test_a_channel_is_one_name(tmp_path: Path) -> None:
    episode = episode_of(tmp_path, PAGE.replace("date", 'author: "Boats & Tides | Ann Bo"\ndate'))
    assert episode.hosts == ("Boats & Tides | Ann Bo",)


def test_a_talk_of_the_last_century_has_its_day(tmp_path: Path) -> None:
    write(tmp_path, "1980-03-23_Kites/talk.md", "# Kites\n\nThey flew.\n")
    (episode,) = read_all(tmp_path)[0].values()
    assert str(episode.date) == "1980-03-23"


def test_lines_over_rules_are_headings_as_any_others(tmp_path: Path) -> None:
    reels = "Reels\n-----\n- wound\n- [tied](https://a.example)\n\n- no title\n---\n\n"
    body = f"Kites\n=====\n\n{reels}Tails\n--\n\nLong.\n\n```\nx\n--\n```\n"
    write(tmp_path, "2031-01-04.md", body)
    write(tmp_path, "log.md", "2031-01-06\n----------\n\nFlew.\n\n2031-01-05\n----------\n\nFell.\n")
    found, _ = read_all(tmp_path)
    assert found["2031-01-04"].title == "Kites"
    assert [story.title for story in found["2031-01-04"].stories] == ["Reels", "Tails"]
    assert found["2031-01-04"].stories[1].summary == "Long.\n\n```\nx\n--\n```"
    assert "-----" not in found["2031-01-04"].prose
    assert (found["2031-01-05-log"].prose, found["2031-01-06-log"].prose) == ("Fell.", "Flew.")
