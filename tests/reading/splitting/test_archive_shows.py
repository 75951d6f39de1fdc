"""How public sites of shows write their notes, each kind as a tiny archive with what is right."""

from __future__ import annotations

from pathlib import Path

import pytest
from archive_samples import episode_of, write

from zunda_mcp.models import Episode
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive
from zunda_mcp.reading.html.to_markdown import markdown_of

LIST = "- [Pot](https://a.example/{n})\n- [Pan](https://b.example/{n})\n"


def read(folder: Path, files: dict[str, str]) -> list[Episode]:
    for name, text in files.items():
        write(folder, name, text)
    episodes, problems = read_archive(ArchiveReader([folder]))
    assert problems == []
    return episodes


def page(body: str, **keys: str) -> str:
    return "".join(("---\n", *(f"{key}: {value}\n" for key, value in keys.items()), "---\n\n", body))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<section class="notes" markdown="1">\n', "</section>\n"),
        ("<div>\n<details>\n", "</details></div>\n"),
        ("<article>\n\n", "\n</article>\n"),
    ],
)
def test_tags_around_a_list_do_not_hide_it(tmp_path: Path, before: str, after: str) -> None:
    body = f"We cook.\n\n{before}{LIST}{after}\nBye.\n"
    episodes = read(tmp_path, {f"2031-01-0{n}.md": page(body.format(n=n), title=f"Day {n}") for n in range(1, 5)})
    for episode in episodes:
        assert [story.title for story in episode.stories] == ["Pot", "Pan"]
        assert episode.prose == "We cook.\n\nBye."


def test_an_indented_list_in_tags_does_not_belong_to_the_list_before_it(tmp_path: Path) -> None:
    body = "* [Web](https://ann.example)\n\n<div>\n  * [Pot](https://a.example)\n    * for beans\n  * [Pan](https://b.example)\n</div>\n"
    stories = read(tmp_path, {f"2031-01-0{n}.md": page(body, title=f"Day {n}") for n in range(1, 3)})[0].stories
    assert [(story.title, story.summary) for story in stories] == [("Web", ""), ("Pot", "* for beans"), ("Pan", "")]


def test_tags_around_html_stay_as_they_are(tmp_path: Path) -> None:
    body = "<div>\n    <p>Four spaces are no code here.</p>\n</div>\n"
    assert "Four spaces are no code here." in episode_of(tmp_path, page(body, title="Day")).prose


@pytest.mark.parametrize(
    "player",
    [
        '<audio controls><source src="https://a.example/1.mp3">Your browser plays nothing.</audio>',
        '<Player title="Day"\n  audio_url="https://a.example/1.mp3"\n/>',
        '<iframe src="https://player.example/1"></iframe>\n\n[hear](https://a.example/1.mp3)',
    ],
)
def test_a_player_is_no_text_and_gives_its_recording(tmp_path: Path, player: str) -> None:
    episode = episode_of(tmp_path, page(f"We cook.\n\n{player}\n", title="Day", number="1"))
    assert episode.prose.removesuffix("\n\n[hear](https://a.example/1.mp3)") == "We cook."
    assert episode.audio_url == "https://a.example/1.mp3"


def test_a_player_in_code_is_text(tmp_path: Path) -> None:
    frame = '<iframe src="https://www.youtube.com/embed/abcdefghijk"></iframe>'
    episode = episode_of(tmp_path, page(f"Write:\n\n```html\n{frame}\n```\n", title="Day"))
    assert frame in episode.prose
    assert episode.youtube_id is None


def test_a_heading_that_says_the_title_again_is_no_story(tmp_path: Path) -> None:
    body = "# Day {n}\n\nWe cooked a lot of beans today.\n\n# Beans\n\nCook them.\n\n# Rice {n}\n\nWash it.\n"
    episodes = read(tmp_path, {f"2031-01-0{n}.md": page(body.format(n=n), title=f"Day {n}") for n in range(1, 3)})
    assert [[story.title for story in episode.stories] for episode in episodes] == [
        ["Beans", f"Rice {n}"] for n in (1, 2)
    ]
    assert all(episode.prose == "We cooked a lot of beans today." for episode in episodes)


@pytest.mark.parametrize("last", [" и ", ", ", " and ", "と", "; "])
def test_an_item_of_several_titles_is_a_story_for_each(tmp_path: Path, last: str) -> None:
    links = [f"[{what} are cooked here](https://a.example/{what})" for what in ("Beans", "Lentils", "Peas")]
    item = f"- {links[0]}, {links[1]}{last}{links[2]}\n- [Rice is washed](https://b.example)\n"
    episode = read(tmp_path, {f"2031-01-0{n}.md": page(f"{item}\n", title=f"Day {n}") for n in range(1, 3)})[0]
    titles = ["Beans are cooked here", "Lentils are cooked here", "Peas are cooked here", "Rice is washed"]
    assert [story.title for story in episode.stories] == titles
    assert (episode.prose, [story.summary for story in episode.stories]) == ("", [""] * 4)


@pytest.mark.parametrize(
    "item",
    [
        "[Beans](https://a.example/1), [slides](https://a.example/2)",
        "[Beans and more beans](https://a.example/1) by [Ann of the council](https://a.example/2)",
    ],
)
def test_an_item_of_one_title_with_other_links_is_one_story(tmp_path: Path, item: str) -> None:
    body = f"- {item}\n- [Rice is washed](https://b.example)\n"
    episode = read(tmp_path, {f"2031-01-0{n}.md": page(body, title=f"Day {n}") for n in range(1, 3)})[0]
    assert len(episode.stories) == 2


@pytest.mark.parametrize(
    ("key", "written", "names"),
    [
        ("guest", "'[Ann](https://ann.example)'", ("Ann",)),
        ("guest", "Ann und [Bob](https://bob.example)", ("Ann", "Bob")),
        ("guests", "'[Ann & Bob](https://a.example)'", ("Ann", "Bob")),
        ("guests", "\n  Ann Lee:\n    mail: a@a.example\n  Bob:\n    web: https://b.example", ("Ann Lee", "Bob")),
        ("authors", "\n  - Ann, Bob", ("Ann", "Bob")),
        ("authors", "\n  - Ann Lee, PhD\n  - Bob", ("Ann Lee, PhD", "Bob")),
    ],
)
def test_people_are_named_without_their_links_and_one_by_one(
    tmp_path: Path, key: str, written: str, names: tuple[str, ...]
) -> None:
    assert episode_of(tmp_path, page("We talk.\n", title="Day", **{key: written})).hosts == names


def numbers(folder: Path, names: list[str]) -> dict[str, int | None]:
    days = (f"2031-{month:02}-{day:02}" for month in (1, 2) for day in range(1, 28))
    files = {f"{name}.md": page("We talk.\n", title="Talk", date=day) for name, day in zip(names, days, strict=False)}
    return {episode.id: episode.number for episode in read(folder, files)}


def test_a_number_that_few_names_hold_is_one_of_parts(tmp_path: Path) -> None:
    found = numbers(
        tmp_path,
        ["peru", "japan", "japan-2", "norway", "fiji", "oman", "norway-2", "cuba", "chad-2", "70000-tons", "ep5-laos"],
    )
    assert {name: number for name, number in found.items() if number} == {"ep5-laos": 5}
    write(tmp_path, "zunda-mcp.toml", "[archive]\nnumber = { path = true }\n")  # as the survey writes it
    assert {episode.id: episode.number for episode in read(tmp_path, {})} == found


@pytest.mark.parametrize(
    "names", [["ann-1", "bob-2", "cyd-3", "the-end"], ["a", "b", "c", "ann-11", "bob-12", "cyd-13"]]
)
def test_numbers_that_most_names_hold_or_that_differ_count_episodes(tmp_path: Path, names: list[str]) -> None:
    found = numbers(tmp_path, names)
    assert [found[name] for name in names] == [
        int(name.split("-")[1]) if name[-1].isdigit() else None for name in names
    ]


def test_a_season_and_an_episode_in_a_folder_of_a_year_are_no_day(tmp_path: Path) -> None:
    names = [f"2031/talk-02-{number:02}" for number in range(1, 21)]
    assert list(numbers(tmp_path, names).values()) == list(range(1, 21))


def test_names_with_another_day_than_the_pages_are_usual_in_an_archive_and_no_problem(tmp_path: Path) -> None:
    files = {
        f"2031-01-{n:02}-talk-{n}.md": page("We talk.\n", title="Talk", date=f"2031-02-{n:02}") for n in range(1, 9)
    }
    assert {str(episode.date)[:7] for episode in read(tmp_path, files)} == {"2031-02"}


@pytest.mark.parametrize("name", ["_data/authors.yml", "data/people.yaml"])
def test_people_may_be_named_in_one_file_of_the_site(tmp_path: Path, name: str) -> None:
    people = "ann:\n  name: Ann Lee\n  links: {web: https://ann.example}\nbob:\n  display_name: Bob\ncy: {}\n"
    files = {name: people, "_posts/2031-01-01-1.md": page("We talk.\n", title="Talk", hosts="[ann, bob, cy]")}
    assert [episode.hosts for episode in read(tmp_path, files)] == [("Ann Lee", "Bob", "cy")]


def test_a_person_may_be_a_file_of_keys(tmp_path: Path) -> None:
    files = {"guests/ann.yml": "name: Ann Lee\n", "2031-01-01-1.md": page("We talk.\n", title="Talk", guest="ann")}
    assert [episode.hosts for episode in read(tmp_path, files)] == [("Ann Lee",)]


def test_html_on_one_line_is_read_beside_markdown(tmp_path: Path) -> None:
    body = "# Talk\n\n<p>We cook.</p><ul><li>Pot</li><li>Pan</li></ul>\n\n```\n<p>a</p><p>b</p>\n```\n"
    episode = episode_of(tmp_path, page(body, title="Day"))
    assert episode.prose == "# Talk\n\nWe cook.\n\n- Pot\n- Pan\n\n```\n<p>a</p><p>b</p>\n```"


def test_what_a_linked_picture_shows_is_a_word_of_its_own() -> None:
    markup = "<p><a href='https://a.example/ann.jpg'><img alt='Ann'></a>Every day she cooked.</p>"
    assert markdown_of(markup, "html").text == "Ann Every day she cooked."


def test_front_matter_may_hold_the_episode_in_a_table(tmp_path: Path) -> None:
    text = "---\nlayout: show\nepisode:\n  title: Beans\n  number: 7\n  publicationDate: 2031-02-03\n---\nWe cook.\n"
    (episode,) = read(tmp_path, {"s01e07-beans.md": text})
    assert (episode.title, episode.number, str(episode.date), episode.prose) == ("Beans", 7, "2031-02-03", "We cook.")


def test_a_table_of_another_thing_is_no_episode(tmp_path: Path) -> None:
    text = page("# Beans\n\nWe cook.\n", image="{title: A pot, src: pot.png}", author="{name: Ann, title: Cook}")
    assert episode_of(tmp_path, text).title == "Beans"


def test_lists_of_html_in_lists_belong_to_the_items_over_them(tmp_path: Path) -> None:
    inner = "<li>Beans are cooked\n  <ul>\n    <li><a href='https://a.example/{n}'>Pot</a></li>\n  </ul>\n</li>\n"
    body = f"<ul>\n{inner}<li><a href='https://b.example/{{n}}'>Rice</a> is washed</li>\n</ul>\n\n- [Pan](https://c.example)\n"
    episodes = read(tmp_path, {f"2031-01-0{n}.md": page(body.format(n=n), title=f"Day {n}") for n in range(1, 3)})
    assert [story.title for story in episodes[0].stories] == ["Pot", "Rice", "Pan"]
    assert "Beans are cooked" in episodes[0].prose
