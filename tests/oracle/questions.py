"""Queries drawn from a text by chance with a seed, so that most of them find something and some find nothing."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from zunda_mcp.text.normalize import CJK, HAN, KATAKANA, LETTER

_NAME = re.compile(rf"{LETTER}+(?:[-.]{LETTER}+)*")
_WORDS_IN_A_ROW = re.compile(r"[a-z0-9]+(?: [a-z0-9]+){1,3}")
_RUN = re.compile(rf"[{CJK}]{{2,}}")
_ONE_SCRIPT = re.compile(rf"[{HAN}]{{2,}}|[{KATAKANA}]{{2,}}")
_MIXED = re.compile(rf"(?<!{LETTER}){LETTER}+[{CJK}]{{1,3}}|[{CJK}]{{1,3}}{LETTER}+(?!{LETTER})")
_LINE = re.compile(r'[^\n"“”「」『』]{6,}')


class Questions:
    """Draws queries from normalised ``texts``; the same seed draws the same ones."""

    def __init__(self, texts: Sequence[str], seed: int, hosts: Sequence[str] = ()) -> None:
        self._texts = [text for text in texts if text.strip()]
        self._chance = random.Random(seed)
        self._domains = list(hosts)
        self.kinds: dict[str, Callable[[], str]] = {
            "a Latin name": self.name,
            "a Japanese word": self.japanese,
            "a mixed word": self.mixed,
            "a single character": self.character,
            "a phrase": self.phrase,
            "all of two": lambda: self._together(2),
            "all of three": lambda: self._together(3),
            "an exclusion": lambda: f"{self.word()} -{self.word()}",
            "excluding a phrase": lambda: f"{self.word()} -{self.phrase()}",
            "words of different texts": lambda: f"{self.word()} {self.word()}",
            "a row of Latin words": lambda: self._one(_WORDS_IN_A_ROW, self.name),
            "two words written together": lambda: self.japanese() + self.japanese(),
            "a sentence": lambda: f"{self.japanese()}の{self.word()}を教えて",
            "a question": lambda: f"which episodes covered {self.name()}?",
            "nobody's word": lambda: "".join(self._chance.sample(word := self.japanese(), len(word))),
            "a misspelt name": lambda: self._misspelt(self.name()),
            "a domain": self._domain,
        }

    def draw(self, count: int) -> list[tuple[str, str]]:
        """``count`` pairs of kind and query, all kinds equally often."""
        kinds = list(self.kinds.items())
        return [(kind, make()) for kind, make in (kinds[i % len(kinds)] for i in range(count))]

    def name(self) -> str:
        """A Latin name, sometimes in the other number or written without its hyphen."""
        found = self._one(_NAME, lambda: "llm")
        twist = self._chance.random()
        if twist < 0.1:
            return found + "s"
        return found.replace("-", "") if twist < 0.25 else found

    def japanese(self) -> str:
        """Two to six characters of Japanese: mostly of one script, else whatever stands together."""
        pattern = _ONE_SCRIPT if self._chance.random() < 0.7 else _RUN
        run = self._one(pattern, lambda: "検索")
        size = min(len(run), self._chance.randint(2, 6))
        start = self._chance.randint(0, len(run) - size)
        return run[start : start + size]

    def mixed(self) -> str:
        """Latin and Japanese written together."""
        return self._one(_MIXED, self.japanese)

    def character(self) -> str:
        """One character of Japanese."""
        return self._chance.choice(self._one(_RUN, lambda: "検索"))

    def word(self) -> str:
        """Any of these."""
        kinds = (self.name, self.japanese, self.japanese, self.mixed)
        return self._chance.choice(kinds)()

    def phrase(self) -> str:
        """Four to fourteen characters of a line in quotation marks, Latin words whole at both ends."""
        line = self._one(_LINE, lambda: "検索の仕組みを作る")
        size = self._chance.randint(4, 14)
        start = self._chance.randint(0, max(0, len(line) - size))
        end = min(len(line), start + size)
        while start > 0 and _runs_on(line, start):
            start -= 1
        while end < len(line) and _runs_on(line, end):
            end += 1
        return f'"{line[start:end].strip()}"'

    def _together(self, count: int) -> str:
        """Words of one text, so that something holds them all."""
        text = self._chance.choice(self._texts)
        names, runs = _NAME.findall(text), _ONE_SCRIPT.findall(text)
        words = self._chance.sample(names + runs, min(count, len(names + runs)))
        return " ".join(word[: self._chance.randint(2, 6)] if word in runs else word for word in words) or "検索"

    def _misspelt(self, name: str) -> str:
        at = self._chance.randrange(len(name))
        return name[:at] + self._chance.choice("aeiouxz0") + name[at + 1 :]

    def _domain(self) -> str:
        site = self._chance.choice(self._domains) if self._domains else "example.com"
        return self._chance.choice([site, f"site:{site}", f"{site} {self.word()}", f"site:{site} {self.word()}"])

    def _one(self, pattern: re.Pattern[str], otherwise: Callable[[], str]) -> str:
        for _ in range(4):
            found = pattern.findall(self._chance.choice(self._texts))
            if found:
                chosen: str = self._chance.choice(found)
                return chosen
        return otherwise()


def _runs_on(line: str, at: int) -> bool:
    """Whether a cut at ``at`` would part a Latin word."""
    return bool(re.match(LETTER, line[at - 1]) and re.match(rf"{LETTER}|[-+#.]", line[at]))
