"""What the chart of topic_timeline shows, in a real browser, in a closed frame, without a network."""

from __future__ import annotations

import copy
import datetime as dt
from pathlib import Path
from typing import Any

import chart_fixtures
import pytest
from app_host import CSP, View, answer, app
from chromium import Chromium

from zunda_mcp.library import Library

browser, view, sample = chart_fixtures.browser, chart_fixtures.view, chart_fixtures.shown
HOSTILE = '<img src=x onerror="parent.postMessage(1)"><b>太字</b> </script> &amp; "\' ' + "長" * 3000
LABELS = (
    "[...document.querySelectorAll('.label')].map(e => e.getBoundingClientRect()).map(r => [r.left, r.right, r.top])"
)


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


def test_every_period_has_a_bar_that_says_its_numbers(view: View, sample: Library) -> None:
    result = answer(sample)
    view.show(result)
    said = view.spoken()
    assert len(said) == len(result["structuredContent"]["periods"]) == 14
    assert said[0] == "April 2025: 1 story in 1 episode"
    assert said[2] == "June 2025: 0 stories in 0 episodes"
    assert view.text("#topic") == "MCP"
    assert view.text("#sum") == "5 stories in 5 episodes · 2025-04-28 – 2026-05-25"
    assert view.run("document.querySelectorAll('#plot .s').length") == 5
    assert view.run("document.querySelectorAll('#plot .zero').length") == 9
    assert len(view.texts("#busiest li")) == 5


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
    assert view.spoken()[0] == bar


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


def test_an_answer_in_text_alone_draws_the_same_bars(view: View, sample: Library) -> None:
    whole = answer(sample, topic="AI", max_chars=60000)
    view.show(whole)
    drawn, facts = view.spoken(), [" ".join(text.split()) for text in view.texts("#facts dd")]  # as a line of text
    assert len({said.partition(":")[2] for said in drawn}) > 3
    view.show({"content": whole["content"]})
    assert view.spoken() == drawn
    assert view.texts("#facts dd") == facts
    view.show({"structuredContent": whole["structuredContent"]})
    assert view.spoken() == drawn


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
    result = answer(sample, topic="AI", by="week", max_chars=1600)
    kept = result["structuredContent"]
    view.show(result)
    first = dt.datetime.strptime(kept["periods"][0]["period"] + "-1", "%G-W%V-%u").replace(tzinfo=dt.UTC)
    last = dt.datetime.strptime(kept["periods"][-1]["period"] + "-1", "%G-W%V-%u").replace(tzinfo=dt.UTC)
    assert len(view.spoken()) == (last - first).days // 7 + 1 > len(kept["periods"])  # those without a story are drawn
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


def test_a_share_of_all_episodes_is_an_option(view: View, sample: Library) -> None:
    result = answer(sample)
    view.show(result)
    view.point("#share", click=True)
    view.until("document.getElementById('share').getAttribute('aria-pressed') === 'true'")
    period = next(one for one in result["structuredContent"]["periods"] if one["stories"])
    part = round(100 * period["episodes"] / period["of"])
    assert view.spoken()[0] == f"April 2025: {part}% ({period['episodes']} episode of {period['of']})"
    assert view.run("document.querySelectorAll('#plot .s').length") == 0
    assert view.run("document.activeElement.id") == "share"
    view.point("#share", click=True)
    view.until("document.querySelectorAll('#plot .s').length === 5")


def test_an_answer_without_all_episodes_offers_no_share(view: View, sample: Library) -> None:
    result = answer(sample)
    view.show(changed(result, periods=[{**one, "of": 0} for one in result["structuredContent"]["periods"]]))
    assert view.run("document.getElementById('share')") is None


def test_few_bars_stand_in_the_middle(view: View, sample: Library) -> None:
    result = answer(sample)
    periods = result["structuredContent"]["periods"][:3]
    view.show(changed(result, periods=periods), width=900)
    room = "document.getElementById('plot').getBoundingClientRect()"
    bars = "[...document.querySelectorAll('#plot [role=option] rect')].map(e => e.getBoundingClientRect())"
    left, right = view.run(
        f"[Math.min(...{bars}.map(r => r.left)) - {room}.left, {room}.right - Math.max(...{bars}.map(r => r.right))]"
    )
    assert abs(left - right) < 4
    assert left > 100


def test_the_tip_of_the_highest_bar_does_not_hide_the_legend(view: View, sample: Library) -> None:
    view.show(answer(sample))
    bars = "[...document.querySelectorAll('#plot [role=option]')]"
    highest = f"{bars}.sort((a, b) => b.getBBox().height - a.getBBox().height)[0].id"
    view.point(f"#{view.run(highest)}")
    view.until("!document.getElementById('tip').hidden")
    edges = "(r => [r.top, r.bottom])(document.getElementById('{}').getBoundingClientRect())"
    legend, tip = (view.run(edges.format(name)) for name in ("legend", "tip"))
    assert tip[0] >= legend[1]


def test_the_busiest_are_named_by_a_story_where_all_episodes_are_called_alike(view: View, sample: Library) -> None:
    result = answer(sample)
    busiest = result["structuredContent"]["busiest"]
    assert busiest[0]["title"] == sample.search("MCP", since=busiest[0]["date"], until=busiest[0]["date"]).hits[0].title
    view.show(result)
    assert view.texts("#busiest .title") == [one["title"] for one in busiest]


def test_a_japanese_chart_has_no_english_sentence(view: View, sample: Library) -> None:
    view.show(answer(sample), context={"locale": "ja-JP", "theme": "light"})
    assert "stories that hold" not in view.run("document.getElementById('app').textContent")
