"""``python -m benchmarks.quote_checks``: what ``check_quote`` says of sentences of an archive, changed or not.

Sentences are drawn from the summaries of an archive by a fixed seed and asked as they are, with changes no reader would
call a change, with changes of sense, and reworded by rules. And sentences that are not there: of every tenth episode,
which is kept out of the index, and of other archives, whatever their format.
``--nearness`` prints instead how near the nearest wording is, by which the threshold of "similar" was chosen.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from unittest.mock import patch

from zunda_mcp.config.load import load_settings
from zunda_mcp.library import Library
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive
from zunda_mcp.results import quotes
from zunda_mcp.results.quotes import Quotation
from zunda_mcp.text.markdown_text import reading

_SHARED = Path(__file__).parents[2] / "shared"
_EPISODES = [_SHARED / "archive" / "zund-arm-on"]
_OTHERS = sorted((_SHARED / "archives").glob("*"))
_SENTENCE = re.compile(r"[^。！？\n]{15,}[。！？]|[^.!?\n]{40,}[.!?]")
_VERDICTS = ("exact", "same words", "similar", "absent")
_CONTENT = re.compile(r"[一-鿿]{2,}|[ァ-ヴー]{3,}")
_NUMBER = re.compile(r"\d+")
_NEGATIONS = (
    ("できません", "できます"),
    ("ません", "ます"),
    ("ではない", "である"),
    ("ない", "る"),
    ("できます", "できません"),
    ("ます", "ません"),
    ("でした", "ではありませんでした"),
    ("です", "ではありません"),
    ("した", "しなかった"),
)
_REWORDED = (
    ("しました", "した"),
    ("できます", "することが可能です"),
    ("について", "に関して"),
    ("紹介", "解説"),
    ("また、", "さらに、"),
    ("ことで", "ことにより"),
    ("重要", "大切"),
    ("発表", "公開"),
    ("多くの", "たくさんの"),
    ("非常に", "とても"),
    ("しています", "している"),
    ("されています", "されている"),
    ("ため、", "ので、"),
    ("だけでなく", "のみならず"),
    ("必要", "不可欠"),
    ("可能性", "見込み"),
    ("です", "である"),
    ("これにより", "その結果"),
    ("さらに", "加えて"),
)
Change = Callable[[str, random.Random], str | None]


def _typed(text: str, chance: random.Random) -> str | None:
    """Other width, case, spaces, stops and quotation marks: what a reader would call the same."""
    wide = {code: code + 0xFEE0 for code in range(0x41, 0x7B) if chr(code).isalnum()}
    apart = re.sub('(?<=[A-Za-z0-9])[「」“”"、]+(?=[A-Za-z0-9])', " ", text)  # two words stay two
    changed = apart.translate(wide) if chance.random() < 0.5 else apart.upper()
    for stop, other in (("、", "，"), ("。", "．")):
        changed = changed.replace(stop, other if chance.random() < 0.5 else "")
    return re.sub("(?<=[ぁ-ん])(?=[A-Za-zＡ-Ｚａ-ｚ])", " ", re.sub('[「」“”"]', "", changed))


def _word(text: str, chance: random.Random) -> str | None:
    found = list(_CONTENT.finditer(text))
    if not found:
        return None
    one = chance.choice(found)
    other = chance.choice(["枝豆", "四国", "炊飯器", "メロンパン", "古墳", "オーケストラ"])
    return text[: one.start()] + other + text[one.end() :]


def _number(text: str, chance: random.Random) -> str | None:
    found = list(_NUMBER.finditer(text))
    if not found:
        return None
    one = chance.choice(found)
    return text[: one.start()] + str(int(one.group()[:15]) + chance.randint(1, 9)) + text[one.end() :]


def _negated(text: str, _: random.Random) -> str | None:
    for old, new in _NEGATIONS:
        at = text.rfind(old)
        if at >= len(text) - 8 - len(old) and at > 0:
            return text[:at] + new + text[at + len(old) :]
    return None


def _shortened(text: str, _: random.Random) -> str | None:
    """The middle left out, and said so."""
    cuts = [match.end() for match in re.finditer("[をはがにでと、](?=[ぁ-んァ-ヴ一-鿿])", text)]
    return f"{text[: cuts[1]]}…{text[cuts[-2] :]}" if len(cuts) > 4 else None


def _reworded(text: str, _: random.Random) -> str | None:
    """The first clause left out where another follows, and at least two rules of rewording."""
    head, comma, rest = text.partition("、")
    changed, applied = rest if comma and len(rest) > len(head) else text, 0
    for old, new in _REWORDED:
        if old in changed:
            changed, applied = changed.replace(old, new), applied + 1
    return changed if applied > 1 else None


def _pieced(text: str, chance: random.Random, others: Sequence[str]) -> str | None:
    """The beginning of one sentence with the end of another: nobody wrote it."""
    other = chance.choice(others)
    return text[: len(text) // 2] + other[len(other) // 2 :] if other != text else None


def sentences(texts: Iterable[str]) -> list[str]:
    """The different sentences of at most 160 characters."""
    found = (sentence.strip() for text in texts for sentence in _SENTENCE.findall(reading(text)))
    return [sentence for sentence in dict.fromkeys(found) if len(sentence) <= 160]


def summaries(folder: Path) -> list[str]:
    """The summaries of an archive in the form of this project."""
    return [story.summary for episode in read_archive(ArchiveReader([folder]))[0] for story in episode.stories]


def contents(folder: Path) -> Iterator[str]:
    """The texts of an archive in any form: Markdown as it is, and every text in JSON."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".md":
            yield path.read_text(encoding="utf-8")
        elif path.suffix == ".json":
            waiting = [json.loads(path.read_text(encoding="utf-8"))]
            while waiting:
                value = waiting.pop()
                if isinstance(value, str):
                    yield value
                elif isinstance(value, dict | list):
                    waiting += value.values() if isinstance(value, dict) else value


def divided(folders: Sequence[Path], into: Path) -> tuple[Path, Path]:
    """Copies of the files of an archive: all but every tenth, and these."""
    kept, held_out = into / "kept", into / "held-out"
    kept.mkdir()
    held_out.mkdir()
    for at, path in enumerate(sorted(path for folder in folders for path in folder.rglob("*.md"))):
        shutil.copy(path, kept if at % 10 else held_out)
    return kept, held_out


def main() -> None:
    """Ask, count, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quote_checks", description=__doc__)
    parser.add_argument("--episodes", type=Path, action="append", help="a folder of the archive")
    parser.add_argument("--others", type=Path, action="append", help="folders of other archives")
    parser.add_argument("--count", type=int, default=300, help="sentences of each kind")
    parser.add_argument("--nearness", action="store_true", help="print similarities instead of verdicts")
    chosen = parser.parse_args()
    folders, others = chosen.episodes or _EPISODES, chosen.others or _OTHERS
    if not all(folder.is_dir() for folder in folders):
        parser.error(f"there is no {folders[0]}; name an archive with --episodes DIR")
    with TemporaryDirectory() as scratch:
        kept, held_out = divided(folders, Path(scratch))
        asked = _asked(kept, held_out, [text for folder in others for text in contents(folder)], chosen.count)
        settings = load_settings(episodes=[kept], index=Path(scratch, "index"), environ={}, embedder="none")
        with Library.open(settings) as library:
            library.refresh()
            if not chosen.nearness:
                _verdicts(library, asked)
                return
            with patch.object(quotes, "least_similarity", return_value=0.0):  # whatever is nearest
                _nearness(library, asked)


def _asked(kept: Path, held_out: Path, foreign: Sequence[str], count: int) -> dict[str, list[str]]:
    chance = random.Random(5)
    own = sentences(summaries(kept))
    drawn = chance.sample(own, min(len(own), 4 * count))
    changes: dict[str, Change] = {
        "as written": lambda text, _: text,
        "typed differently": _typed,
        "with an ellipsis": _shortened,
        "one number changed": _number,
        "one word changed": _word,
        "negation flipped": _negated,
        "reworded by rules": _reworded,
        "two halves pieced": lambda text, dice: _pieced(text, dice, own),
    }
    asked = {name: [new for text in drawn if (new := change(text, chance))][:count] for name, change in changes.items()}
    for name, texts in (("episodes not indexed", summaries(held_out)), ("other archives", foreign)):
        others = sentences(texts)
        asked[name] = chance.sample(others, min(len(others), count))
    return asked


def _verdicts(library: Library, asked: dict[str, list[str]]) -> None:
    print("| asked | " + " | ".join(_VERDICTS) + " | p50 ms | p95 ms | most |\n| --- |" + " ---: |" * 7)
    for name, texts in asked.items():
        counts: Counter[str] = Counter()
        times = []
        for text in texts:
            begun = time.perf_counter()
            counts[library.check_quote(text).verdict] += 1
            times.append(1000 * (time.perf_counter() - begun))
        cuts = quantiles(times, n=20) if len(times) > 1 else times * 20
        row = [*(counts[verdict] for verdict in _VERDICTS), f"{cuts[9]:.0f}", f"{cuts[18]:.0f}", f"{max(times):.0f}"]
        print(f"| {name} | " + " | ".join(map(str, row)) + " |")


def _nearness(library: Library, asked: dict[str, list[str]]) -> None:
    print("| asked | letters | count | 5% | 25% | 50% | 75% | 95% | 99% |\n| --- |" + " ---: |" * 8)
    for name, texts in asked.items():
        sizes: dict[str, list[float]] = {}
        for text in texts:
            size = Quotation(text).size
            places = library.check_quote(text).places
            row = next(f"below {most}" for most in (16, 24, 40, 80, 9999) if size < most)
            sizes.setdefault(row, []).append(places[0].similarity if places else 0.0)
        for row, near in sorted(sizes.items(), key=lambda item: int(item[0].split()[1])):
            cuts = quantiles(near, n=100) if len(near) > 1 else near * 99
            shown = " | ".join(f"{cuts[at - 1]:.2f}" for at in (5, 25, 50, 75, 95, 99))
            print(f"| {name} | {row} | {len(near)} | {shown} |")


if __name__ == "__main__":
    main()
