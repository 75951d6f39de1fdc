"""What two libraries over the same files are asked, and how their answers differ.

A question is a name and a call; the name says all that is needed to ask it again. Answers are plain data, without what
may differ between two indexes of the same files: of a ``Library``'s answers only the last digits of scores.
"""

from __future__ import annotations

import json
import random
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from source_kinds import HOSTS, NAMES

from zunda_mcp.errors import BuildingError, ZundaError
from zunda_mcp.library import Library
from zunda_mcp.models import Model
from zunda_mcp.server import completion, dispatch, resources

_PAGES = 12
_DIGITS = 6
_FAULT = "a fault:"

NOT_COMPARED: set[str] = set()
"""Fields that are left out of the comparison: none, but while a cause is looked for that they hide."""
_LEVEL_WITHIN = 60.0

QUERIES = (
    *NAMES,
    *(
        "枝豆 Rust",
        '"runs faster than"',
        '"速かった。"',
        "RAG -LLM",
        "large language models",
        "how was Kubernetes measured",
    ),
    *(
        "エージェントはどうやって推論する？",
        "クロードオーパス",
        "kubernets",
        "量子",
        "Anna",
        "存在しない言葉",
        "site:neko.example",
    ),
    *("beans soup recipe", "新しい版", "去年の枝豆", "bean", "Talk 3", "talk", "豆の回", "の"),
)
_QUOTES = ("エージェントの新しい版が出た。", "Rust runs faster than beans on big machines", "枝豆")


@dataclass(frozen=True)
class Question:
    """A question by a name that tells all of it, and the call that asks it."""

    name: str
    ask: Callable[[Library], object]


@dataclass(frozen=True)
class Difference:
    """One question that two libraries answer differently, or that fails with what is no error of ours."""

    question: str
    grown: str
    built: str

    @property
    def kind(self) -> str:
        """The method or resource, to count by."""
        return self.question.partition("(")[0]

    def __str__(self) -> str:
        return f"{self.question}\n      grown: {self.grown}\n      built: {self.built}"


def level(library: Library) -> None:
    """Ask until the answer says that it is level with the files, as a client would that waits for it."""
    end = time.monotonic() + _LEVEL_WITHIN
    while time.monotonic() < end:
        try:
            if library.about().freshness.state == "current":
                return
        except BuildingError:
            pass
        time.sleep(0.02)
    msg = "the archive did not become current"
    raise TimeoutError(msg)


def differences(grown: Library, built: Library, rng: random.Random, *, share: float = 1.0) -> list[Difference]:
    """All questions that the two answer differently, or where one fails with what is no error of ours; ``share`` of the
    questions of each kind is asked.
    """
    found = []
    for question in questions(built, grown, rng, share):
        theirs = answer(built, question)
        ours = answer(grown, question)
        if ours != theirs:
            found.append(_smallest(question.name, ours, theirs))
        elif _FAULT in ours:
            found.append(Difference(question.name, ours, theirs))
    return found


def answer(library: Library, question: Question) -> str:
    """What is answered, as JSON in one spelling; an error as its sentence, a fault with where it happened."""
    try:
        said = question.ask(library)
    except ZundaError as error:
        said = f"{type(error).__name__}: {error}"
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)[-3:]
        where = " < ".join(f"{frame.name} {frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames[::-1])
        said = f"{_FAULT} {type(error).__name__}: {error} in {where}"
    return json.dumps(_plain(said), ensure_ascii=False, sort_keys=True)


def questions(built: Library, grown: Library, rng: random.Random, share: float) -> Iterator[Question]:
    """Everything worth asking, from what either knows."""
    episodes = sorted({one.id: one for library in (built, grown) for one in _episodes(library)}.items())
    some = _some(rng, share)
    yield from _plain_questions()
    yield from _searches(some, built.settings.archives)
    for sort in ("count", "recent", "rising"):
        yield _question("topics", sort=sort, limit=7)
    yield _question("topics", "エージェント", since="2030")
    for name in some(QUERIES):
        yield _question("timeline", name, by=rng.choice(("month", "week", "year")))
    for name, one in episodes:
        yield _question("episode", name)
        for place in some(range(1, one.stories + 1)):
            yield _question("episode", f"{name}#{place}")
    for name, one in some(episodes):
        yield _question("related", name, limit=20, max_chars=30_000)
        if one.stories:
            yield _question("related", f"{name}#{rng.randint(1, one.stories)}", limit=20, max_chars=30_000)
    for pattern in some(_PATTERNS):
        yield _question("find_text", pattern, by=rng.choice(("year", "month", "host", "site")))
    for quote in (*_QUOTES, *some(_sentences(built, some(episodes)))):
        yield _question("check_quote", quote)
    yield from _server_questions(some, [name for name, _ in episodes])


def _plain_questions() -> Iterator[Question]:
    for name in ("episodes", "sites", "topic_names", "hosts", "problems", "about", "freshness", "language"):
        yield _question(name)
    for name in ("latest", "2030-01-05", "3", "99999"):
        yield _question("episode", name)


def _searches(some: Callable[[Sequence[Any]], list[Any]], archives: Sequence[Any]) -> Iterator[Question]:
    filters: list[dict[str, str]] = [
        {}, {}, {"since": "2030-01-10"}, {"until": "2030-01-10"}, {"host": HOSTS[0]}, {"host": "anna"},
        {"site": "neko.example"}, {"since": "2030-01", "until": "2030-01"}, {"kind": "post"},
        *({"archive": one.label} for one in archives),
    ]  # fmt: skip
    for sort in ("relevance", "newest", "oldest"):
        yield _pages("", sort=sort)
        for query in some(QUERIES):
            yield _pages(query, sort=sort)
    for one in some(filters):
        yield _pages("", **one)
        for query in some(QUERIES):
            yield _pages(query, **one)


def _server_questions(some: Callable[[Sequence[Any]], list[Any]], episodes: list[str]) -> Iterator[Question]:
    for uri in ("archive://overview", "archive://topics", *(f"episode://{one}" for one in some(episodes))):
        yield Question(f"read_resource({uri!r})", partial(resources.read_resource, uri=uri))
    yield Question("list_resources()", resources.list_resources)
    for name, typed in (
        *(("id", typed) for typed in ("", "2", "2030-01", "lat")),
        *((name, typed) for name in ("topic", "host", "url", "since", "until", "week") for typed in ("", "a", "エー")),
    ):
        for ref in _references(name):
            ask = partial(completion.complete, ref=ref, argument={"name": name, "value": typed})
            yield Question(f"complete({ref}, {name!r}, {typed!r})", ask)
    for tool, arguments in some(_CALLS):
        yield Question(f"call({tool!r}, {arguments})", partial(dispatch.answer, name=tool, raw=arguments))


_PATTERNS = ("エージェント", "rust|枝豆", "[a-z]+\\.example", "のだ", "検索.{0,8}作", "anna")
"""What to look for as a regular expression."""

_CALLS: tuple[tuple[str, dict[str, str]], ...] = (
    ("search_episodes", {"query": "エージェント"}),
    ("search_episodes", {"query": ""}),
    ("search_episodes", {"query": "Rust", "sort": "newest"}),
    ("get_episode", {"id": "latest"}),
    ("list_topics", {}),
    ("topic_timeline", {"topic": "枝豆"}),
    ("find_related", {"id": "latest"}),
    ("check_quote", {"quote": _QUOTES[0]}),
)


_PROMPTS = {
    **dict.fromkeys(("topic", "since", "until"), "topic_brief"),
    **dict.fromkeys(("week", "host"), "weekly_digest"),
    "url": "about_url",
}
"""A prompt that has each argument."""


def _references(name: str) -> list[dict[str, str]]:
    if name == "id":
        return [{"type": "ref/resource", "uri": f"{kind}://{{id}}"} for kind in ("episode", "story")]
    return [{"type": "ref/prompt", "name": _PROMPTS[name]}]


# --- asking


def _question(method: str, *values: object, **options: object) -> Question:
    said = ", ".join([*map(repr, values), *(f"{name}={value!r}" for name, value in options.items())])
    return Question(f"{method}({said})", lambda library: getattr(library, method)(*values, **options))


def _pages(query: str, **options: Any) -> Question:
    """A search through all its pages."""

    def ask(library: Library) -> object:
        pages, cursor = [], None
        for _ in range(_PAGES):
            page = library.search(query, limit=9, cursor=cursor, max_chars=12_000, **options)
            pages.append(page)
            cursor = page.next_cursor
            if cursor is None:
                break
        return pages

    said = "".join(f", {name}={value!r}" for name, value in options.items())
    return Question(f"search({query!r}{said})", ask)


def _episodes(library: Library) -> Sequence[Any]:
    try:
        return library.episodes()
    except ZundaError:
        return ()


def _sentences(library: Library, episodes: Sequence[tuple[str, Any]]) -> list[str]:
    found = []
    for name, _ in episodes[:4]:
        try:
            episode = library.episode(name).episode
        except ZundaError:
            continue
        found += [story.summary[:60] for story in episode.stories[:1] if story.summary.strip()]
    return found


def _some(rng: random.Random, share: float) -> Callable[[Sequence[Any]], list[Any]]:
    def some(every: Sequence[Any]) -> list[Any]:
        return rng.sample(list(every), max(1, round(share * len(every)))) if len(every) else []

    return some


def _plain(said: object) -> object:
    match said:
        case Model():
            return _plain(said.model_dump(mode="json"))
        case float():
            return float(f"{said:.{_DIGITS}g}")
        case dict():
            return {str(key): _plain(value) for key, value in said.items() if key not in NOT_COMPARED}
        case list() | tuple():
            return [_plain(one) for one in said]
        case None | str() | int():
            return said
    return _plain(vars(said))


def _smallest(name: str, ours: str, theirs: str, most: int = 400) -> Difference:
    """The place where two answers part, by its path, rather than both in full."""
    path, one, other = "", json.loads(ours), json.loads(theirs)
    while True:
        if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
            step = next(key for key in one if one[key] != other[key])
            path += f".{step}"
        elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
            step = next(at for at in range(len(one)) if one[at] != other[at])
            path += f"[{step}]"
        else:
            break
        one, other = one[step], other[step]
    said = [json.dumps(value, ensure_ascii=False) for value in (one, other)]
    start = 0
    if max(map(len, said)) > most:
        start = next((at for at, pair in enumerate(zip(*said, strict=False)) if pair[0] != pair[1]), 0)
        start = max(0, start - most // 4)
    return Difference(f"{name} at {path or 'all'}", said[0][start : start + most], said[1][start : start + most])
