"""The zone that "today" is seen from: stated, or told by the dates of the archive itself."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from zunda_mcp.cli.doctor import diagnose
from zunda_mcp.config.load import load_settings
from zunda_mcp.library import Library
from zunda_mcp.reading.metadata.locale import usual_zone, zone_called, zone_name

ROW = '"{0}","https://x.com/zunda_example/status/{0}","{1} 00:30:00","{2}","1"\n'
LATE = dt.datetime(2026, 11, 30, 16, 0, tzinfo=dt.UTC)
"""The first of December in Japan."""


def at_this_hour(tmp_path: Path, source: Path, timezone: str | None = None) -> Library:
    told = load_settings(episodes=[str(source)], index=str(tmp_path / "index"), embedder="none", timezone=timezone)
    return Library(told, LATE.astimezone)


def posts(tmp_path: Path) -> Path:
    folder = tmp_path / "posts"
    folder.mkdir()
    first, second = "2027960832928501907", "2027976032928501907"
    rows = ROW.format(first, "2026-12-01", "師走の豆") + ROW.format(second, "2026-11-30", "霜月の豆")
    (folder / "zunda_example-261201.csv").write_text(rows, encoding="utf-8")
    return folder


def test_today_of_a_twilog_export_is_that_of_japan(tmp_path: Path) -> None:
    with at_this_hour(tmp_path, posts(tmp_path)) as library:
        assert library.about().today == "2026-12-01"
        assert [hit.id for hit in library.search("今日の豆").hits] == ["2026-12-01#1"]
        assert [hit.id for hit in library.search("昨日の豆").hits] == ["2026-11-30#1"]
        assert library.search("豆", since="today").total_stories == 1


def test_a_zone_that_is_stated_wins(tmp_path: Path) -> None:
    with at_this_hour(tmp_path, posts(tmp_path), timezone="America/New_York") as library:
        about = library.about()
        assert (about.timezone, about.timezone_stated, about.today) == ("America/New_York", True, "2026-11-30")


@pytest.mark.parametrize(
    ("dates", "zone", "today"),
    [
        (["2026-11-29 07:00:00 +0900", "2026-11-28T07:00:00+09:00", "2026-11-27"], "UTC+09:00", "2026-12-01"),
        (["2026-11-29T07:00:00-05:00"], "UTC-05:00", "2026-11-30"),
        (["2026-11-29T07:00:00Z", "2026-11-28T07:00:00Z", "2026-11-27 07:00:00 +0900"], "UTC", "2026-11-30"),
        (["2026-11-29"], "UTC", "2026-11-30"),
    ],
)
def test_dates_with_an_offset_tell_the_zone(tmp_path: Path, dates: list[str], zone: str, today: str) -> None:
    folder = tmp_path / "show"
    folder.mkdir()
    for number, date in enumerate(dates):
        page = f"---\ntitle: 豆の回 {number}\ndate: {date}\n---\n- [豆](https://example.com/{number})\n\n煮た。\n"
        (folder / f"episode-{number}.md").write_text(page, encoding="utf-8")
    with at_this_hour(tmp_path, folder) as library:
        about = library.about()
        assert (about.timezone, about.timezone_stated, about.today) == (zone, False, today)


def test_the_zone_outlives_a_small_change(tmp_path: Path) -> None:
    folder = posts(tmp_path)
    with at_this_hour(tmp_path, folder) as library:
        library.refresh()
        page = "---\ntitle: 添え物\ndate: 2026-01-01\n---\n- [豆](https://example.com/)\n\n煮た。\n"
        (folder / "extra.md").write_text(page, encoding="utf-8")
        assert library.search("煮た").total_episodes == 1
        assert library.about().timezone == "Asia/Tokyo"


def test_the_doctor_says_in_which_zone_today_is(tmp_path: Path) -> None:
    told = load_settings(episodes=[str(posts(tmp_path))], index=str(tmp_path / "index"), embedder="none")
    (days,) = [check.message for check in diagnose(told).checks if check.name == "days"]
    assert "Asia/Tokyo (as most dates are written" in days


def test_names_of_zones_are_found_again() -> None:
    for name in ("Asia/Tokyo", "UTC", "UTC+09:00", "UTC-03:30"):
        assert zone_name(zone_called(name)) == name
    assert zone_called("Mars/Olympus") is dt.UTC
    assert usual_zone([("UTC", 2), ("UTC+09:00", 3), ("", 9)]) == "UTC+09:00"
