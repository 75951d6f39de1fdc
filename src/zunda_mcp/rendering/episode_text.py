"""The text of an episode: its Markdown, cut into pages that end where a paragraph ends.

The text is the same at every call, so a place in it is a number. The cursor contains it with a checksum of the call, so
that a cursor of another episode is refused and does not start in the middle of the wrong text.
"""

from __future__ import annotations

import re
import zlib

from zunda_mcp.answers import EpisodeAnswer
from zunda_mcp.errors import ArgumentError
from zunda_mcp.models import OWN, PASSAGE, Episode, Story
from zunda_mcp.rendering import answer_lines
from zunda_mcp.rendering.messages import ENGLISH, Messages
from zunda_mcp.rendering.sanitize import clean_line, frame, shorten
from zunda_mcp.results.citing import citation
from zunda_mcp.results.snippets import reading_text
from zunda_mcp.text.urls import without_links

__all__ = ["episode", "markdown"]

_SENTENCE = re.compile(r"[。．！？!?.][」』）)]?\s*")
_PAGE_END = re.compile(r"[。．！？][」』）)]?\s*|[!?.][)\"”’]?\s+")
_MARKS = re.compile(r"[\W_]+")
_FULL = ', detail="full"'
_GIST = 120
"""Most characters of a story in the list of an episode, in addition to its title."""
_NEIGHBOURS, _NEIGHBOUR = 10, 40
"""Most other stories that are listed after one, and most characters of their titles: a day may have many posts."""
_CURSOR = re.compile(r"([1-9][0-9]{0,8})-[0-9a-f]{8}", re.ASCII)


def episode(answer: EpisodeAnswer, max_chars: int = 10**9, cursor: str | None = None, *, gist: bool = False) -> str:
    """One page of an episode, or of the story that was asked for, in at most ``max_chars`` characters; with ``gist`` an
    episode has one line for each story.

    Raises:
        ArgumentError: The cursor belongs to something else or is not a cursor.
    """
    shown = clean_line(answer.story or answer.episode.id)
    call = f'get_episode(id="{shown}"{"" if gist or answer.story else _FULL})'
    start = _start(call, shown, cursor) if cursor else 0
    body = markdown(answer, gist=gist)
    start = min(start, len(body))
    head = f"{answer_lines.QUOTED_PAGE}{f' ({shown}, continued)' if start else ''}\n\n"
    tail = f"\n\n{frame(_end(answer, whole=start == 0))}"
    room = max_chars - len(head)
    for end in (tail, f"\n\n{frame('End')}"):
        if len(body) - start + len(end) <= room:
            return f"{head}{body[start:].strip()}{end}"
    more = len(_more(call, len(body), len(body), len(body)))
    stop = _cut(body, start, max(room - more, 50))
    page = f"{head}{body[start:stop].strip()}"
    return f"{page}{_more(call, start, stop, len(body))}"


def markdown(answer: EpisodeAnswer, *, gist: bool = False, say: Messages = ENGLISH) -> str:
    """The whole text: an episode with its stories, or one story with the titles of others; with ``gist`` an episode has
    one line for each story.
    """
    one = next((story for story in answer.episode.stories if story.id == answer.story), None)
    parts = _story_parts(answer, one, say) if one else _episode_parts(answer, say, gist=gist)
    return "\n\n".join(part for part in parts if part)


def _episode_parts(answer: EpisodeAnswer, say: Messages, *, gist: bool) -> list[str]:
    episode = answer.episode
    title = clean_line(episode.title) or say("(no title)")
    notes = answer_lines.markdown(episode.prose)
    return [
        f"# {title}\n{_facts(answer, say)}\n{say('Cite: {citation}', citation=_cite(episode))}",
        answer_lines.markdown(episode.description) if _says_more(episode) else "",
        f"{say('## Notes')}\n\n{notes}" if notes else "",
        *(answer_lines.markdown(story.summary) for story in episode.stories if story.kind == OWN),
        *_stories(episode, gist=gist),
        _transcript(answer.spoken, say),
        _passages(episode, say),
    ]


def _stories(episode: Episode, *, gist: bool) -> list[str]:
    """The stories of an episode, in full or in one line each."""
    stories = [story for story in episode.stories if story.kind not in (OWN, PASSAGE)]
    if not gist or not stories:
        return [part for story in stories for part in _story(story, "##")]
    call = f'get_episode(id="{clean_line(episode.id)}"{_FULL})'
    lines = []
    for story in stories:
        kind = f"{_of_post(story)}: " if story.kind else ""
        link = f" · {clean_line(story.url)}" if story.url else ""
        about = _gist(story)
        lines += [f"- {clean_line(story.id)} {kind}{_title(story)}{link}", f"  {about}" if about else ""]
    head = f"## Stories\nIn full: get_episode with a story's id, or {call} for all."
    return [head, "\n".join(filter(None, lines))]


def _gist(story: Story) -> str:
    """The first sentences of a summary, as many as fit in a line; nothing if the title says the same."""
    text = clean_line(reading_text(without_links(story.summary) if story.kind else story.summary)).lstrip("*-+ ")
    if not text or text == story.title or not story.title:
        return ""
    ends = [match.end() for match in _SENTENCE.finditer(text, 0, _GIST) if match.end() >= _GIST // 2]
    return text[: ends[0]].strip() if ends else shorten(text, _GIST)


def _transcript(spoken: str | None, say: Messages) -> str:
    return f"{say('Heard in the recording, as transcribed:')}\n\n{answer_lines.markdown(spoken)}" if spoken else ""


def _passages(episode: Episode, say: Messages) -> str:
    """The passages of a transcript, with their times and first words; only the ids of those that have neither."""
    passages = [story for story in episode.stories if story.kind == PASSAGE]
    lines = [f"- {_of_passage(story)} · id {clean_line(story.id)}" for story in passages if story.title or story.start]
    silent = [story.id for story in passages if not story.title and not story.start]
    if len(silent) > 1:
        lines.append(f"- {len(silent)} passages · ids {clean_line(silent[0])} to {clean_line(silent[-1])}")
    elif silent:
        lines.append(f"- a passage · id {clean_line(silent[0])}")
    return say("## Heard in the recording") + "\n\n" + "\n".join(lines) if lines else ""


def _of_passage(story: Story) -> str:
    from zunda_mcp.text.timestamps import timestamp  # start-up

    time = "" if story.start is None else timestamp(story.start)
    return " ".join(part for part in (time, clean_line(story.title)) if part) or "a passage"


def _story_parts(answer: EpisodeAnswer, story: Story, say: Messages) -> list[str]:
    episode = answer.episode
    others = [other for other in episode.stories if other.id != story.id]
    if story.kind == PASSAGE:
        others = [other for other in others if abs(other.place - story.place) == 1]
    near = sorted(others, key=lambda other: abs(other.place - story.place))[:_NEIGHBOURS]
    listed = [
        f"{clean_line(other.id)} {shorten(_title(other), _NEIGHBOUR)}"
        for other in sorted(near, key=lambda other: other.place)
    ]
    if story.kind == PASSAGE:
        listed = [clean_line(other.id) for other in near]
    elif len(near) < len(others):
        listed.append(f'{len(others) - len(near)} more: get_episode(id="{clean_line(episode.id)}")')
    title = clean_line(episode.title) or say("(no title)")
    beside = "Before and after it:" if story.kind == PASSAGE else "Other stories of the episode:"
    return [
        *_story(story, "#"),
        _transcript(answer.spoken, say),
        f"{say('From the episode: {title}', title=title)}\n{_facts(answer, say)}",
        f"{say(beside)} {'; '.join(listed)}" if listed else "",
    ]


def _story(story: Story, mark: str) -> list[str]:
    title, url = (
        _title(story) if story.kind in (None, OWN) else _of_post(story),
        clean_line(story.url) if story.url else "",
    )
    lines = [f"{mark} {story.place}. {title}", url, f"id {clean_line(story.id)}"]
    return ["\n".join(line for line in lines if line), answer_lines.markdown(story.summary)]


def _of_post(story: Story) -> str:
    """The heading of a passage, or of a post, which has no title: its kind and time, since its text follows."""
    if story.kind == PASSAGE:
        return _of_passage(story)
    return f"{story.kind}{f' at {story.at:%H:%M}' if story.at else ''}"


def _title(story: Story) -> str:
    """The title of a story; if the source has none, the first sentence of its summary."""
    if title := clean_line(story.title):
        return title
    if story.kind == PASSAGE:
        return _of_passage(story)
    text = without_links(story.summary) if story.kind else story.summary
    return shorten(_SENTENCE.split(clean_line(text), maxsplit=1)[0], 80) or "(no title)"


def _cite(episode: Episode) -> str:
    """The citation of an episode, ready to be pasted."""
    page = clean_line(episode.page_url) if episode.page_url else None
    return citation("", None, clean_line(episode.title) or "(no title)", _day(episode), page)


def _day(episode: Episode) -> str | None:
    return episode.date.isoformat() if episode.date else None


def _facts(answer: EpisodeAnswer, say: Messages) -> str:
    episode = answer.episode
    day = _day(episode) or say(answer_lines.UNDATED)
    if episode.number is not None:
        day = say("{day} · episode {number}", day=day, number=episode.number)
    page = "Source file (no published page): {address}" if episode.page_kind == "file" else "Page: {address}"
    lines = [f"{day} · id {clean_line(episode.id)}"]
    if episode.hosts:
        lines.append(say("People: {hosts}", hosts=", ".join(map(clean_line, episode.hosts))))
    if answer.speakers:
        lines.append(say("Speakers: {names}", names=", ".join(map(clean_line, answer.speakers))))
    if episode.page_url:
        lines.append(say(page, address=clean_line(episode.page_url)))
    if episode.audio_url:
        lines.append(say("Audio: {address}", address=clean_line(episode.audio_url)))
    if episode.youtube_id:
        lines.append(f"YouTube: https://www.youtube.com/watch?v={clean_line(episode.youtube_id)}")
    return "\n".join(lines)


def _says_more(episode: Episode) -> bool:
    """Whether the description says more than the titles of the stories, which many shows list there."""
    rest = _MARKS.sub("", episode.description)
    for story in episode.stories:
        rest = rest.replace(_MARKS.sub("", story.title), "")
    return len(rest) > 40 or (bool(rest) and not episode.stories)


def _end(answer: EpisodeAnswer, *, whole: bool) -> str:
    understood = clean_line(answer.understood)
    notes = [understood] if whole and understood not in ("", answer.story, answer.episode.id) else []
    if answer.previous_id:
        notes.append(f"previous episode: {clean_line(answer.previous_id)}")
    if answer.next_id:
        notes.append(f"next episode: {clean_line(answer.next_id)}")
    return "; ".join([*notes, answer_lines.reach(answer.freshness)])


def _more(call: str, start: int, stop: int, size: int) -> str:
    following = f'{call[:-1]}, cursor="{_cursor(call, stop)}")'
    return f"\n\n{frame(f'Characters {start + 1}-{stop} of {size}. Read on with {following}')}"


def _cut(body: str, start: int, room: int) -> int:
    """Where the page ends: after a paragraph or a line that ends in its last quarter, else after the last sentence that
    fits, else at its last character.
    """
    limit = start + room
    for pattern in ("\n\n", "\n"):
        end = body.rfind(pattern, limit - room // 4, limit)
        if end > start:
            return _before_heading(body, start, end + len(pattern))
    ends = [match.end() for match in _PAGE_END.finditer(body, start + room // 2, limit)]
    return ends[-1] if ends else limit


def _before_heading(body: str, start: int, stop: int) -> int:
    """Where a page ends that would end with the heading of a story: before that heading."""
    heading = body.rfind("\n\n#", start, stop - 2)
    return heading + 2 if heading > start and "\n\n" not in body[heading + 2 : stop - 2] else stop


def _cursor(call: str, offset: int) -> str:
    return f"{offset}-{zlib.crc32(call.encode(errors='replace')):08x}"


def _start(call: str, shown: str, cursor: str) -> int:
    """The place that a cursor names in the text shown by ``call``."""
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        wrong = "This cursor was not given by get_episode."
    elif _cursor(call, int(match[1])) != cursor:
        wrong = f"This cursor reads on in another text than {shown}."
    else:
        return int(match[1])
    raise ArgumentError("cursor", f"{wrong} Call {call} for the beginning.")
