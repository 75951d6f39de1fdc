"""The trial of assistants: what is logged, graded and printed, with assistants that are small scripts."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
import question_file
import shell_server
import tool_sets
from question_file import ABSENT, Question

import trial
from conftest import SAMPLE

GRAPHRAG = Question("1", "enumerate", "GraphRAGが出てきた回は？", (("2024-09-25",), ("2026-06-30", "6月30日")))
ABSENT_SUBJECT = Question("2", "none", "Kubernetesの回は？", ())
NEEDS_GREP = pytest.mark.skipif(shutil.which("grep") is None, reason="grep is not installed")


def test_an_answer_is_graded_by_the_groups_it_holds() -> None:
    assert GRAPHRAG.grade("**２０２４-09-25** and 6 月 30 日") == 1
    assert GRAPHRAG.grade("2024-09-25, 2024-12-18") == 0.5
    assert GRAPHRAG.grade(ABSENT) == 0
    assert ABSENT_SUBJECT.grade(f"{ABSENT}.") == 1
    assert ABSENT_SUBJECT.grade("2024-09-25") == 0


@pytest.mark.parametrize(
    "row",
    [
        '{"id": "1", "kind": "fact", "question": "When?", "keys": []}',
        '{"id": "1", "kind": "fact", "question": "When?", "keys": [[]]}',
        '{"id": "1", "kind": "fact", "question": "When?", "keys": [["2024-09-25", " "]]}',
        '{"id": "1", "kind": "none", "question": "When?", "keys": [["2024-09-25"]]}',
        '{"id": "1", "kind": "fact"}',
        "[",
    ],
)
def test_a_line_that_is_no_question_is_named(row: str, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(f"\n{row}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"questions\.jsonl:2 is not a question"):
        question_file.read(file)


def test_our_own_questions_have_keys_that_stand_in_the_sample() -> None:
    everything = "".join(path.name + path.read_text(encoding="utf-8") for path in SAMPLE.glob("*.md"))
    questions = question_file.read(Path(trial.__file__).with_name("questions.jsonl"))
    assert len(questions) >= 10
    assert [question.id for question in questions if question.keys and question.grade(everything) < 1] == []


def test_a_stub_gets_points_calls_and_characters_for_what_it_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"id": GRAPHRAG.id, "kind": GRAPHRAG.kind, "question": GRAPHRAG.text, "keys": GRAPHRAG.keys}
    file = tmp_path / "questions.jsonl"
    file.write_text(json.dumps(row), encoding="utf-8")
    assert trial.main(["--questions", str(file), "--archive", str(SAMPLE), "--out", str(tmp_path)]) == 0
    answers = json.loads((tmp_path / "trial.json").read_text(encoding="utf-8"))
    ours = [answer for answer in answers if answer["tools"] == tool_sets.OURS]
    assert [answer["points"] for answer in ours] == [1]
    assert [[call["tool"] for call in answer["calls"]] for answer in ours] == [["search_episodes"]]
    assert ours[0]["calls"][0]["arguments"] == {"query": GRAPHRAG.text}
    assert ours[0]["characters"] == len(ours[0]["answer"].rstrip("\n")) < ours[0]["listed"]
    shell = [answer for answer in answers if answer["tools"] == tool_sets.GREP]
    assert [answer["points"] for answer in shell] == [0]
    table = capsys.readouterr().out
    assert f"| {tool_sets.OURS} | 1.0 of 1 | 1 |" in table
    assert f"| {tool_sets.GREP} | 0.0 of 1 | 1 |" in table


def test_an_assistant_that_fails_or_is_slow_has_no_points_and_says_why() -> None:
    tools = tool_sets.grep(SAMPLE)
    failing = [sys.executable, "-c", "import sys; print('2024-09-25 2026-06-30'); sys.exit('no key')", "{prompt}"]
    answer = trial.run(failing, tools, GRAPHRAG, 60)
    assert (answer.points, answer.error) == (0, "exit code 1: no key")
    slow = trial.run([sys.executable, "-c", "import time; time.sleep(60)"], tools, GRAPHRAG, 0.5)
    assert (slow.points, slow.error) == (0, "no answer within 0.5 seconds")


def test_the_prompt_and_the_configuration_are_put_where_the_template_has_them() -> None:
    script = "import json, sys; print(sys.argv[1], json.load(open(sys.argv[2][5:], encoding='utf-8'))['mcpServers'])"
    question = Question("3", "fact", "{config}?", (("{config}?",), ("--conf",), ("call_log.py",)))
    template = [sys.executable, "-c", script, "{prompt}", "conf={config}"]
    assert trial.run(template, tool_sets.peer("a peer=serve --conf {archive}", SAMPLE), question, 60).points == 1


@pytest.mark.parametrize("text", ["serve", "=serve", "name="])
def test_a_peer_has_a_name_and_a_command(text: str) -> None:
    with pytest.raises(ValueError, match="write NAME=COMMAND"):
        tool_sets.peer(text, SAMPLE)


@NEEDS_GREP
def test_the_shell_reads_the_archive_through_pipes() -> None:
    assert shell_server.run("grep -l DuckDB *.md | sort -r | head -n 1", SAMPLE) == "2026-05-25-489.md\n"
    assert "2024-10-16-102.md" in shell_server.run("grep -l DuckDB", SAMPLE)


@NEEDS_GREP
@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("rm -r .", "rm is none of these"),
        ("grep a | tee out", "tee is none of these"),
        ("grep a > out", "pipes alone"),
        ("ls; ls", "pipes alone"),
        ("cat ../README.md", "outside the archive"),
        ("ls | sort -o out", "short options alone"),
        ("grep 'a", "close its quotes"),
        ("", "nothing is none of these"),
    ],
)
def test_the_shell_refuses_what_does_more_than_read_the_archive(command: str, why: str) -> None:
    with pytest.raises(shell_server.CommandError, match=why):
        shell_server.run(command, SAMPLE)
