"""The pages of the sample archive, as a browser reads them."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from page_reading import Document, page

from conftest import SAMPLE, library_over
from zunda_mcp.config.load import load_settings
from zunda_mcp.errors import ArchiveError
from zunda_mcp.library import Library
from zunda_mcp.server.web import layout
from zunda_mcp.server.web.routes import PageRequest, answer, locked_page
from zunda_mcp.server.web.site_links import PHRASES, Links, StaticLinks, language_of

PAGES = (
    "/", "/?q=MCP", "/?q=nothing+like+this+zzzz", "/?q=%22TensorRT-LLM%22&since=2025", "/?sort=oldest&host=ずんだもん",
    "/topics", "/topics?sort=rising", "/episodes", "/episodes?year=2025", "/connect", "/episodes/latest",
    "/episodes/2025-07-08-279", "/stories/2025-07-08-279/2", "/nowhere", "/episodes/none", "/?since=someday",
)  # fmt: skip


def story_of(link: str) -> str:
    """The id behind a link to a story or an episode."""
    episode_id, _, place = link.removeprefix("/stories/").partition("/")
    return f"{episode_id}#{place}" if link.startswith("/stories/") else link.removeprefix("/episodes/")


@pytest.mark.parametrize("query", ["MCP", "TensorRT-LLM", "RAGの話", "最近のエージェント"])
def test_the_page_has_the_hits_of_the_tool_in_their_order(sample: Library, query: str) -> None:
    found, document = page(sample, f"/?q={query}")
    answered = sample.search(query)
    shown = [story_of(link) for link in _titles(document)]
    assert found.status == 200
    assert shown == [hit.id for hit in answered.hits]
    assert document.one("input", id="q").attributes["value"] == query


def _titles(document: Document) -> list[str]:
    """The links of the hits: the first link within each heading of the list."""
    links = []
    for place, one in enumerate(document.elements):
        if one.name == "h3" and document.elements[place + 1].name == "a":
            href = document.elements[place + 1].attributes["href"]
            links += [href] if href.startswith(("/stories/", "/episodes/")) else []
    return links


def test_the_first_page_tells_what_the_archive_is(sample: Library) -> None:
    _, document = page(sample, "/")
    fresh = sample.about().freshness
    text = document.one("body").text
    assert document.one("h1").text == fresh.archive
    assert f"{fresh.episodes} episodes with {fresh.stories} stories" in text
    assert "up to date" in document.one("footer").text
    assert document.one("form", role="search").attributes["action"] == "/"
    assert len(document.links("/episodes/")) >= 8
    assert "http://localhost:8765/mcp" in text


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_whole_and_every_link_of_it_leads_somewhere(sample: Library, address: str) -> None:
    found, document = page(sample, address)
    assert found.status in {200, 400, 404}
    ids = [one.attributes["id"] for one in document.elements if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    assert len(document.all("h1")) == len(document.all("main")) == 1
    labelled = {one.attributes["for"] for one in document.all("label")}
    for box in document.all("input"):
        assert box.attributes.get("type") == "hidden" or box.attributes["id"] in labelled
    for link in document.links("#"):
        assert link[1:] in ids
    assert not [one for one in document.elements if any(name.startswith("on") for name in one.attributes)]
    assert [one.attributes["src"] for one in document.all("script")] == ["/assets/page.js"]
    for link in sorted(document.links("/"))[:12]:
        assert page(sample, link)[0].status == 200, link
    (other,) = document.links("?")
    assert page(sample, address.partition("?")[0] + other)[0].status == found.status


def test_a_bar_of_the_chart_leads_to_the_stories_of_its_period(sample: Library) -> None:
    _, document = page(sample, "/?q=AI")
    bars = [one for one in document.all("a") if "since=" in one.attributes.get("href", "") and one.text.strip()]
    assert bars
    link = bars[0].attributes["href"]
    _, narrowed = page(sample, link)
    counted = sum(
        period.stories
        for period in sample.facets("AI", since=_value(link, "since"), until=_value(link, "until")).periods
    )
    assert narrowed.one("h1").text.startswith(f"{counted} stor")


def test_what_stands_in_titles_alone_has_no_chart_of_stories(sample: Library) -> None:
    _, document = page(sample, "/?q=つむぎ")
    assert document.one("h1").text == "3 episodes by title or notes"
    assert document.all("svg") == []


def _value(link: str, name: str) -> str:
    return next(part.partition("=")[2] for part in link.partition("?")[2].split("&") if part.startswith(f"{name}="))


def test_filters_that_are_set_can_be_taken_away(sample: Library) -> None:
    _, document = page(sample, "/?q=AI&host=ずんだもん&since=2025")
    chips = {
        one.attributes["aria-label"]: one.attributes["href"]
        for one in document.all("a")
        if "aria-label" in one.attributes
    }
    assert "host" not in chips["Remove Host: ずんだもん"]
    assert "since=2025" in chips["Remove Host: ずんだもん"]
    kept = {one.attributes["name"]: one.attributes["value"] for one in document.all("input", type="hidden")}
    assert kept["host"] == "ずんだもん"


def test_a_question_without_an_answer_says_so_and_shows_what_is_near(sample: Library) -> None:
    _, document = page(sample, "/?q=Kubernetse")
    answered = sample.search("Kubernetse")
    assert not answered.total_stories
    text = document.one("main").text
    assert "Nothing on “Kubernetse”" in text or "The closest" in text
    for word in answered.suggestions:
        assert word in text


def test_a_filter_that_is_not_understood_is_a_sentence_that_says_what_would_be(sample: Library) -> None:
    found, document = page(sample, "/?q=AI&since=someday")
    assert found.status == 400
    assert "2025-07-08" in document.one("main").text
    assert document.one("input", id="q").attributes["value"] == "AI"


def test_a_refused_question_stands_in_a_form_that_can_be_mended(sample: Library) -> None:
    _, document = page(sample, "/?q=AI&since=someday&site=zenn.dev")
    assert document.one("input", id="by-since").attributes["value"] == "someday"
    assert document.one("input", id="by-site").attributes["value"] == "zenn.dev"
    assert {one.attributes["value"] for one in document.all("input", name="q")} == {"AI"}
    hidden = {one.attributes["name"] for one in document.all("input", type="hidden")}
    assert hidden == {"q"}  # the search box alone does not ask for the same day again
    assert "/?q=AI&site=zenn.dev" in document.links("/")


def test_a_japanese_page_says_in_japanese_why_and_how_it_was_understood(sample: Library) -> None:
    _, refused = page(sample, "/?q=AI&since=someday&lang=ja")
    assert "「someday」は日付として読めません" in refused.one("main").text
    _, found = page(sample, "/?q=LangGraf&lang=ja")
    assert "つづりが近い" in found.one("details").text


def test_an_episode_has_its_player_at_the_moment_that_is_asked_for(sample: Library) -> None:
    episode = next(
        answer.episode for brief in sample.episodes() if (answer := sample.episode(brief.id)).episode.audio_url
    )
    found, document = page(sample, f"/episodes/{episode.id}?t=95")
    player = document.one("audio").attributes
    assert player["src"] == f"{episode.audio_url}#t=95"
    assert player["preload"] == "none"
    assert "media-src https:" in found.headers["Content-Security-Policy"]
    for story in episode.stories:
        assert story.title in document.one("main").text


def test_a_page_without_a_recording_allows_none(sample: Library) -> None:
    policy = page(sample, "/?q=AI")[0].headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self'")
    assert "media-src" not in policy
    assert "unsafe" not in policy


def test_a_story_has_a_page_to_share_with_its_citation_and_what_is_related(sample: Library) -> None:
    _, document = page(sample, "/stories/2025-07-08-279/2")
    story = sample.episode("2025-07-08-279#2").episode.stories[1]
    assert document.one("h1").text == story.title
    shared = document.one("input", id="share").attributes["value"]
    assert shared == "http://localhost:8765/stories/2025-07-08-279/2"
    assert document.one("input", id="cite").attributes["value"].startswith(f"{story.title} — {story.url} (")
    related = [hit.id for hit in sample.related("2025-07-08-279#2", limit=8).hits]
    assert [story_of(link) for link in _titles(document)] == related


def test_pages_speak_the_language_of_the_visitor_until_another_is_chosen(sample: Library) -> None:
    _, document = page(sample, "/", languages="ja,en;q=0.8")
    assert document.one("html").attributes["lang"] == "ja"
    assert document.one("button", type="submit").text == "検索"
    chosen, document = page(sample, "/?q=AI&lang=en", languages="ja")
    assert document.one("html").attributes["lang"] == "en"
    assert chosen.headers["Set-Cookie"].startswith("language=en; Path=/;")
    assert "?q=AI&lang=ja" in document.links("?")
    _, document = page(sample, "/", languages="en", language_cookie="ja")
    assert document.one("html").attributes["lang"] == "ja"


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        (None, "", "en"), (None, "ja", "ja"), (None, "de-CH, ja;q=0.3, en;q=0.2", "ja"), (None, "en-GB,ja;q=0.9", "en"),
        (None, "ja;q=0", "en"), (None, "x;q=high, ja", "ja"), ("ja", "en", "ja"), ("xx", "en", "en"),
    ],
)  # fmt: skip
def test_the_language_follows_the_header_unless_one_is_chosen(chosen: str | None, accepted: str, language: str) -> None:
    assert language_of(chosen, accepted) == language


def test_the_pages_use_every_phrase_and_no_other() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in Path(layout.__file__).parent.glob("*.py"))
    named = set(re.findall(r"(?:phrases|PHRASES\[language\])\.([a-z_]+)\b(?! has)", text)) - {"toml"}
    assert {name for name in named if not hasattr(PHRASES["en"], name)} == set()
    others = set(re.findall(r'"([a-z_]+)"|self\.([a-z_]+)', text))  # those that are named by a value
    assert set(PHRASES["en"].texts) - named - {name for pair in others for name in pair} == set()


def test_both_languages_say_everything_and_fill_in_the_same() -> None:
    english, japanese = (phrases.texts for phrases in PHRASES.values())
    for name, phrase in english.items():
        holes = {part.partition("}")[0] for part in phrase.split("{")[1:]}
        assert {part.partition("}")[0] for part in japanese[name].split("{")[1:]} == holes, name
        assert japanese[name].strip()


def test_days_are_written_as_one_writes_them() -> None:
    assert [PHRASES["en"].day(day) for day in ("2025-07-08", "2025-07", "2025", None)] == [
        "8 Jul 2025", "Jul 2025", "2025", "undated",
    ]  # fmt: skip
    assert [PHRASES["ja"].day(day) for day in ("2025-07-08", "2025-07", "2025")] == [
        "2025年7月8日",
        "2025年7月",
        "2025年",
    ]


def test_text_of_the_archive_cannot_script_a_page(tmp_path: Path) -> None:
    hostile = "</title><script>alert(1)</script><img src=x onerror=alert(2)>"
    body = (
        f'---\ntitle: "{hostile}"\ndate: 2025-07-08\nactor_ids: ["{hostile}"]\n'
        f"audio_file_path: https://cdn.example/a.mp3\n---\n"
        f"## [{hostile}](https://example.org/?a='onmouseover=alert(3))\n\n{hostile} [x](javascript:alert(4)) "
        f"![y](https://evil.example/track.png)\n\n<iframe src=//evil.example></iframe>\n"
    )
    folder = tmp_path / "episodes"
    folder.mkdir()
    (folder / "2025-07-08-1.md").write_text(body, encoding="utf-8")
    with library_over(folder, tmp_path / "index") as library:
        library.refresh()
        episode_id = library.episodes()[0].id
        for address in (
            "/",
            "/?q=script",
            "/?q=<script>alert(1)</script>",
            "/episodes",
            f"/episodes/{episode_id}",
            "/topics",
        ):
            _, document = page(library, address)
            assert [one.attributes for one in document.all("script")] == [{"src": "/assets/page.js", "defer": ""}]
            assert not [one for one in document.elements if one.name in {"img", "iframe", "object", "style"}]
            assert not [one for one in document.elements if any(name.startswith("on") for name in one.attributes)]
            assert all(link.startswith(("/", "?", "#", "https://")) for link in document.links())
        episode = page(library, f"/episodes/{episode_id}")[1]
        assert "alert(1)" in episode.one("main").text  # it is shown, as text


def test_an_archive_that_cannot_be_read_is_a_page_that_says_so() -> None:
    def broken() -> Library:
        raise ArchiveError("No folder is there.")

    found = answer(broken, PageRequest(path=""))
    assert found.status == 503
    assert "No folder is there." in found.body.decode()
    assert found.headers["Cache-Control"] == "no-store"


def test_while_an_archive_is_read_for_the_first_time_the_page_says_so_and_asks_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zunda_mcp.server.web.routes._LOOK_SECONDS", 0.001)
    with library_over(SAMPLE, tmp_path / "index") as library:
        found = answer(lambda: library, PageRequest(path="", languages="ja"))
        assert (found.status, found.headers["Refresh"]) == (503, "3")
        assert "はじめて読み込んでいます" in found.body.decode()
        library.refresh()
        assert answer(lambda: library, PageRequest(path="")).status == 200


def test_a_locked_page_shows_nothing_of_the_archive_and_asks_as_browsers_understand() -> None:
    found = locked_page(PageRequest(path=""), ask_for_token=True)
    assert (found.status, found.headers["WWW-Authenticate"]) == (401, 'Basic realm="zunda-mcp", charset="UTF-8"')
    assert locked_page(PageRequest(path=""), ask_for_token=False).status == 403


def test_a_site_may_lie_below_another(sample: Library) -> None:
    _, document = page(sample, "/?q=MCP", root="/zunda/")
    assert document.one("link", rel="stylesheet").attributes["href"] == "/zunda/assets/page.css"
    assert all(link.startswith("/zunda/") for link in document.links("/"))


def test_addresses_hold_any_id() -> None:
    assert Links().story("notes/日 1#2") == "/stories/notes%2F%E6%97%A5%201/2"
    assert Links().story("2025-07-08") == "/episodes/2025-07-08"
    assert StaticLinks.slug("2025-07-08-279") == "2025-07-08-279"
    assert StaticLinks.slug("a/b") != StaticLinks.slug("a b")
    assert StaticLinks.slug("index") != "index"  # the list's own page
    assert StaticLinks.slug("AUX") != "AUX"  # a device of Windows


def test_facets_count_what_the_search_has_in_full(sample: Library) -> None:
    answered, facets = sample.search("AI"), sample.facets("AI")
    assert facets.total == facets.counted >= answered.total_stories
    assert sum(period.stories for period in facets.periods) == answered.total_stories
    for host, stories in facets.hosts.items():
        assert sample.facets("AI", host=host).counted == stories
    for site, stories in list(facets.sites.items())[:3]:
        assert sample.facets("AI", site=site).counted == stories


def test_facets_know_the_days_that_a_question_names(sample: Library) -> None:
    facets = sample.facets("2025年のAI")
    assert facets.counted
    assert {period.period[:4] for period in facets.periods} == {"2025"}


def test_a_few_weeks_are_counted_by_week(sample: Library) -> None:
    newest = dt.date.fromisoformat(sample.about().freshness.newest or "")
    facets = sample.facets("", since=(newest - dt.timedelta(days=100)).isoformat())
    assert facets.by == "week"


def test_one_of_several_archives_is_a_way_to_narrow_down(tmp_path: Path) -> None:
    for name, title in (("one", "豆の話"), ("two", "豆の歌")):
        (tmp_path / name).mkdir()
        text = f"---\ntitle: {title}\ndate: 2025-07-08\n---\n## [{title}](https://example.org/{name})\n\n豆です。\n"
        (tmp_path / name / "2025-07-08-1.md").write_text(text, encoding="utf-8")
    archives = [f"{name}={tmp_path / name}" for name in ("one", "two")]
    settings = load_settings(archives=archives, index=tmp_path / "index", environ={}, embedder="none")
    with Library.open(settings) as library:
        library.refresh()
        _, document = page(library, "/?q=豆")
        links = [link for link in document.links("/?") if "archive=" in link]
        assert len(links) == 2
        _, narrowed = page(library, links[0])
        assert narrowed.one("h1").text == "1 story in 1 episode"
