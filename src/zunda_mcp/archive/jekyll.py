"""Where a Jekyll site publishes a post: https://jekyllrb.com/docs/permalinks/ and ``Jekyll::Drops::UrlDrop``."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from fnmatch import fnmatchcase
from urllib.parse import quote

STYLES = {
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
    "none": "/:categories/:title:output_ext",
}
_FIELD = re.compile(r":([a-z_]+)")


def is_post(path: str, exclude: Iterable[str]) -> bool:
    """Whether Jekyll builds a page from the file at this path below the site's root: in ``_posts``, not excluded."""
    folders = path.split("/")[:-1]
    if "_posts" not in folders:
        return False
    for entry in (entry.strip("/") for entry in exclude):
        starts = ("/".join(path.split("/")[: n + 1]) for n in range(path.count("/") + 1))
        if entry and any(start == entry or fnmatchcase(start, entry) for start in starts):
            return False
    return True


def permalink(template: str, date: dt.date, slug: str, categories: Iterable[str] = ()) -> str | None:
    """Fill in a permalink style or template: the path of a post's page. ``None`` for a field this does not know.

    ``:title`` is the file name without its date, not the front matter's title.
    """
    name = _slugified(slug)
    year, week, weekday = date.isocalendar()
    values = {
        "title": name,
        "slug": name,
        "categories": "/".join(_slugified(category).lower() for category in categories),
        "year": f"{date.year:04}",
        "short_year": f"{date.year % 100:02}",
        "month": f"{date.month:02}",
        "i_month": str(date.month),
        "day": f"{date.day:02}",
        "i_day": str(date.day),
        "y_day": f"{date.timetuple().tm_yday:03}",
        "w_year": f"{year:04}",
        "week": f"{week:02}",
        "w_day": str(weekday),
        "short_day": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[weekday - 1],
        "output_ext": ".html",
    }
    pattern = STYLES.get(template.strip(), template.strip())
    if not name or any(field not in values for field in _FIELD.findall(pattern)):
        return None
    path = _FIELD.sub(lambda match: quote(values[match[1]], safe="/~!$&'()+,;=@", errors="replace"), pattern)
    while "//" in path:
        path = path.replace("//", "/")
    return "/" + path.lstrip("/")


def _slugified(text: str) -> str:
    """As Jekyll's ``slugify`` in its mode "pretty": letters, marks, digits and ``._~!$&'()+,;=@`` stay."""
    kept = "".join(
        c if unicodedata.category(c)[0] in "LM" or c.isdecimal() or c in "._~!$&'()+,;=@" else " " for c in text
    )
    return "-".join(kept.split())
