"""How an archive is written decides how it is read: its own text, people, transcripts, settings, names of files."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
import show_kinds as kinds
from archive_samples import drafts_by_id, episode_of, write, write_plain
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import examples
from zunda_mcp.config.settings import ReaderSettings
from zunda_mcp.errors import SettingsError
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive
from zunda_mcp.reading.detection.conventions import STRATEGIES


def test_what_no_story_holds_stays_the_episodes_own_text(tmp_path: Path) -> None:
    drafts = drafts_by_id(ArchiveReader([kinds.pelican_links(tmp_path / "a")]))
    assert drafts["2030-2-9-this-week-in-beans"].prose == (
        "Hello, and welcome to another issue!\n\n## Updates\n\n### Official\n\n### Tooling\n\n# Quote\n\n> beans\n\n"
        "Category: Letters"
    )
    drafts = drafts_by_id(ArchiveReader([kinds.timed_lists(tmp_path / "b")]))
    assert drafts["002 - Beans of 2"].prose.startswith("A talk.\n\n## Pods Inc - Sponsor\n")


def test_the_text_behind_a_link_and_below_it_is_the_summary(tmp_path: Path) -> None:
    drafts = drafts_by_id(ArchiveReader([kinds.numbered_links(tmp_path / "a")]))
    assert [entry.summary for entry in drafts["issues-3"].entries] == [
        "by Ada Bean\n\n> A fold is worth 3 pods.",
        "by Bob\n\n> Later.",
    ]
    drafts = drafts_by_id(ArchiveReader([kinds.timed_lists(tmp_path / "b")]))
    assert drafts["002 - Beans of 2"].entries[1].summary == "* [Soaking chart](https://chart.example/2)"


def test_styles_and_scripts_are_no_content_and_as_code_they_are(tmp_path: Path) -> None:
    page = (
        "# Kites\n\nBefore.\n\n<style>\n  .tail {\n\n    color: red;\n  }\n</style>\n\nBetween.\n\n"
        '<Script async src="x.js">\nlet tails = 1;\n</Script>\n\n```html\n<style>p { margin: 7px; }</style>\n```\n\n'
        "Of the tag <style> we know little.\n"
    )
    prose = episode_of(tmp_path, page, "2031-01-04.md").prose
    assert all(words in prose for words in ("Before.", "Between.", "margin: 7px", "we know little"))
    assert not any(words in prose for words in ("color: red", "let tails"))


def test_comments_and_template_tags_are_no_content(tmp_path: Path) -> None:
    for make in (kinds.numbered_links, kinds.pelican_links, kinds.jekyll_newsletter):
        for draft in drafts_by_id(ArchiveReader([make(tmp_path / make.__name__)])).values():
            assert not {"ads.example", "hidden.example", "<!--", "include"} & set(repr(draft).replace("/", " ").split())
            assert "<!--" not in repr(draft)
            assert "{%" not in repr(draft)


def test_people_are_named_by_their_files_and_those_are_no_episodes(tmp_path: Path) -> None:
    reader = ArchiveReader([kinds.hugo_json(tmp_path)])
    assert {draft.hosts for draft in drafts_by_id(reader).values()} == {("Anna Bean",)}
    assert {file.path.parent.name for file in reader.scan().files} == {"beans"}
    assert "_index" not in {file.path.stem for file in reader.scan().files}


def test_people_may_lie_where_the_settings_say(tmp_path: Path) -> None:
    write(tmp_path, "voices/anna.md", "---\ntitle: Anna Bean\n---\n")
    write(
        tmp_path, "2030-01-01-1.md", "---\ntitle: A\nhosts: [anna, bob, anna2]\nguests:\n  - name: Cy\n---\n\nText.\n"
    )
    episodes, problems = read_archive(ArchiveReader([tmp_path], ReaderSettings(people="voices")))
    assert [episode.hosts for episode in episodes] == [("Anna Bean", "bob", "Cy")]
    assert problems == []


def test_an_archive_without_dates_is_no_fault_of_its_files(tmp_path: Path) -> None:
    episodes, problems = read_archive(ArchiveReader([kinds.numbered_links(tmp_path / "letters")]))
    assert [episode.number for episode in episodes] == [1, 2, 3, 4, 5]
    assert {episode.date for episode in episodes} == {None}
    assert problems == []


def test_undated_episodes_come_before_dated_ones_by_number(tmp_path: Path) -> None:
    write_plain(tmp_path, "2031-01-01-1", "2031-01-02-2", "2031-01-03-3")
    for number in (12, 4):
        write(tmp_path, f"lost-{number}.md", f"---\ntitle: 失くした回\nnumber: {number}\n---\n\n文。\n")
    episodes, problems = read_archive(ArchiveReader([tmp_path]))
    assert [episode.number for episode in episodes] == [4, 12, 1, 2, 3]
    assert [problem.path.split("/")[-1] for problem in problems] == ["lost-12.md", "lost-4.md"]


def test_an_undated_file_that_is_written_like_the_others_is_an_episode(tmp_path: Path) -> None:
    for day in (1, 2, 3):
        write(tmp_path, f"2031-01-0{day}-x.md", "---\ntitle: A\nmood: good\nimage: a.png\n---\n\nText.\n")
    write(tmp_path, "lost.md", "---\ntitle: B\nmood: bad\nimage: b.png\n---\n\nText.\n")
    write(tmp_path, "links.md", "---\ntitle: C\n---\n\n- [C](https://c.example/)\n")
    episodes, problems = read_archive(ArchiveReader([tmp_path]))
    assert [episode.id for episode in episodes][:1] == ["lost"]
    assert len(episodes) == 4
    assert [(problem.path.split("/")[-1], problem.skipped) for problem in problems] == [
        ("links.md", True),
        ("lost.md", False),
    ]


def test_a_page_beside_dated_episodes_is_none_because_it_has_a_title(tmp_path: Path) -> None:
    write_plain(tmp_path, "2031-01-01-1", "2031-01-02-2", "2031-01-03-3")
    write(tmp_path, "imprint.md", "---\ntitle: Imprint\n---\n\nWho we are.\n")
    episodes, problems = read_archive(ArchiveReader([tmp_path]))
    assert len(episodes) == 3
    assert [problem.skipped for problem in problems] == [True]


def test_a_transcript_goes_with_the_notes_of_its_name(tmp_path: Path) -> None:
    turns = "".join(f"**{name}:**\n\nWords {place}.\n\n" for place, name in enumerate(("Ann", "Bo") * 4))
    for number in range(1, 5):
        write(
            tmp_path,
            f"notes/show-{number}.md",
            f"- [A](https://a.example/{number})\n- [B](https://b.example/{number})\n",
        )
    for number in range(3, 6):
        write(tmp_path, f"transcripts/show-{number}.md", turns)
    reader = ArchiveReader([tmp_path])
    assert reader.strategy.name == "list-items"
    drafts = drafts_by_id(reader)
    assert sorted(drafts) == [f"show-{number}" for number in range(1, 6)]
    assert [e.title for e in drafts["show-3"].entries] == ["A", "B"]
    assert "Words 0." in drafts["show-3"].spoken
    assert [(e.title, e.line) for e in drafts["show-5"].entries] == [("Ann: Words 0.", 3)]
    assert drafts["show-5"].prose == ""


def test_a_changed_transcript_changes_the_file_it_goes_with(tmp_path: Path) -> None:
    notes = "- [A](https://a.example/)\n- [B](https://b.example/)\n"
    for number in (1, 2, 3):
        write(tmp_path, f"notes/show-{number}.md", notes)
    said = write(
        tmp_path, "transcripts/show-1.md", "**A:**\n\nOne.\n\n**B:**\n\nTwo.\n\n**A:**\n\nThree.\n\n**B:**\n\nFour.\n"
    )
    before = ArchiveReader([tmp_path]).scan().files[0]
    reading = ArchiveReader([tmp_path]).read(before)
    said.write_text(said.read_text(encoding="utf-8") + "\n**A:**\n\nFive.\n", encoding="utf-8")
    after = ArchiveReader([tmp_path]).scan().files[0]
    assert (before.label, before.size < after.size) == (after.label, True)
    again = ArchiveReader([tmp_path]).read(after)
    assert again.digest != reading.digest
    assert again.drafts[0].spoken.endswith("A: Five.")


def test_a_day_of_a_link_log_beyond_the_month_of_its_file_is_kept(tmp_path: Path) -> None:
    drafts = drafts_by_id(ArchiveReader([kinds.link_log(tmp_path)]))
    assert drafts["2030-01-31-2030-02"].date == dt.date(2030, 1, 31)
    assert sum(len(draft.entries) for draft in drafts.values()) == 6
    in_japan = drafts_by_id(ArchiveReader([tmp_path], ReaderSettings(timezone="Asia/Tokyo")))
    assert in_japan["2030-02-01"].date == dt.date(2030, 2, 1)


@pytest.mark.parametrize(
    "content",
    [
        '{"name": "a", "dependencies": {"b": "1"}}',
        '[{"type": "section", "title": "a", "url": "https://a.example/", "start_ms": 0}]',
        '{"version": "1.2.0", "chapters": [{"startTime": 0, "title": "a"}]}',
        '{"version": "1.0.0", "segments": [{"speaker": "a", "startTime": 0, "body": "b"}]}',
        '{"list": [{"title": "cut off',
        "[]",
        "[" * 100_000,
    ],
)
def test_other_json_is_passed_over_in_silence(tmp_path: Path, content: str) -> None:
    write_plain(tmp_path, "2031-01-01-1")
    write(tmp_path, "2031-01-02-2.json", content)
    episodes, problems = read_archive(ArchiveReader([tmp_path]))
    assert [episode.id for episode in episodes] == ["2031-01-01-1"]
    assert problems == []


def test_a_json_list_of_episodes_gives_each_with_its_stories(tmp_path: Path) -> None:
    content = """[
      {"number": 1, "title": "First", "date": "2030-01-01", "links": [{"title": "A", "url": "https://a.example/"}]},
      {"number": 2, "title": "Second", "date": "2030-01-08", "links": [{"title": "B", "url": "https://b.example/"}]}
    ]"""
    write(tmp_path, "shows.json", content)
    episodes, problems = read_archive(ArchiveReader([tmp_path]))
    assert [(e.id, str(e.date), e.title, e.stories[0].url) for e in episodes] == [
        ("1", "2030-01-01", "First", "https://a.example/"),
        ("2", "2030-01-08", "Second", "https://b.example/"),
    ]
    assert problems == []


def test_a_strategy_of_the_settings_is_taken_and_an_unknown_one_refused(tmp_path: Path) -> None:
    reader = ArchiveReader([kinds.jekyll_newsletter(tmp_path)], ReaderSettings(strategy="whole"))
    assert (reader.strategy.name, reader.strategy.counts) == ("whole", {"headings": 5})
    assert "settings" in reader.strategy.reason
    draft = drafts_by_id(reader)["2030-02-10-issue-2"]
    assert draft.entries == ()
    assert "Harvest" in draft.prose
    with pytest.raises(SettingsError, match="list-items"):
        ArchiveReader([tmp_path], ReaderSettings(strategy="by magic"))


def test_keys_prefix_and_patterns_of_the_settings_are_followed(tmp_path: Path) -> None:
    write(
        tmp_path,
        "a.md",
        "---\ntitle: internal\ndate: 2020-01-01\nheading: Shown\naired_on: June 28, 2030\naudio: 1.mp3\n---\n\n"
        "- [Shop](https://shop.example/pods)\n- [Beans](https://b.example/)\n- [Weekly quiz](https://q.example/)\n",
    )
    reader = ArchiveReader(
        [tmp_path],
        ReaderSettings(
            strategy="list-items",
            date_key="Aired-On",
            title_key="heading",
            audio_prefix="https://audio.example/x",
            ignore=("shop.example", "*quiz"),
        ),
    )
    (episode,), problems = read_archive(reader)
    assert (episode.title, str(episode.date)) == ("Shown", "2030-06-28")
    assert episode.audio_url == "https://audio.example/x/1.mp3"
    assert [story.title for story in episode.stories] == ["Beans"]
    assert problems == []


def test_what_a_look_found_is_kept_and_no_unchanged_file_is_opened_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ArchiveReader([kinds.hugo_json(tmp_path)])
    scan = first.scan()
    kept = json.loads(json.dumps(first.keep(first.profiles(scan))))
    again = ArchiveReader([tmp_path])
    again.recall(kept)
    monkeypatch.setattr(Path, "open", lambda path, *_, **__: pytest.fail(f"{path} was opened"))
    assert again.digests(again.scan()) == first.digests(scan)
    assert again.profiles(again.scan())[""].survey == first.profiles(scan)[""].survey


def test_labels_and_lists_are_no_speakers(tmp_path: Path) -> None:
    labelled = "".join(
        f"- [題{n}](https://a.example/{n})\n\n要約です。\n\n引用元: https://a.example/{n}\n\n" for n in range(5)
    )
    listed = "".join(f"Ann: word {n}\n\n- [題{n}](https://b.example/{n})\n\n" for n in range(5))
    for name, body in (("a", labelled), ("b", listed)):
        write(tmp_path / name, "2030-01-01-1.md", f"---\ntitle: A\n---\n\n{body}")
        (episode,), _ = read_archive(ArchiveReader([tmp_path / name]))
        assert [story.title for story in episode.stories] == [f"題{n}" for n in range(5)]


def test_words_quoted_in_an_account_are_no_transcript(tmp_path: Path) -> None:
    account = "".join(f"The panel turns to bean {n}.\n\nAnn: “Bean {n} is good.”\n\nMost agree.\n\n" for n in range(5))
    spoken = "".join(f"{name}: Bean {n} is good.\n\n" for n, name in enumerate(("Ann", "Bo") * 3))
    for name, body, said in (("a", account, False), ("b", spoken, True)):
        write(tmp_path / name, "2030-01-01-1.md", f"---\ntitle: A\n---\n\n{body}")
        (draft,) = drafts_by_id(ArchiveReader([tmp_path / name], ReaderSettings(strategy="list-items"))).values()
        assert any(entry.spoken for entry in draft.entries) is said
        assert ("The panel turns to bean 4." in draft.prose) is not said


def test_a_few_files_of_another_kind_do_not_change_the_way_of_the_others(tmp_path: Path) -> None:
    kinds.timed_lists(tmp_path)
    write(
        tmp_path, "shows/006 - essay.md", "---\ntitle: Essay\ndate: 2030-01-09\n---\n\n## A\n\nText.\n\n## B\n\nText.\n"
    )
    reader = ArchiveReader([tmp_path])
    assert reader.strategy.name == "list-items"
    essay = drafts_by_id(reader)["006 - essay"]
    assert (essay.entries, essay.number) == ((), 6)
    assert essay.prose == "## A\n\nText.\n\n## B\n\nText."


def test_names_that_only_folders_tell_apart_are_told_apart(tmp_path: Path) -> None:
    for season in (1, 2):
        write(tmp_path, f"season{season}/pilot.md", f"---\ntitle: P\ndate: 2030-01-0{season}\n---\n\nText.\n")
        write(tmp_path, f"season{season}/7.md", f"---\ntitle: S\ndate: 2030-02-0{season}\n---\n\nText.\n")
    episodes, problems = read_archive(ArchiveReader([tmp_path]))
    assert [episode.id for episode in episodes] == ["season1-pilot", "season2-pilot", "season1-7", "season2-7"]
    assert problems == []


def test_shows_in_one_archive_keep_episodes_of_one_name(tmp_path: Path) -> None:
    for show in ("beans", "peas"):
        write(tmp_path, f"{show}/2030/episode-7.md", f"---\ntitle: {show}\ndate: 2030-01-01\n---\n\nText.\n")
        write(tmp_path, f"{show}/2030/8.md", f"---\ntitle: {show}\ndate: 2030-01-02\n---\n\nText.\n")
        write(tmp_path, f"{show}/pilot/index.md", f"---\ntitle: {show}\ndate: 2030-01-03\n---\n\nText.\n")
        write(tmp_path, f"{show}/2030-01-04-news.md", f"---\ntitle: {show}\n---\n\nText.\n")
    episodes, problems = read_archive(ArchiveReader([tmp_path]))
    assert problems == []
    assert [episode.id for episode in episodes if episode.title == "peas"] == [
        "peas-2030-episode-7",
        "peas-2030-8",
        "peas-pilot",
        "peas-2030-01-04-news",
    ]
    assert len(episodes) == 8


@pytest.mark.parametrize("folder", ["_posts.bak", "old", "_drafts", "backup-2030"])
def test_a_copy_that_is_kept_beside_counts_once(tmp_path: Path, folder: str) -> None:
    for place in ("_posts", folder):
        write(tmp_path, f"{place}/2030-01-01-1.md", f"---\ntitle: {place}\n---\n\nText.\n")
    episodes, problems = read_archive(ArchiveReader([tmp_path]))
    assert [episode.id for episode in episodes] == ["2030-01-01-1"]
    assert len(problems) == 1


def test_a_page_alone_in_its_folder_is_named_after_it_and_one_over_others_is_none(tmp_path: Path) -> None:
    write(tmp_path, "index.md", "---\ntitle: Start\ndate: 2030-01-01\n---\n")
    write(tmp_path, "posts/index.md", "---\ntitle: All posts\ndate: 2030-01-01\n---\n")
    write(tmp_path, "posts/2030-01-02-beans/index.md", "---\ntitle: Beans\n---\n\nText.\n")
    write(tmp_path, "about.md", "---\ntitle: About\n---\n")
    episodes, problems = read_archive(ArchiveReader([tmp_path]))
    assert [(episode.id, str(episode.date)) for episode in episodes] == [("2030-01-02-beans", "2030-01-02")]
    assert problems == []


LINES = """
- |  - |* [a](b) |[00:01](#t=1) |https://a.example/|## |### 0:12 |**A:** |A: |<!--|-->|```|{% x %}|[|](|)|`|**|+++|---
{|"a": |}|title = 1|Title: x|Sponsor|1. |> |\\|(0:12)|date = 2030-01-01|豆|chapters: [1, {a: b}]
"""
SHARP = st.sampled_from(["\n", "\n\n", "\t", *LINES.replace("\n", "|").split("|")])


@settings(max_examples=examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pieces=st.lists(SHARP | st.text(max_size=4), max_size=50),
    strategy=st.sampled_from(STRATEGIES),
    suffix=st.sampled_from((".md", ".mdx", ".json")),
    open_with=st.sampled_from(("", "+++\n", "{", "---\n", "Title: a\n", "[{")),
)
def test_no_text_makes_any_way_of_splitting_fail(
    tmp_path: Path, pieces: list[str], strategy: str, suffix: str, open_with: str
) -> None:
    path = write(tmp_path, f"2031-01-01-1{suffix}", (open_with + "".join(pieces)).encode("utf-8", "replace"))
    for reader in (ArchiveReader([tmp_path], ReaderSettings(strategy=strategy)), ArchiveReader([tmp_path])):
        episodes, _ = read_archive(reader)
        assert all(episode.model_dump_json() for episode in episodes)
    path.unlink()


HOSTILE = ["[", "[a", "](", "`", "`a", "<!--", "- ", "00:00 ", " ", "**", "A: ", "{%", "https://", "[](", "<", "_a*"]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_lines_take_no_long_time(tmp_path: Path, piece: str) -> None:
    line = piece * 5_000 + "x"
    text = f"---\ntitle: a\ndate: 2030-01-01\n---\n\n- {line}\n\n## {line}\n\n{line}\n"
    write(tmp_path, "2030-01-01-1.md", text)
    for strategy in ("list-items", "headings", "turns"):
        assert len(read_archive(ArchiveReader([tmp_path], ReaderSettings(strategy=strategy)))[0]) == 1


def test_an_issue_in_json_has_its_sections_items_as_stories_and_its_texts_as_notes(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        item = {"title": f"Pods {number}", "url": f"https://pod.example/{number}", "text": "They<br>open <a>well</a>."}
        sponsor = {"title": "Shovels", "url": "https://shovel.example/", "text": "Buy them."}
        issue = {
            "subject": f"The {number}th garden",
            "date": f"2030-01-0{number}",
            "header": ["Hello <a href='https://a.example/'>all</a>."],
            "chapters": [
                {"title": "Sponsors", "entries": [sponsor]},
                {"title": "Harvest", "entries": [item]},
                {"title": "Empty", "entries": []},
            ],
        }
        write(tmp_path, f"src/{number}.json", json.dumps(issue))
    episodes, problems = read_archive(ArchiveReader([tmp_path]))
    assert (episodes[0].date, episodes[0].title) == (dt.date(2030, 1, 1), "The 1th garden")
    (story,) = episodes[2].stories
    assert (story.title, story.url, story.section) == ("Pods 3", "https://pod.example/3", "Harvest")
    assert "open" in story.summary
    assert "Hello [all](https://a.example/)." in episodes[2].prose
    assert "Buy them." in episodes[2].prose
    assert problems == []
