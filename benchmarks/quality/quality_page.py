"""docs/quality.md from the figures of a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.quality import chart
from benchmarks.quality.judged import ALL, NONE, Score
from benchmarks.quality.nothing import Point
from benchmarks.quality.ours import PLAIN, SEMANTIC
from benchmarks.quality.peers import TITLES
from benchmarks.quality.sentences import SENTENCES, Wrapped
from benchmarks.quality.typed_titles import Found
from zunda_mcp.query.tuning import SURELY_NEAR


@dataclass
class Result:
    """A run: ``scores`` by engine and kind, names in ``sentences`` and typed ``titles`` by engine, the curve of
    ``nothing`` and the ``costs`` of ours, ``how`` each peer was used, what was ``missing``.

    ``by_query`` is for whoever works on the ranking: nDCG@10 and recall@20 by engine and query. No page shows it.
    """

    date: str
    versions: dict[str, str]
    episodes: int
    stories: int
    kinds: list[str]
    scores: dict[str, dict[str, Score]] = field(default_factory=dict)
    sentences: dict[str, Wrapped] = field(default_factory=dict)
    nothing: list[Point] = field(default_factory=list)
    titles: dict[str, dict[str, Found]] = field(default_factory=dict)
    costs: dict[str, dict[str, float]] = field(default_factory=dict)
    by_query: dict[str, dict[str, tuple[float, float]]] = field(default_factory=dict)
    how: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def write(result: Result, folder: Path) -> None:
    """The page and its chart."""
    folder.mkdir(parents=True, exist_ok=True)
    chart.draw(result.scores, result.kinds, folder / "pictures" / "quality.svg")
    parts = [_head(result), _table(result), _sentences(result), _nothing(result), _titles(result)]
    parts += [_costs(result), _engines(result), _REPEAT]
    (folder / "quality.md").write_text("\n".join(filter(None, parts)), encoding="utf-8")


def _head(result: Result) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in result.versions.items())
    counts = next(iter(result.scores.values()))
    queries = counts[ALL].queries + (counts[NONE].queries if NONE in counts else 0)
    return f"""# How good the answers are, measured

Written by `make quality` on {result.date}; do not edit. All engines were asked the same {queries} judged queries over
the same {result.episodes:,} episodes with {result.stories:,} stories, in the same run.

- **A judged query** comes with the stories that answer it, found by reading, each with a grade. A hit counts where its
  episode and its link are those of such a story.
- **nDCG@10** says how well the first ten are ordered (1: nothing could be better; gain 2^grade - 1), **recall@20** how
  much of all that is relevant stands among the first twenty. Both are means over queries; *all* is over all queries
  but those of the kind *none*, about which the archive has nothing: there the right answer is no hit at all.
- **Filters** (days, host, site): ours applies its own. The peers rank the whole archive, and what a filter keeps out
  is taken out afterwards, so that none loses by them.
- **Titles**: every peer that counts words gets the title {TITLES} times and the summary once, as one text, which ranked
  better in each of them than a field for titles. Ours has weights of its own.
- **Peers at their best**: where there was a choice of tokenizer or of cutting the query, the choices were tried on
  these very queries, and the best was kept.
- **Ours**: its few constants were set where a change makes little difference, on these queries together with three
  sets judged apart from them, on this archive and on a Japanese and an English one of another kind.

Versions: {versions}.
"""


def _table(result: Result) -> str:
    kinds = [*result.kinds]
    first = next(iter(result.scores.values()))
    lines = ["## By kind of query\n"]
    heads = [f"{kind} ({first[kind].queries})" for kind in kinds]
    if silent := NONE in first:
        heads += [f"{NONE} ({first[NONE].queries})", f"falsely nothing ({first[ALL].queries})"]
    lines.append("| nDCG@10 / recall@20 | " + " | ".join(heads) + " |")
    lines.append("| --- |" + " ---: |" * len(heads))
    best = {kind: max(round(scores[kind].ndcg, 2) for scores in result.scores.values()) for kind in kinds}
    for name, scores in result.scores.items():
        cells = []
        for kind in kinds:
            score = scores[kind]
            ndcg = f"{score.ndcg:.2f}"
            cells.append(f"{f'**{ndcg}**' if round(score.ndcg, 2) == best[kind] else ndcg} / {score.recall:.2f}")
        if silent:
            cells += [f"{scores[NONE].silent:.0%}", f"{scores[ALL].silent:.0%}"]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines.append("\nBold: the best nDCG@10 of a kind.\n")
    if silent:
        lines[-1] += f"*{NONE}*: answered with no hit, which is right; *falsely nothing*: the same of all others.\n"
    lines.append("![nDCG@10 and recall@20 by kind](pictures/quality.svg)\n")
    return "\n".join(lines)


def _sentences(result: Result) -> str:
    if not result.sentences:
        return ""
    first = next(iter(result.sentences.values()))
    heads = ["bare", "in sentences", "most lost", *SENTENCES]
    if first.silent is not None:
        heads.append("none: no hit")
    lines = ["## Names inside sentences\n", "| nDCG@10 | " + " | ".join(heads) + " |"]
    lines.append("| --- |" + " ---: |" * len(heads))
    for name, wrapped in result.sentences.items():
        means = [wrapped.bare, wrapped.mean, wrapped.most_lost, *wrapped.by_language.values()]
        cells = [f"{mean:.2f}" for mean in means]
        cells += [] if wrapped.silent is None else [f"{wrapped.silent:.0%}"]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    count = sum(map(len, SENTENCES.values()))
    lines.append(
        f"\nThe {first.queries} judged names, variants and compounds, bare and inside {count} sentences of "
        f"{len(SENTENCES)} languages ([sentences.py](../benchmarks/quality/sentences.py)): how one asks may not change "
        "what is found. *In sentences* is the mean over sentences, *most lost* what the worst sentence loses against "
        "the bare query. *None*: the queries of that kind, inside the same sentences.\n"
    )
    return "\n".join(lines)


#: Measured once, by questions and archives that are no part of this project.
_MORE_ARCHIVES = """\
Beyond the first show, 498 questions were written for this, over twelve archives of show notes, blogs and transcripts
in nine languages: 253 that the archive answers (many in words it does not use) and 245 about what it lacks, by a
search of its files. A quarter of them, over six archives, set the numbers; the others measure them:

| over twelve archives | nothing, where there is nothing | falsely nothing |
| --- | ---: | ---: |
| the questions that set the numbers (64 and 69), before | 66% | 13.0% |
| the same, now | 66% | 7.2% |
| kept aside (181 and 184), before | 80% | 7.6% |
| the same, now | 81% | 6.0% |
| kept aside, factor 1.2 | 69% | 4.9% |
| kept aside, factor 1.3 | 76% | 5.4% |
| kept aside, factor 1.5 | 82% | 7.6% |

*Before*, nearness was measured by the spread of a question's own cosines (factor 1.6), and the notes of episodes did
not count as text that holds a word. Now it is measured by that spread and the spread of the archive's stories
together, and a bare absent name needs 1.6 at least. What is still falsely nothing are paraphrases: common words that
the archive lacks, in languages of which the bundled model knows less (German, French, Portuguese). What is still
answered are mostly sentences in which less than 0.385 of the information is absent, and words that are all spoken,
but in different episodes.
"""


def _nothing(result: Result) -> str:
    if not result.nothing:
        return ""
    first = next(iter(result.scores.values()))
    lines = ["## When to say nothing\n"]
    lines.append(
        f"| nearness factor | {NONE} ({first[NONE].queries}): no hit | falsely nothing ({first[ALL].queries}) |"
    )
    lines.append("| ---: | ---: | ---: |")
    for point in result.nothing:
        factor = f"**{point.factor:g}**" if point.factor == SURELY_NEAR else f"{point.factor:g}"
        lines.append(f"| {factor} | {point.lacking:.0%} | {point.answerable:.1%} |")
    lines.append(
        f"\n{SEMANTIC} alone; bold: the value in force. The factor says how near in meaning the nearest story must be, "
        "against the nearest of as many by chance, to be an answer although the subject is absent.\n"
    )
    lines.append(_MORE_ARCHIVES)
    return "\n".join(lines)


def _titles(result: Result) -> str:
    first = next(iter(result.titles.values()))
    heads = [f"{of} ({found.titles}): {place}" for of, found in first.items() for place in ("first", "among 20")]
    lines = ["## Titles typed word for word\n", "| titles of | " + " | ".join(heads) + " |"]
    lines.append("| --- |" + " ---: |" * len(heads))
    for name, by_kind in result.titles.items():
        cells = [f"{share:.0%}" for found in by_kind.values() for share in (found.first, found.among)]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines.append(
        "\nHow often the hit with that title, or a story of the episode with it, comes first, and stands among the "
        "first twenty. For this table the peers get the title of its episode before that of each story.\n"
    )
    return "\n".join(lines)


def _costs(result: Result) -> str:
    plain, semantic = result.costs.get(PLAIN), result.costs.get(SEMANTIC)
    if plain is None:
        return ""
    names = [name for name in (PLAIN, SEMANTIC) if name in result.costs]
    lines = ["## What meaning costs\n", "| | " + " | ".join([*names, "ratio"]) + " |"]
    lines.append("| --- |" + " ---: |" * (len(names) + 1))
    for key, label, unit in (
        ("first50", "a question asked for the first time, p50, ms", 1e3),
        ("first95", "the same, p95, ms", 1e3),
        ("again50", "asked again, p50, ms", 1e3),
        ("again95", "the same, p95, ms", 1e3),
        ("build", "build from files, s", 1),
        ("size", "index on disk, MB", 1e-6),
    ):
        cells = [f"{result.costs[name][key] * unit:.1f}" for name in names]
        cells.append(f"{semantic[key] / plain[key]:.2f}" if semantic else "–")
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    lines.append(
        "\nFrom the call of `Library.search` to the answer as a user asks for it, with the default size of an answer, "
        "the look for changed files included; both in one process, in turns, on one thread. *Again* is the "
        "fastest of four later rounds. Machines are noisy: trust the ratio before the milliseconds.\n"
    )
    return "\n".join(lines)


def _engines(result: Result) -> str:
    lines = ["## How each was used\n"]
    lines.append(f"- **{PLAIN}**: `Library.search`, as the tool and the command line call it, with `--embedder none`.")
    if SEMANTIC in result.scores:
        lines.append(f"- **{SEMANTIC}**: the same with the bundled model.")
    lines += [f"- **{name}**: {how}." for name, how in result.how.items()]
    lines += [f"- **{name}** is left out: `{package}` is not installed." for name, package in result.missing.items()]
    return "\n".join(lines) + "\n"


_REPEAT = """## To repeat it

```sh
make quality
```

The judged queries and the archive they judge are no part of this project. The command looks for them in a folder
`shared` beside it; to use your own:

```sh
python -m benchmarks.quality --queries FILE --episodes DIR --out build/quality --docs build/quality
```

FILE is JSON lines with `id`, `kind`, `query`, `filters` (`site`, `since`, `until`, `host`) and `relevant` (`episode`,
`url`, `grade`): see [judged.py](../benchmarks/quality/judged.py). The sample archive has such a file, in our own words:

```sh
make quality QUERIES=benchmarks/quality/sample.jsonl EPISODES=episodes DOCS=build/quality
```
"""
