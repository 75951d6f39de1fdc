"""Prepare a body for parsing: blank what readers of the page do not see, and make Markdown of HTML and plain lists.

Comments, template tags and the imports of MDX are blanked, and HTML is converted line by line, so that line numbers
stay those of the file. ``undo_yaml`` reads summaries that were pasted with the quotes and escapes of a YAML file: it
puts them between quotes again and parses them. Plain lists lack the marks of Markdown: each of their lines begins with
a dot or a time, or is a link. A time on a line of its own moves to the item or heading next to it.
"""

from __future__ import annotations

import html
import re
import textwrap
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

import yaml

from zunda_mcp.reading.markdown.blocks import LONGEST_LINE
from zunda_mcp.reading.markdown.inline import links_in, only_link
from zunda_mcp.text.timestamps import leading_time

__all__ = [
    "as_markdown", "begins_with_time", "fenced_lines", "undo_yaml", "with_hash_headings", "with_lists",
    "without_frames", "without_hidden",
]  # fmt: skip

_LINE = 2000  # characters before a comment in which backticks are counted

_TAGS = re.compile(
    r"^[ \t]*(?:\{%(?:[^%]|%(?!\})){0,2000}%\}|(?:#{1,6}[ \t]+)?\{\{(?:[^}]|\}(?!\})){0,2000}\}\})[ \t]*$", re.MULTILINE
)
_ATTRIBUTES = re.compile(
    r"(?<=[)\]*>])\{:[ \t]?(?:[.#]\w|\w+=[\"'])[^{}\n]{0,200}\}|[ \t]+\{:?[ \t]?#[\w-]+[^{}\n]{0,200}\}[ \t]*$",
    re.MULTILINE,
)
"""Attributes after what they belong to: ``{:target="_blank"}`` (kramdown), ``## Title {#id}`` (Pandoc, Zola)."""
_CODE = re.compile(r"^[ \t]*\{%-?[ \t]*(end)?highlight\b[^\n%]*%\}[ \t]*$", re.MULTILINE)
"""Where code begins and ends in Jekyll."""
_HIDDEN = re.compile(r"<!--|^[ \t]*<(style|script)\b[^<>]{0,1000}>", re.MULTILINE | re.IGNORECASE)
_PLAYER = re.compile(r"<(audio|video|iframe)\b[^<>]{0,4000}>", re.IGNORECASE)
_COMPONENT = re.compile(r"^[ \t]*<[A-Z]\w{0,60}(?:\s[^<>]{0,4000})?/>[ \t]*$", re.MULTILINE)
_AROUND = r"(?:div|section|article|aside|main|center|details)\b[^<>\n]{0,500}>[ \t]*"
_WRAPPER = re.compile(
    rf"^[ \t]*(?:(?:</{_AROUND})+$|(?:</?{_AROUND}){{1,9}}$(?=\s*\Z|\n[ \t]*\n|\n {{0,3}}[^\s<]))",
    re.MULTILINE | re.IGNORECASE,
)
"""Tags around Markdown that are alone on their line (``<section markdown="1">``)."""
_INDENTED = re.compile(
    rf"(^[ \t]*(?:<{_AROUND})+\n)( {{1,3}}[-*+] .*\n(?:[ \t]+\S.*\n|[ \t]*\n)*)", re.MULTILINE | re.IGNORECASE
)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)
_RULE = re.compile(r" {0,3}(?:={2,}|-{2,})[ \t]*")
_OVER_RULE = re.compile(r" {0,3}(?![-*+>]\s|[#>|<]|\d{1,9}[.)]\s)\S.*")
"""What a heading of Setext is written on (https://spec.commonmark.org/0.31.2/#setext-headings), if it has one line."""
_MODULE = re.compile(
    r"^(?:import\s.+\sfrom\s+['\"].+['\"];?|import\s+['\"].+['\"];?|export\s+(?:const|let|default)\s.*)$", re.MULTILINE
)


def without_hidden(body: str, *, modules: bool = False) -> str:
    """Blank, outside of code, HTML comments, styles, scripts, attributes in braces, lines of only template tags, and if
    ``modules`` the imports of MDX.
    """
    if not modules and not any(sign in body for sign in ("<!--", "{%", "{{", "{:", "{#", "<s", "<S")):
        return body
    ends = [bool(mark[1]) for mark in _CODE.finditer(body)]
    if ends == [False, True] * (len(ends) // 2):
        body = _CODE.sub("```", body)
    body = _without_blocks(body, _HIDDEN)
    for pattern in (_TAGS, _ATTRIBUTES, _MODULE) if modules else (_TAGS, _ATTRIBUTES):
        body = _blanked(body, pattern, _fenced(body))
    return body


def _blanked(body: str, pattern: re.Pattern[str], code: list[tuple[int, int]]) -> str:
    return pattern.sub(lambda match: match[0] if _inside(code, match.start()) else "\n" * match[0].count("\n"), body)


def with_hash_headings(body: str) -> str:
    """Return a body with ``# Title`` for a title over ``===``, ``##`` for one over ``---``; all lines stay in place."""
    lines = body.split("\n")
    rules = [place for place, line in enumerate(lines) if place and _RULE.fullmatch(line)]
    code = fenced_lines(body) if rules else frozenset()
    for place in rules:
        alone = place < 2 or not lines[place - 2].strip() or lines[place - 2].startswith("#")
        if alone and place not in code and _OVER_RULE.fullmatch(lines[place - 1]):
            level = 1 if "=" in lines[place] else 2
            lines[place - 1 : place + 1] = [f"{'#' * level} {lines[place - 1].strip()}", ""]
    return "\n".join(lines)


def fenced_lines(body: str) -> frozenset[int]:
    """Return the lines of fenced code, counted from 0."""
    spans = ((body.count("\n", 0, start), body.count("\n", 0, end)) for start, end in _fenced(body))
    return frozenset(line for first, last in spans for line in range(first, last + 1))


def without_frames(body: str) -> str:
    """Blank, outside of code, what shows no words: players, components (``<Player … />``) and tags around Markdown."""
    if "<" not in body:
        return body
    body = _without_blocks(body, _PLAYER)
    code = _fenced(body)
    body = _INDENTED.sub(lambda at: at[0] if _inside(code, at.start()) else at[1] + textwrap.dedent(at[2]), body)
    for pattern in (_COMPONENT, _WRAPPER):
        body = _blanked(body, pattern, _fenced(body))
    return body


def _without_blocks(body: str, hidden: re.Pattern[str]) -> str:
    """Blank, outside of code, comments and elements that begin with a match of ``hidden``, until one has no end."""
    code, lower = _fenced(body), body.lower()
    parts: list[str] = []
    done = 0
    for opening in hidden.finditer(body):
        place = opening.start()
        before = body[max(body.rfind("\n", 0, place) + 1, place - _LINE) : place]
        if place < done or _inside(code, place) or before.count("`") % 2:
            continue
        closing = f"</{opening[1].lower()}>" if opening[1] else "-->"
        end = (lower if len(lower) == len(body) else body).find(closing, opening.end())
        if end < 0:
            break
        parts += [body[done:place], "\n" * body.count("\n", place, end)]
        done = end + len(closing)
    return "".join((*parts, body[done:]))


def _inside(spans: list[tuple[int, int]], place: int) -> bool:
    at = bisect_right(spans, place, key=lambda span: span[0]) - 1
    return at >= 0 and spans[at][0] <= place < spans[at][1]


def _fenced(body: str) -> list[tuple[int, int]]:
    """Return where fenced code begins and ends; an unclosed fence ends with the text."""
    spans: list[tuple[int, int]] = []
    opening: re.Match[str] | None = None
    for fence in _FENCE.finditer(body):
        if opening is None:
            opening = fence
        elif fence[1].startswith(opening[1]):
            spans.append((opening.start(), fence.end()))
            opening = None
    return [*spans, (opening.start(), len(body))] if opening else spans


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def undo_yaml(text: str) -> str | None:
    """Return a summary, indented as in its file, without the YAML quoting it came with; ``None`` if it has none."""
    stripped = text.strip()
    if _double_quoted(stripped):
        return _quoted(stripped, '"') or stripped.replace("\\n", "\n")
    return _quoted(stripped, "'") if _single_quoted(text.rstrip()) else None


def _double_quoted(text: str) -> bool:
    """Detect a fold (a backslash at the end of a line and at the start of the next), or escaped paragraph breaks."""
    if "\\" not in text:
        return False
    lines = text.split("\n")
    if any(line.endswith("\\") and after.lstrip().startswith("\\") for line, after in pairwise(lines)):
        return True
    outside_code = "".join(text.split("`")[::2])
    quoted = text.startswith('"') and text.endswith('"')
    return len(lines) == 1 and ("\\n\\n" in outside_code or (quoted and "\\n" in outside_code))


def _single_quoted(text: str) -> bool:
    """Detect a closing quote after text that is all indented, and whose own quotes are doubled."""
    if not text.endswith("'"):
        return False
    inside = text.strip()[:-1].removeprefix("'")
    indented = all(line.startswith("  ") for line in text.split("\n") if line.strip())
    return indented and "'" not in inside.replace("''", "")


def _quoted(text: str, quote: str) -> str | None:
    inside = text.removesuffix(quote).removeprefix(quote).strip()
    try:
        value = yaml.load(f"{quote}{inside}{quote}", Loader=_LOADER)  # noqa: S506 - a safe loader, and one scalar
    except (yaml.YAMLError, ValueError):
        return None
    return value.strip() if isinstance(value, str) else None


_HTML_BLOCK = re.compile(r"^[ \t]*<(?:h[1-6]|ul|ol|li|p)\b", re.IGNORECASE | re.MULTILINE)
_LINK = re.compile(
    r"<a\s[^<>]{0,1000}?href=[\"']([^\"'<>]{1,2000})[\"'][^<>]{0,1000}>([^\n]{0,2000}?)</a>", re.IGNORECASE
)
_HEADING = re.compile(r"[ \t]*<h([1-6])\b[^<>]*>(.*)", re.IGNORECASE)
_ITEM = re.compile(r"^[ \t]*(?:<[uo]l\b[^<>]*>[ \t]*)?<li\b[^<>]*>[ \t]*", re.IGNORECASE)
_OPENS, _CLOSES = (re.compile(rf"<{sign}[uo]l\b", re.IGNORECASE) for sign in ("", "/"))
_FRAME = re.compile(r"</?(?:ul|ol|li|p|div|span|section|strong|b|em|i|u|br)\b[^<>]*>", re.IGNORECASE)


def as_markdown(body: str) -> str:
    """Return a body with HTML links and plain lists as Markdown; if it has HTML blocks, also its headings and items."""
    body = without_frames(body)
    code = fenced_lines(body)
    lines = body.split("\n")
    blocks = _HTML_BLOCK.search(body) is not None
    depth = 0  # how many lists are around a line
    for place, line in enumerate(lines if blocks or "</a>" in body.lower() else ()):
        if "<" in line and place not in code:
            depth += len(_OPENS.findall(line))
            lines[place] = _line(line, depth) if blocks else _with_links(line)
            depth = max(0, depth - len(_CLOSES.findall(line)))
    return "\n".join(with_lists(lines, code))


_TIME_ALONE = re.compile(r"[ \t>*_`]*[\[(（]?(?:\d{1,2}:)?\d{1,3}:[0-5]\d[\])）]?[*_` \t]*")
_BEGINS = re.compile(r"(?:[-*+]|\d{1,3}[.)]|#{1,6})[ \t]+(?=\S)|(?=\[[^\]\n]{1,300}\]\([^)\n]{1,2000}\)\s*$)")
"""The beginning of an item, a heading, or a line that is a link."""


def _with_times(lines: Sequence[str], code: Collection[int]) -> list[str]:
    """Move times on lines of their own, if there are two or more, into the items, headings and links right after them,
    or if not all have one, right before them. Any other text there is speech, and nothing moves. No line is removed.
    """
    marked = list(lines)
    times = [at for at, line in enumerate(lines) if at not in code and _TIME_ALONE.fullmatch(line)]
    for step in (1, -1) if len(times) > 1 else ():
        beside = [_beside(lines, at, step) for at in times]
        if all(at is not None and _BEGINS.match(lines[at]) for at in beside) and len({*beside}) == len(times):
            for at, place in zip(times, beside, strict=True):
                line = lines[place or 0]
                begins = _BEGINS.match(line)
                end = begins.end() if begins else 0
                marked[place or 0] = f"{line[:end] or '- '}{lines[at].strip()} {line[end:]}"
                marked[at] = ""
            break
    return marked


def _beside(lines: Sequence[str], at: int, step: int) -> int | None:
    """Return the next line with text in the direction of ``step``, after at most one blank line."""
    near = (at + step, at + 2 * step)
    return next((one for one in near if 0 <= one < len(lines) and lines[one].strip()), None)


def _with_links(line: str) -> str:
    def link(match: re.Match[str]) -> str:
        url = html.unescape(match[1].strip())
        return f"[{_FRAME.sub('', match[2]).strip() or url}]({url})"

    return _LINK.sub(link, line)


def _line(line: str, depth: int) -> str:
    line = _with_links(line)
    heading = _HEADING.fullmatch(line)
    if heading:
        text = heading[2].strip()
        text = text[:-5] if text[-5:].lower() == f"</h{heading[1]}>" else text
        return f"{'#' * int(heading[1])} {_FRAME.sub('', text).strip()}"
    item = _ITEM.match(line)
    if item:
        return f"{'  ' * (depth - 1)}- {_FRAME.sub('', line[item.end() :]).strip()}"
    return _FRAME.sub("", line)


# --- plain lists

_DOT = re.compile(r"^\s{0,3}[•・●▪◦‣∙·⁃➤▶►✔✅]\ufe0f?\s*(?=\S)")
_BLOCK = re.compile(r"\s*(?:[-+*>#|]|\d{1,9}[.)])(?:\s|#|>)|\s{4}|\s*(?:```|~~~|---|</?\w)")
_SPOKEN = re.compile(r"[^\n:：]{1,40}[:：]\s|.{161}")
"""What a line of speech begins with: a name, or more than a title has (``inline.LONGEST``)."""
_NUMBER = re.compile(r"(\d{1,3})[、．）][ \t]*(?=\[)")
"""The number before a link, as Chinese and Japanese write it."""


def with_lists(lines: Sequence[str], code: Collection[int]) -> list[str]:
    """Return these lines, those of plain lists with ``- `` before them; each stays on its place. A list is two lines or
    more that begin with a dot; a paragraph of two lines or more that are a link each, with a number or without, or
    begin with a time each; or three paragraphs or more of one line each that begin with a time, or with a link, half of
    which are nothing else. ``code`` are lines of code.
    """
    marked = _with_times(lines, code)
    dots = [place for place, line in enumerate(lines) if place not in code and _DOT.match(line)]
    if len(dots) > 1:
        for place in dots:
            marked[place] = f"- {_DOT.sub('', lines[place], count=1)}"
    for start, end in _paragraphs(marked, code):
        below = end - start > 2 and not begins_with_time(marked[start]) and begins_with_time(marked[start + 1])
        part = marked[start + below : end]
        if all(map(only_link, part)) or all(map(begins_with_time, part)):
            marked[start + below : end] = [f"- {line.strip()}" for line in part]
        elif all(map(_NUMBER.match, part)):
            marked[start + below : end] = [_NUMBER.sub(r"\1. ", line) for line in part]
    for places in _rows(marked, code):
        row = [marked[place] for place in places]
        if len(row) > 2 and (_are_topics(row) or sum(only_link(line) is not None for line in row) * 2 >= len(row)):
            for place in places:
                marked[place] = f"- {marked[place].strip()}"
    return marked


def _rows(lines: Sequence[str], code: Collection[int]) -> Iterator[list[int]]:
    """The places of lines that begin with a link or a time, with nothing but blank lines between those of one row."""
    row: list[int] = []
    for place, line in enumerate(lines):
        alone = not any(lines[one].strip() for one in (place - 1, place + 1) if 0 <= one < len(lines))
        if alone and place not in code and (_begins_with_link(line) or begins_with_time(line)):
            row.append(place)
        elif line.strip():
            yield row
            row = []
    yield row


def _are_topics(row: Sequence[str]) -> bool:
    """Whether lines are topics with times, and no speech."""
    timed = [one.text for line in row if begins_with_time(line) and (one := leading_time(line))]
    return len(timed) == len(row) > 2 * sum(_SPOKEN.match(text) is not None for text in timed)


def begins_with_time(line: str) -> bool:
    """Whether a line outside lists begins with a time that text follows; a span of times begins a line of speech."""
    timed = leading_time(line) if len(line) <= LONGEST_LINE and "-->" not in line and not _BLOCK.match(line) else None
    return timed is not None and bool(timed.text)


def _paragraphs(lines: Sequence[str], code: Collection[int]) -> Iterator[tuple[int, int]]:
    """Yield the first line of each paragraph of two or more lines, and the line after its last."""
    start = 0
    for place in range(len(lines) + 1):
        if place == len(lines) or not lines[place].strip() or place in code or _BLOCK.match(lines[place]):
            if place - start > 1:
                yield start, place
            start = place + 1


def _begins_with_link(text: str) -> bool:
    """Whether a text begins with a link that has a title."""
    link = next(links_in(text), None) if text.startswith("[") and len(text) <= LONGEST_LINE else None
    return link is not None and link.start == 0 and not link.bare and bool(link.text.strip())
