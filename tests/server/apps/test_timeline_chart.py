"""The chart of topic_timeline in a real browser, in a closed frame, with real answers and no network."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import chromium
import pytest
from app_host import CSP, View, app, over
from chromium import Chromium

from zunda_mcp.library import Library

HOSTILE = '<img src=x onerror="parent.postMessage(1)"><b>太字</b> </script> &amp; "\' ' + "長" * 3000
NO_TOOLS: dict[str, Any] = {"openLinks": {}}
LABELS = (
    "[...document.querySelectorAll('.label')].map(e => e.getBoundingClientRect()).map(r => [r.left, r.right, r.top])"
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """One browser for all tests of this file."""
    program = chromium.found()
    if program is None:
        pytest.skip(f"no browser to test the chart in: none of {', '.join(chromium.NAMES)} is on the PATH")
    started = Chromium(program, tmp_path_factory.mktemp("profile"))
    yield started
    started.close()


@pytest.fixture
def view(browser: Chromium, sample: Library) -> Iterator[View]:
    """The chart over the sample archive. Nothing it does may go to the network, be blocked, or fail unseen."""
    browser.requested.clear()
    browser.logged.clear()
    yield View(browser, over(sample))
    assert all(address.startswith(("file:", "about:")) for address in browser.requested)
    assert browser.logged == []


def answer(library: Library, **arguments: Any) -> dict[str, Any]:
    """The result of topic_timeline, as the server gives it."""
    result = over(library)("topic_timeline", {"topic": "MCP", **arguments})
    assert not result["isError"]
    return result


def changed(result: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The result with other structured content."""
    other = copy.deepcopy(result)
    other["structuredContent"] |= changes
    return other


def weeks(number: int) -> list[dict[str, Any]]:
    """So many weeks with stories in most of them."""
    days = [dt.date(2017, 1, 2) + dt.timedelta(weeks=place) for place in range(number)]
    named = [f"{day.isocalendar().year}-W{day.isocalendar().week:02d}" for day in days]
    return [{"period": name, "stories": place % 7, "episodes": min(place % 7, 3)} for place, name in enumerate(named)]


def spoken(view: View) -> list[str]:
    """What a screen reader says to each bar."""
    found: list[str] = view.run("[...document.querySelectorAll('#plot [role=option]')].map(e => e.ariaLabel)")
    return found


def test_every_period_has_a_bar_that_says_its_numbers(view: View, sample: Library) -> None:
    result = answer(sample)
    view.show(result)
    said = spoken(view)
    assert len(said) == len(result["structuredContent"]["periods"]) == 14
    assert said[0] == "April 2025: 1 story in 1 episode"
    assert said[2] == "June 2025: 0 stories in 0 episodes"
    assert view.text("#topic") == "MCP"
    assert view.text("#sum") == "5 stories in 5 episodes · 2025-04-28 – 2026-05-25"
    assert view.run("document.querySelectorAll('#plot .s').length") == 5
    assert view.run("document.querySelectorAll('#plot .zero').length") == 9
    assert len(view.texts("#busiest li")) == 5


def test_the_conversation_opens_as_the_specification_says(view: View, sample: Library) -> None:
    view.show(answer(sample))
    first, second = view.browser.run("host.said.slice(0, 2)")
    assert (first["jsonrpc"], first["method"]) == ("2.0", "ui/initialize")
    assert first["params"]["protocolVersion"] == "2026-01-26"
    assert set(first["params"]) == {"protocolVersion", "appInfo", "appCapabilities"}
    assert second == {"jsonrpc": "2.0", "method": "ui/notifications/initialized", "params": {}}
    for number, method in enumerate(("ping", "ui/resource-teardown", "tools/list")):
        view.browser.run(f"host.send({{id: {900 + number}, method: '{method}', params: {{}}}})")
    view.browser.until("host.said.some(message => message.id === 902)")
    replies = view.browser.run("host.said.filter(message => message.id >= 900)")
    assert [reply.get("result", reply.get("error", {}).get("code")) for reply in replies] == [{}, {}, -32601]


def test_the_view_says_how_large_it_is_whenever_that_changes(view: View, sample: Library) -> None:
    view.show(answer(sample))
    before = view.said("ui/notifications/size-changed")[-1]
    assert before["height"] == view.run("Math.ceil(document.documentElement.getBoundingClientRect().height)")
    view.point("#bar0", click=True)
    view.until("document.querySelectorAll('#items time').length")
    view.settled()
    assert view.said("ui/notifications/size-changed")[-1]["height"] > before["height"]


def test_hostile_titles_stay_text_and_hostile_addresses_no_links(view: View, sample: Library) -> None:
    result = answer(sample)
    data = result["structuredContent"]
    view.show(result)
    for url in (
        "javascript:parent.postMessage(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//x.example",
        "http://[",
    ):
        bad = {"title": HOSTILE, "url": url}
        view.notify(
            "ui/notifications/tool-result", **changed(
                result, topic=HOSTILE + url, first=data["first"] | bad, last=data["last"] | bad, understood=HOSTILE,
                busiest=[busy | bad for busy in data["busiest"]], freshness=data["freshness"] | {"archive": HOSTILE},
            )
        )  # fmt: skip
        view.until(f"document.getElementById('topic').textContent.length === {len(HOSTILE + url)}")
        assert view.text("#topic") == HOSTILE + url
        assert view.text("#facts .title") == HOSTILE
        assert view.run("document.querySelectorAll('main img, main b, #facts button').length") == 2  # in the fallback
        assert view.run("document.documentElement.scrollWidth <= innerWidth")
        assert view.run("document.getElementById('topic').offsetHeight < 60")
        assert view.run("document.body.offsetHeight < 1400")


def test_a_link_is_opened_by_the_host_and_nothing_else(view: View, sample: Library) -> None:
    result = answer(sample)
    view.show(result)
    view.point("#facts .link", click=True)
    view.browser.until("host.of('ui/open-link').length")
    assert view.said("ui/open-link") == [{"url": result["structuredContent"]["first"]["url"]}]
    assert view.run("document.querySelectorAll('a').length") == 0


def test_a_link_that_the_host_does_not_open_is_shown_to_copy(view: View, sample: Library) -> None:
    view.show(answer(sample), refuse={"ui/open-link": "denied"})
    view.point("#facts .link", click=True)
    view.until("document.getElementById('note').textContent")
    assert view.text("#note").startswith("The client did not open https://zenn.dev/")


@pytest.mark.parametrize(
    ("locale", "lang", "bar"),
    [
        ("en-GB", "en-GB", "April 2025: 1 story in 1 episode"),
        ("ja-JP", "ja-JP", "2025年4月: 記事1件、放送回1回"),
        ("ja", "ja", "2025年4月: 記事1件、放送回1回"),
        ("fr-FR", "en", "April 2025: 1 story in 1 episode"),
        ("not a locale", "en-US", "April 2025: 1 story in 1 episode"),
    ],
)
def test_the_view_speaks_the_language_of_the_host(
    view: View, sample: Library, locale: str, lang: str, bar: str
) -> None:
    view.show(answer(sample), context={"locale": locale})
    assert view.run("document.documentElement.lang") == lang
    assert view.text("#sum").startswith("記事5件、放送回5回" if lang.startswith("ja") else "5 stories in 5 episodes")
    assert spoken(view)[0] == bar


def test_language_theme_and_colours_follow_the_host(view: View, sample: Library) -> None:
    page = "getComputedStyle(document.body).backgroundColor"
    view.show(answer(sample), context={"locale": "en", "theme": "light"})
    assert view.run(page) == "rgb(255, 255, 255)"
    view.notify("ui/notifications/host-context-changed", theme="dark")
    view.until(f"{page} === 'rgb(28, 28, 26)'")
    view.notify("ui/notifications/host-context-changed", locale="ja")
    view.until("document.getElementById('sum').textContent.startsWith('記事')")
    assert view.run(page) == "rgb(28, 28, 26)"  # what was not said again stays
    colours = {"--color-background-primary": "light-dark(rgb(1, 2, 3), rgb(4, 5, 6))", "background": "red", "--x": 3}
    view.notify("ui/notifications/host-context-changed", styles={"variables": colours})
    view.until(f"{page} === 'rgb(4, 5, 6)'")


def test_without_a_word_of_the_host_the_system_says_light_or_dark(view: View, sample: Library) -> None:
    view.show(answer(sample), context={"locale": "en"})
    for scheme, colour in (("dark", "rgb(28, 28, 26)"), ("light", "rgb(255, 255, 255)")):
        for session in (view.browser.page, view.browser.frames[-1]):
            features = [{"name": "prefers-color-scheme", "value": scheme}]
            view.browser.call("Emulation.setEmulatedMedia", session, features=features)
        view.until(f"getComputedStyle(document.body).backgroundColor === '{colour}'")


def test_the_bars_are_walked_by_keys_and_list_their_stories(view: View, sample: Library) -> None:
    view.show(answer(sample))
    view.point("#topic", click=True)
    focused = "document.activeElement.ariaLabel"
    view.until("document.hasFocus()")
    for _ in range(4):  # three units, then the bars, of which only one is a stop
        view.browser.key("Tab")
    view.until(f"{focused} === 'May 2026: 1 story in 1 episode'")
    assert view.text("#tip") == "May 20261 story in 1 episode"
    assert view.run("document.getElementById('ring').getAttribute('visibility')") == "visible"
    for key, said in (("ArrowLeft", "April 2026"), ("Home", "April 2025"), ("ArrowLeft", "April 2025"),
                      ("PageDown", "April 2026"), ("End", "May 2026"), ("ArrowRight", "May 2026")):  # fmt: skip
        view.browser.key(key)
        view.until(f"({focused} || '').startsWith('{said}')")
    view.browser.key("Enter")
    view.until("document.querySelectorAll('#items time').length === 1")
    assert view.text("#of") == "May 2026 · 1 story"
    assert "エージェント向けの Chrome DevTools" in view.text("#items li")
    view.browser.key("Escape")
    view.until("document.getElementById('list').hidden")


def test_a_bar_lists_the_stories_of_its_period_page_after_page(view: View, sample: Library) -> None:
    view.show(answer(sample, topic="AI", by="year"))
    view.point("#bar1", click=True)
    view.until("document.querySelectorAll('#items time').length === 10")
    assert view.asked[0] == (
        "search_episodes",
        {
            "query": "AI",
            "since": "2025-01-01",
            "until": "2025-12-31",
            "sort": "oldest",
            "limit": 10,
            "max_chars": 12000,
        },
    )
    view.point("#more", click=True)
    view.until("document.querySelectorAll('#items time').length > 10")
    days = view.texts("#items time")
    assert days == sorted(days)
    assert {day[:4] for day in days} == {"2025"}
    view.point("#close", click=True)
    view.until("document.getElementById('list').hidden")
    assert view.run("document.activeElement.id") == "bar1"


def test_an_empty_period_is_shown_and_asks_nothing(view: View, sample: Library) -> None:
    view.show(answer(sample))
    view.point("#bar2", click=True)
    view.until("!document.getElementById('list').hidden")
    assert view.text("#items") == "No stories."
    assert view.asked == []


def test_an_answer_that_comes_after_another_bar_was_chosen_is_not_mixed_in(view: View, sample: Library) -> None:
    late: list[str] = []
    view.show(answer(sample))
    view.browser.bound = late.append
    view.point("#bar0", click=True)
    view.browser.until("host.of('tools/call').length")
    view.until("document.getElementById('items').textContent === 'Counting…'")
    view.point("#bar2", click=True)
    view.until("document.getElementById('items').textContent === 'No stories.'")
    view.answer(late.pop())
    view.browser.run("new Promise(done => setTimeout(done, 50))")
    assert view.text("#items") == "No stories."


def test_pointing_at_a_bar_shows_its_numbers(view: View, sample: Library) -> None:
    view.show(answer(sample))
    view.point("#bar3")
    view.until("!document.getElementById('tip').hidden")
    assert view.text("#tip") == "July 20251 story in 1 episode"
    view.point("#foot")
    view.until("document.getElementById('tip').hidden")


def test_other_periods_are_asked_with_the_limits_of_the_first_call(view: View, sample: Library) -> None:
    given = {"query": "MCP", "from": "2025-05", "date_to": "2025-11-10"}
    view.show(
        answer(sample, since="2025-05", until="2025-11-10"),
        first=[("ui/notifications/tool-input", {"arguments": given})],
    )
    view.point("#by button:nth-child(2)", click=True)
    view.until("document.querySelector('#by button:nth-child(2)').ariaPressed === 'true'")
    wanted = {"topic": "MCP", "by": "week", "since": "2025-05", "until": "2025-11-10", "max_chars": 60000}
    assert view.asked == [("topic_timeline", wanted)]
    whole = over(sample)("topic_timeline", wanted)["structuredContent"]["periods"]
    assert len(spoken(view)) == len(whole)
    assert spoken(view)[0] == "week of 12 May 2025: 1 story in 1 episode"
    view.point("#bar0", click=True)  # the week from 12 to 18 May lies within the limits, the last one reaches beyond
    view.until("document.querySelectorAll('#items time').length === 1")
    view.point(f"#bar{len(whole) - 1}", click=True)
    view.until("document.getElementById('of').textContent.startsWith('week of 10 Nov')")
    view.until("document.querySelectorAll('#items time').length === 1")
    assert [(asked["since"], asked["until"]) for _, asked in view.asked[1:]] == [
        ("2025-05-12", "2025-05-18"), ("2025-11-10", "2025-11-10")
    ]  # fmt: skip
    view.point("#by button:nth-child(1)", click=True)
    view.until("document.querySelector('#by button').ariaPressed === 'true'")
    assert len(view.asked) == 3  # the months were known


def test_a_refused_call_is_said_and_the_chart_stays(view: View, sample: Library) -> None:
    view.show(answer(sample), refuse={"tools/call": "not allowed"})
    view.point("#by button:nth-child(2)", click=True)
    view.until("document.getElementById('note').textContent")
    assert view.text("#note") == "The client did not pass this request on."
    assert len(spoken(view)) == 14


def test_a_host_that_passes_no_calls_on_gets_years_counted_here_and_questions_in_words(
    view: View, sample: Library
) -> None:
    view.show(answer(sample), abilities=NO_TOOLS)
    assert view.run("[...document.querySelectorAll('#by button')].map(b => b.disabled)") == [False, True, False]
    view.point("#by button:nth-child(3)", click=True)
    view.until("document.querySelectorAll('#plot [role=option]').length === 2")
    counted = [f"{p['period']}: {p['stories']} stor" for p in answer(sample, by="year")["structuredContent"]["periods"]]
    assert [said.partition(" stor")[0] + " stor" for said in spoken(view)] == counted
    view.point("#bar1", click=True)
    view.browser.until("host.of('ui/message').length")
    (message,) = view.said("ui/message")
    (block,) = message["content"]
    assert message["role"] == "user"
    assert block["text"] == "List the stories on MCP from 2026-01-01 to 2026-12-31, with date, title and link."
    assert view.asked == []


def test_an_answer_in_text_alone_draws_the_same_bars(view: View, sample: Library) -> None:
    whole = answer(sample, topic="AI", max_chars=60000)
    view.show(whole)
    drawn, facts = spoken(view), [" ".join(text.split()) for text in view.texts("#facts dd")]  # as a line of text
    assert len({said.partition(":")[2] for said in drawn}) > 3
    view.show({"content": whole["content"]})
    assert spoken(view) == drawn
    assert view.texts("#facts dd") == facts
    view.show({"structuredContent": whole["structuredContent"]})
    assert spoken(view) == drawn


def test_an_answer_that_holds_no_timeline_is_shown_as_it_is(view: View) -> None:
    view.show({"content": [{"type": "text", "text": HOSTILE}], "isError": True}, wait="app")
    view.until("document.getElementById('note').textContent !== 'Counting…'")
    assert view.text("#note") == HOSTILE
    assert view.run("document.getElementById('drawn').hidden")
    view.show({"content": "no list", "structuredContent": {"periods": [None, {"period": 3}]}}, wait="app")
    view.until("document.getElementById('note').textContent !== 'Counting…'")
    assert view.run("document.getElementById('drawn').hidden")


def test_nothing_found_is_said_with_what_to_try(view: View, sample: Library) -> None:
    result = answer(sample, topic="zzqxv")
    view.show(changed(result, suggestions=["MCP", HOSTILE]), wait="app")
    view.until("document.getElementById('note').textContent.startsWith('No story on “zzqxv” was found.')")
    assert view.texts("#note button") == ["MCP", HOSTILE]
    view.point("#note button", click=True)
    view.until("document.querySelectorAll('#plot [role=option]').length === 14")
    assert view.text("#topic") == "MCP"


def test_periods_left_out_for_room_come_back(view: View, sample: Library) -> None:
    result = answer(sample, topic="AI", by="week", max_chars=1200)
    kept = result["structuredContent"]
    view.show(result)
    first = dt.datetime.strptime(kept["periods"][0]["period"] + "-1", "%G-W%V-%u").replace(tzinfo=dt.UTC)
    last = dt.datetime.strptime(kept["periods"][-1]["period"] + "-1", "%G-W%V-%u").replace(tzinfo=dt.UTC)
    assert len(spoken(view)) == (last - first).days // 7 + 1 > len(kept["periods"])  # those without a story are drawn
    missing = kept["total_stories"] - sum(period["stories"] for period in kept["periods"])
    assert missing > 0
    assert view.text("#note").startswith(f"Left out for room: {missing} stories before week of ")
    view.point("#note button", click=True)
    whole = answer(sample, topic="AI", by="week", max_chars=60000)["structuredContent"]["periods"]
    view.until(f"document.querySelectorAll('#plot [role=option]').length === {len(whole)}")
    assert view.text("#note") == ""


@pytest.mark.parametrize("width", [720, 340])
@pytest.mark.parametrize("locale", ["en", "ja"])
def test_labels_never_touch_and_the_page_is_never_wider_than_the_frame(
    view: View, sample: Library, width: int, locale: str
) -> None:
    base = answer(sample)
    view.show(base, width=width, context={"locale": locale})
    months = [f"{2001 + place // 12}-{place % 12 + 1:02d}" for place in range(300)]
    shapes: list[list[dict[str, Any]]] = [
        *(weeks(number) for number in (500, 60, 9, 2)),
        [{"period": month, "stories": 3, "episodes": 1} for month in months],
        [{"period": str(year), "stories": 4000, "episodes": 900} for year in range(1990, 2031)],
        [{"period": "2025-07", "stories": 1, "episodes": 1}],
    ]
    for periods in shapes:
        total = sum(period["stories"] for period in periods)
        view.notify("ui/notifications/tool-result", **changed(base, periods=periods, total_stories=total))
        view.until(f"document.querySelectorAll('#plot [role=option]').length === {len(periods)}")
        boxes = sorted(view.run(LABELS), key=lambda box: (box[2], box[0]))
        assert boxes
        for (_, right, top), (left, _, next_top) in zip(boxes, boxes[1:], strict=False):
            assert top != next_top or right < left
        assert view.run("document.documentElement.scrollWidth <= innerWidth")


def test_the_topic_stands_there_before_the_answer_and_a_cancelled_call_is_said(view: View) -> None:
    parts = [("ui/notifications/tool-input-partial", {"arguments": {"topic": text}}) for text in ("音", "音声合成")]
    view.show(None, wait="app", first=parts)
    view.until("document.getElementById('topic').textContent === '音声合成'")
    assert view.text("#note") == "Counting…"
    view.notify("ui/notifications/tool-input-partial")
    view.notify("ui/notifications/tool-cancelled", reason="by hand")
    view.until("document.getElementById('note').textContent === 'The call was cancelled. by hand'")


def test_without_a_host_the_page_says_what_it_is(browser: Chromium, tmp_path: Path) -> None:
    alone = tmp_path / "alone.html"
    alone.write_text(app(), encoding="utf-8")
    browser.open(alone.as_uri())
    assert browser.run("document.getElementById('app').hidden")
    said = browser.run("document.body.innerText")
    assert "topic_timeline" in said
    assert "単独では何も表示しません" in said
    assert CSP in browser.run("document.querySelector('meta[http-equiv]').content")
