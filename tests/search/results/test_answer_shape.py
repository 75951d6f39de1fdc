"""An answer is as long as its question needs: every full match a line, the first few quoted, one that surely answers
whole, what repeats said once.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conftest import Post, library_over
from zunda_mcp.answers import CITE_AS, EpisodeName, Hit
from zunda_mcp.library import Library
from zunda_mcp.rendering import search_text
from zunda_mcp.rendering.matches_text import matches as text_matches
from zunda_mcp.rendering.sanitize import clean_data
from zunda_mcp.results.citing import citing, filled

SAID = "畑の話から始めて、" * 30


@pytest.fixture
def garden(show: Library, post: Post) -> Library:
    """Thirty episodes over three years, of which twelve speak of kestrels and one of them of an owl as well."""
    for number in range(30):
        year, month = 2029 + number // 10, number % 10 + 1
        bird = "kestrel" if number % 5 < 2 else "heron"
        owl = " An owl answered it." if number == 11 else ""
        post(
            f"{year}-{month:02d}-03-{number + 1}",
            (f"Walk {number + 1}", f"https://birds.example/{number + 1}", f"{SAID}A {bird} flew over.{owl}{SAID}"),
        )
    show.refresh()
    return show


def sent(library: Library, query: str, **options: Any) -> dict[str, Any]:
    """An answer as a client gets it."""
    found: dict[str, Any] = json.loads(json.dumps(clean_data(library.search(query, **options))))
    return found


def test_every_full_match_is_listed_and_counted_by_year(garden: Library) -> None:
    answer = garden.search("kestrel")
    assert (answer.total_stories, answer.total_episodes, answer.complete) == (12, 12, True)
    assert (answer.first, answer.last) == ("2029-01-03", "2031-07-03")
    assert answer.years == {"2029": 4, "2030": 4, "2031": 4}
    assert len(answer.hits) == 12
    assert [bool(hit.snippet) for hit in answer.hits] == [True] * 3 + [False] * 9
    assert all("**kestrel**" in hit.snippet for hit in answer.hits[:3])


def test_the_text_has_a_line_for_each_and_the_link_of_the_quoted(garden: Library) -> None:
    lines = search_text.search(garden.search("kestrel")).splitlines()
    listed = [line for line in lines if line.startswith("- ")]
    assert len(listed) == 12
    assert [("https://birds.example/" in line) for line in listed] == [True] * 3 + [False] * 9
    assert all(line.endswith(" · birds.example") for line in listed[3:])
    assert lines[0].startswith(
        "12 stories in 12 episodes, 2029-01-03 to 2031-07-03 (2029: 4, 2030: 4, 2031: 4). Complete, in every spelling. "
    )
    assert lines[2] == "Episodes: 放送 {yyyymmdd}"
    assert lines[-1].endswith("Other links: get_episode(id).")


def test_a_line_says_where_the_words_stand_in_its_text_alone(garden: Library, post: Post) -> None:
    for day in range(1, 5):
        post(f"2032-02-0{day}-1", (f"A kestrel {day}", f"https://birds.example/t{day}", "Seen again."))
    garden.refresh()
    listed = [line for line in search_text.search(garden.search("kestrel")).splitlines() if line.startswith("- ")]
    assert [line.endswith(" · (text)") for line in listed] == ["A kestrel" not in line for line in listed]


def test_a_page_that_is_the_link_of_its_story_is_named_once(garden: Library) -> None:
    answer = garden.search("kestrel")
    hits = [hit.model_copy(update={"url": "https://birds.example/page"}) for hit in answer.hits[:1]]
    names = [EpisodeName(id=hits[0].episode_id, url="https://birds.example/page")]
    text = search_text.search(answer.model_copy(update={"hits": hits, "episodes": names}))
    assert text.count("https://birds.example/page") == 1


def test_a_quoted_phrase_is_never_said_to_be_looked_for_in_other_spellings(garden: Library) -> None:
    answer = garden.search('"kestrel flew"')
    assert (answer.complete, answer.exact, answer.total_stories) == (True, True, 12)
    assert ". Complete, as quoted. " in search_text.search(answer)
    assert not garden.search("kestrel flew").exact


def test_where_no_story_holds_everything_all_that_hold_its_name_are_listed(garden: Library, post: Post) -> None:
    post("2032-01-03-99", ("Market", "https://birds.example/99", f"{SAID}The price of tomatoes rose in Bramleyford."))
    garden.refresh()
    answer = garden.search("kestrel tomatoes")
    assert answer.total_stories == 0
    assert all(hit.near for hit in answer.hits)
    assert "2032-01-03-99#1" in {hit.id for hit in answer.hits}
    assert len(answer.hits) > 6
    assert "kestrel in 12 stories, tomatoes in 1" in answer.understood


def test_the_one_story_that_holds_everything_is_given_whole_and_no_other_is_quoted(garden: Library) -> None:
    answer = garden.search("kestrel owl")
    assert (answer.total_stories, answer.complete) == (1, True)
    assert answer.hits[0].snippet.replace("**", "").endswith(SAID)
    assert [(hit.near, hit.snippet) for hit in answer.hits[1:]] == [(True, "")] * len(answer.hits[1:])
    assert len(answer.hits) <= 3


def test_a_long_summary_is_given_whole_where_all_of_it_is_asked_for(show: Library, post: Post) -> None:
    summary = "".join(f"kestrel {number}. " for number in range(110))
    post("2031-01-03-1", ("A long walk", "https://birds.example/1", summary))
    show.refresh()
    (short,), (whole,) = show.search("kestrel").hits, show.search("kestrel", detail="full").hits
    assert len(short.snippet.replace("**", "")) <= 901
    assert whole.snippet.replace("**", "").strip() == summary.strip()


def test_near_stories_are_no_part_of_the_totals_and_stand_after_the_full_ones(garden: Library) -> None:
    answer = garden.search("kestrel owl", limit=10)
    assert (answer.total_stories, answer.first, answer.last) == (1, "2030-02-03", "2030-02-03")
    assert [hit.near for hit in answer.hits] == [False] + [True] * 9


@pytest.mark.parametrize(("detail", "least", "most"), [("titles", 0, 0), ("snippets", 60, 300), ("full", 500, 2000)])
def test_a_detail_is_the_same_for_every_hit(garden: Library, detail: Any, least: int, most: int) -> None:
    sizes = [len(hit.snippet) for hit in garden.search("kestrel", detail=detail, max_chars=60_000).hits]
    assert len(sizes) == 12
    assert least <= min(sizes) <= max(sizes) <= most


def test_more_than_a_page_of_full_matches_begins_with_the_best_and_goes_on(show: Library, post: Post) -> None:
    for number in range(60):
        post(f"2030-01-{number % 28 + 1:02d}-{number + 1}", (f"Rook {number}", f"https://r.example/{number}", "x"))
    show.refresh()
    answer, seen = show.search("rook"), []
    assert (answer.total_stories, len(answer.hits), answer.complete) == (60, 20, False)
    assert "60 stories" in search_text.search(answer)
    assert "20 on this page." in search_text.search(answer)
    while True:
        seen += [hit.id for hit in answer.hits]
        if answer.next_cursor is None:
            break
        answer = show.search("rook", cursor=answer.next_cursor)
    assert len(seen) == len(set(seen)) == 60


def test_a_question_for_the_first_the_last_or_a_number_lists_a_few_and_goes_on(garden: Library, post: Post) -> None:
    first = garden.search("When was the first kestrel?")
    assert [hit.date for hit in first.hits] == ["2029-01-03", "2029-02-03", "2029-06-03", "2029-07-03", "2030-01-03"]
    assert (first.total_stories, first.complete) == (12, False)
    rest = garden.search("When was the first kestrel?", cursor=first.next_cursor)
    assert (len(rest.hits), rest.hits[-1].date, rest.next_cursor) == (7, "2031-07-03", None)
    assert len(garden.search("How many kestrels?").hits) == 12
    for number in range(51):
        post(f"2032-01-01-{100 + number}", (f"Den {number}", f"https://fox.example/{number}", "A fox in its den."))
    garden.refresh()
    answer = garden.search("How many stories mention the fox?")
    assert (answer.total_stories, len(answer.hits), len(garden.search("fox den").hits)) == (51, 5, 20)


def test_a_hit_as_sent_has_nothing_that_follows_from_the_rest(garden: Library) -> None:
    answer = sent(garden, "kestrel")
    assert set(answer["hits"][0]) == {"id", "episode_id", "date", "title", "url", "snippet"}
    assert set(answer["hits"][-1]) == {"id", "episode_id", "date", "title", "url"}
    assert answer["cite_as"] == "title — url (放送 {yyyymmdd}, date)"
    assert "episodes" not in answer
    assert "near" not in answer


def named(number: int, title: str, page: str | None, snippet: str = "said") -> Hit:
    """A hit of an episode with this title and page."""
    return Hit(
        id=f"2030-01-{number:02d}-{number}#1",
        episode_id=f"2030-01-{number:02d}-{number}",
        date=f"2030-01-{number:02d}",
        title="Story",
        url="https://s.example/",
        snippet=snippet,
        episode_title=title,
        episode_url=page,
    )


def test_titles_and_pages_of_episodes_that_follow_from_day_and_number_are_a_pattern() -> None:
    hits = [named(n, f"Show 203001{n:02d}", f"https://x.example/2030-01-{n:02d}/{n}.html") for n in range(1, 5)]
    hits.append(named(5, "A special", "https://y.example/"))
    hits.append(named(6, "Another special", None, snippet=""))
    how = citing(hits)
    assert how.cite_as == "title — url (Show {yyyymmdd}, date, https://x.example/{date}/{number}.html)"
    assert [(one.id, one.title, one.url) for one in how.episodes] == [
        ("2030-01-05-5", "A special", "https://y.example/"),
        ("2030-01-06-6", "Another special", None),
    ]
    assert [filled(how.title, hit) for hit in hits[:4]] == [hit.episode_title for hit in hits[:4]]
    assert [filled(how.page, hit) for hit in hits[:4]] == [hit.episode_url for hit in hits[:4]]


def test_episodes_with_names_of_their_own_are_named_once_each() -> None:
    hits = [named(1, "On owls", "https://x.example/owls"), named(1, "On owls", "https://x.example/owls")]
    how = citing([*hits, named(2, "On rooks", None)])
    assert how.cite_as == CITE_AS
    assert [(one.title, one.url) for one in how.episodes] == [("On owls", "https://x.example/owls"), ("On rooks", None)]


def test_a_title_with_braces_is_never_taken_for_a_pattern() -> None:
    assert citing([named(n, f"{{date}} {n}", None) for n in (1, 2, 3)]).title is None


def test_a_name_that_not_all_episodes_share_is_said_of_most(garden: Library, post: Post) -> None:
    special = post("2032-01-03-99", ("Walk 99", "https://birds.example/99", f"{SAID}A kestrel flew over.{SAID}"))
    special.write_text(special.read_text(encoding="utf-8").replace("title: 放送", "title: 特別編"), encoding="utf-8")
    garden.refresh()
    answer = garden.search("kestrel", sort="oldest")
    assert not answer.hits[-1].snippet
    assert [one.title for one in answer.episodes] == ["特別編 20320103"]
    assert "\nEpisodes mostly: 放送 {yyyymmdd}\n" in search_text.search(answer)
    assert "\nEpisodes: 放送 {yyyymmdd}\n" in search_text.search(garden.search("kestrel", until="2031", sort="oldest"))


def test_what_holds_only_a_part_is_never_told_in_full_below_what_holds_all(show: Library, post: Post) -> None:
    post("2025-07-01-1", ("蜜柑と枝豆", "https://example.com/1", "蜜柑と枝豆と胡瓜を煮る。" * 20))
    post("2025-07-02-2", ("蜜柑と豆", "https://example.com/2", "蜜柑と枝豆を煮る。" * 20))
    for detail in ("full", "snippets"):
        first, second = show.search("蜜柑 枝豆 胡瓜", detail=detail, limit=3).hits
        assert (first.near, second.near) == (False, True)
        assert first.snippet
        assert not second.snippet


def test_stories_of_one_episode_name_it_and_its_people_once(show: Library, post: Post) -> None:
    birds = [(f"Kestrel walk {n}", f"https://birds.example/{n}", f"A kestrel flew over hill {n}.") for n in range(1, 4)]
    post("2029-05-03-1", *birds, host="アオイ\n  - ミドリ")
    post("2029-05-04-2", ("Kestrel walk 4", "https://birds.example/4", "A kestrel sat."), host="アオイ\n  - キイロ")
    show.refresh()
    text = search_text.search(show.search("kestrel", sort="oldest", detail="titles"))
    lines = [line for line in text.splitlines() if line.startswith("- ")]
    assert [line.split()[1] for line in lines] == ["2029-05-03-1#1", "#2", "#3", "2029-05-04-2#1"]
    assert [" with ミドリ" in line for line in lines] == [True, False, False, False]
    assert '"#3" alone: same episode.' in text


def test_an_episode_whose_id_says_its_title_is_not_called_so_again(tmp_path: Path) -> None:
    folder = tmp_path / "talks"
    folder.mkdir()
    for n, guest in enumerate(("Ann Lee on Kestrels", "Ben Low on Herons"), 7):
        page = f"---\ntitle: '#{n} {guest} | The Bird Talk'\nnumber: {n}\n---\n\n## Beginnings\n\nA merlin sat there.\n"
        (folder / f"{n} - {guest}.md").write_text(page, encoding="utf-8")
    with library_over(folder, tmp_path / "index") as library:
        text = search_text.search(library.search("merlin"))
        found = text_matches(library.find_text("merlin"))
    assert "| The Bird Talk" not in text
    assert "| The Bird Talk" not in found
    assert "7 - Ann Lee on Kestrels" in text
    assert "7 - Ann Lee on Kestrels" in found
