"""What the chart of topic_timeline does when it is used, and what it says to its host, in a real browser."""

from __future__ import annotations

from typing import Any

import chart_fixtures
from app_host import View, answer, over

from zunda_mcp.library import Library

browser, view, sample = chart_fixtures.browser, chart_fixtures.view, chart_fixtures.shown
NO_TOOLS: dict[str, Any] = {"openLinks": {}}


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


def test_the_bars_are_walked_by_keys_and_list_their_stories(view: View, sample: Library) -> None:
    view.show(answer(sample))
    view.point("#topic", click=True)
    focused = "document.activeElement.ariaLabel"
    view.until("document.hasFocus()")
    for _ in range(5):  # three units and the share, then the bars, of which only one is a stop
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
    assert len(view.spoken()) == len(whole)
    assert view.spoken()[0] == "week of 12 May 2025: 1 story in 1 episode"
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
    assert len(view.spoken()) == 14


def test_a_host_that_passes_no_calls_on_gets_years_counted_here_and_questions_in_words(
    view: View, sample: Library
) -> None:
    view.show(answer(sample), abilities=NO_TOOLS)
    assert view.run("[...document.querySelectorAll('#by button')].map(b => b.disabled)") == [False, True, False]
    view.point("#by button:nth-child(3)", click=True)
    view.until("document.querySelectorAll('#plot [role=option]').length === 2")
    counted = [f"{p['period']}: {p['stories']} stor" for p in answer(sample, by="year")["structuredContent"]["periods"]]
    assert [said.partition(" stor")[0] + " stor" for said in view.spoken()] == counted
    view.point("#bar1", click=True)
    view.browser.until("host.of('ui/message').length")
    (message,) = view.said("ui/message")
    (block,) = message["content"]
    assert message["role"] == "user"
    assert block["text"] == "List the stories on MCP from 2026-01-01 to 2026-12-31, with date, title and link."
    assert view.asked == []
