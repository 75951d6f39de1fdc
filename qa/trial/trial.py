"""``make trial``: an assistant of yours answers questions over an archive, with our server, with grep, with a peer's.

    python qa/trial/trial.py --assistant 'claude -p {prompt} --mcp-config {config} --strict-mcp-config'

The command of the assistant is a template: ``{prompt}`` is what it has to do, ``{config}`` the path of a file with one
MCP server, ``archive``, in the form most clients read (``mcpServers``). Its standard output is its answer. It runs once
for each question and tool set, in an empty folder, and is ended after ``--seconds``. ``--peer NAME=COMMAND`` adds the
server of a peer, with ``{archive}`` for the folder of the episodes.

Prints a table of points, calls and characters read, and writes every answer with its calls to ``trial.json``.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import call_log
import question_file
import tool_sets
from question_file import Question
from tool_sets import ToolSet

from zunda_mcp.config.load import load_settings
from zunda_mcp.library import Library

_ROOT = Path(__file__).resolve().parents[2]
_STUB = [sys.executable, str(Path(__file__).with_name("stub_assistant.py")), "{prompt}", "{config}"]


@dataclass(frozen=True)
class Answer:
    """What an assistant did with one question. ``error`` says why there is no answer. ``characters`` were to read in
    answers to its calls, ``listed`` in lists of tools.
    """

    tools: str
    question: str
    kind: str
    points: float
    answer: str
    error: str
    calls: list[call_log.Call]
    characters: int
    listed: int


def run(assistant: Sequence[str], tools: ToolSet, question: Question, seconds: float) -> Answer:
    """Ask once."""
    with tempfile.TemporaryDirectory(prefix="trial-", ignore_cleanup_errors=True) as folder:
        config, log, work = Path(folder, "mcp.json"), Path(folder, "calls.jsonl"), Path(folder, "work")
        work.mkdir()
        tools.configure(config, log)
        places = {"{prompt}": question.prompt, "{config}": str(config)}
        command = [_filled(word, places) for word in assistant]
        text, error = "", ""
        try:
            done = subprocess.run(
                command, cwd=work, capture_output=True, encoding="utf-8", errors="replace", timeout=seconds, check=False
            )
        except subprocess.TimeoutExpired:
            error = f"no answer within {seconds:g} seconds"
        else:
            text = done.stdout
            if done.returncode:
                error = f"exit code {done.returncode}: {done.stderr.strip()[-500:]}"
        entries = call_log.read(log)
    calls = [entry for entry in entries if entry.method == "tools/call"]
    return Answer(
        tools=tools.name,
        question=question.id,
        kind=question.kind,
        points=0.0 if error else question.grade(text),
        answer=text,
        error=error,
        calls=calls,
        characters=sum(call.characters for call in calls),
        listed=sum(entry.characters for entry in entries if entry.method != "tools/call"),
    )


def _filled(word: str, places: dict[str, str]) -> str:
    """``word`` with what belongs in its places; what is put there is not looked at again."""
    for place, value in places.items():
        before, found, after = word.partition(place)
        if found:
            return before + value + _filled(after, places)
    return word


def table(answers: Iterable[Answer]) -> str:
    """A row a tool set, in Markdown."""
    rows: dict[str, list[Answer]] = {}
    for answer in answers:
        rows.setdefault(answer.tools, []).append(answer)
    lines = ["| tools | points | calls | characters read | a list of tools | without an answer |"]
    lines.append("| --- |" + " ---: |" * 5)
    for name, given in rows.items():
        cells = [
            f"{sum(answer.points for answer in given):.1f} of {len(given)}",
            f"{sum(len(answer.calls) for answer in given)}",
            f"{sum(answer.characters for answer in given):,}",
            f"{max(answer.listed for answer in given):,}",
            f"{sum(bool(answer.error) for answer in given)}",
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trial; the exit code is 1 where a question got no answer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assistant", help="a command with {prompt} and {config}; without it a stub that calls once")
    parser.add_argument("--questions", type=Path, default=Path(__file__).with_name("questions.jsonl"))
    parser.add_argument("--archive", type=Path, default=_ROOT / "episodes", help="the folder that is asked about")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND", help="a peer's server")
    parser.add_argument("--seconds", type=float, default=600, help="how long a question may take")
    parser.add_argument("--out", type=Path, default=_ROOT / "build" / "trial")
    chosen = parser.parse_args(arguments)
    assistant = shlex.split(chosen.assistant) if chosen.assistant else _STUB
    archive, out = chosen.archive.resolve(), chosen.out.resolve()
    if not archive.is_dir():
        parser.error(f"There is no folder {archive}; pass --archive DIR.")
    for place in ("{prompt}", "{config}"):
        if not any(place in word for word in assistant):
            parser.error(f"The assistant's command has no {place}; put it where it belongs.")
    try:
        questions = question_file.read(chosen.questions)
        peers = [tool_sets.peer(text, archive) for text in chosen.peer]
    except (OSError, ValueError) as error:
        parser.error(str(error))
    out.mkdir(parents=True, exist_ok=True)
    index = out / "index"
    with Library(load_settings(episodes=[archive], index=index)) as library:
        library.refresh()  # as after the first day of use
    answers = []
    for tools in (tool_sets.ours(archive, index), tool_sets.grep(archive), *peers):
        for question in questions:
            answer = run(assistant, tools, question, chosen.seconds)
            answers.append(answer)
            note = answer.error or f"{answer.points:.2f}, {len(answer.calls)} calls, {answer.characters} characters"
            sys.stderr.write(f"{tools.name} {question.id}: {note}\n")
    rows = [asdict(answer) for answer in answers]
    (out / "trial.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    sys.stdout.write(table(answers) + "\n")
    return int(any(answer.error for answer in answers))


if __name__ == "__main__":
    sys.exit(main())
