"""Properties written below the title of a page without front matter, as Notion exports them:

# The title

Date: May 3, 2024
Tags: beans, rice
"""

from __future__ import annotations

import re

from zunda_mcp.archive.front_matter import FrontMatter, Page, Value

_PROPERTY = re.compile(r"([^\W\d_][\w /()-]{0,40}?)[:：][ \t]+(\S.*)")
_NAMES = {
    "日付": "date", "公開日": "date", "投稿日": "date", "配信日": "date", "作成日時": "created", "作成日": "created",
    "作成者": "author", "著者": "author", "出演": "hosts", "出演者": "hosts", "ゲスト": "guests", "概要": "description",
    "説明": "description", "話数": "number", "番号": "number", "created time": "created", "publish date": "date",
    "event time": "date", "last edited time": "edited", "音声": "audio",
}  # fmt: skip
_ENOUGH = ("date", "created", "published", "pubdate", "published_at", "publish_date")


def read_properties(page: Page) -> Page:
    """Return a page with its properties as front matter; as it was where it has no date among them."""
    lines = page.body.split("\n")
    at = next((place for place, line in enumerate(lines) if line.strip()), len(lines))
    title = lines[at][2:].strip() if at < len(lines) and lines[at].startswith("# ") else ""
    start = at + 1 if title else at
    while start < len(lines) and not lines[start].strip():
        start += 1
    front = FrontMatter({"title": title} if title else {})
    end = start
    while end < len(lines) and (found := _PROPERTY.fullmatch(lines[end].strip())):
        name = " ".join(found[1].split()).lower()
        key = _NAMES.get(name, name.replace(" ", "_"))
        value: Value = found[2].strip()
        front.values.setdefault(key, value)
        front.lines.setdefault(key, page.start + end + 1)
        end += 1
    paragraph = end == len(lines) or not lines[end].strip()
    if not title or end == start or not paragraph or not any(name in front.values for name in _ENOUGH):
        return page
    return Page(front, "\n".join(lines[end:]), page.start + end)
