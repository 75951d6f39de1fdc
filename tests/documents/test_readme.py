"""The documents tell the truth: examples are real output, every name in them exists, nothing is left undocumented.

A fenced block is checked when a comment stands before it:

``<!-- run: zunda-mcp search RAG --limit 1 -->``
    a command of the command line, then what it prints;
``<!-- call: get_episode(id="latest") -->``
    a call of an MCP tool, then the text it answers;
``<!-- file: 2025-07-08-1.md -->``
    a file of an archive.

Between ``<!-- options -->`` and ``<!-- end -->`` stand all options of the command line.

Both kinds of output are made over the sample archive with a new index. What differs between machines is replaced:
the folder of this project by ``/path/to/zunda-mcp``, the folder of the index by ``/path/to/zunda-mcp/index``, seconds
by ``N.N s``. To write the output and the options of today into the pages::

    python tests/documents/test_readme.py
"""

from __future__ import annotations

import ast
import datetime as dt
import io
import json
import os
import re
import shlex
import shutil
import tempfile
import tomllib
from contextlib import redirect_stdout
from pathlib import Path, PurePosixPath, PureWindowsPath
from unittest.mock import patch

import pytest

from zunda_mcp.cli import main
from zunda_mcp.cli.arguments import read_arguments
from zunda_mcp.cli.verb_table import VERBS, Verb
from zunda_mcp.config.load import load_settings
from zunda_mcp.config.settings import ELSEWHERE, FILE_NAME, PREFIX, VARIABLES, Settings
from zunda_mcp.errors import ZundaError
from zunda_mcp.library import Library
from zunda_mcp.server import dispatch
from zunda_mcp.server.tools import TOOLS, Tool
from zunda_mcp.text.dates import parse_span

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "episodes"
ENGLISH, JAPANESE = ROOT / "README.md", ROOT / "README.ja.md"
READMES = (ENGLISH, JAPANESE)
DOCS = ROOT / "docs"


def pair_of(name: str) -> tuple[Path, Path]:
    """A page in both languages."""
    return DOCS / f"{name}.md", DOCS / "ja" / f"{name}.md"


TOOL_PAGES, QUERY_PAGES, COMMAND_PAGES, SETTING_PAGES = map(pair_of, ("tools", "queries", "command-line", "settings"))
ARCHIVE_PAGES, INSTALLING, HTTP_PAGES, OWNER_PAGES = map(pair_of, ("archives", "install", "http", "owners"))
TRANSLATED = (READMES, TOOL_PAGES, COMMAND_PAGES, SETTING_PAGES, INSTALLING, HTTP_PAGES, OWNER_PAGES)
"""Pages that say the same in both languages, name by name."""
EXAMPLE_PAGES = (*READMES, *TOOL_PAGES, *QUERY_PAGES, *COMMAND_PAGES)
DOCUMENTS = (
    *(ROOT / name for name in ("README.md", "README.ja.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")),
    *sorted(DOCS.glob("*.md")),
    *sorted((DOCS / "ja").glob("*.md")),
)
MOST_LINES = 150


_BLOCK = re.compile(r"^<!-- (run|call|file): ([^\n]+) -->\n```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")
_NAMES = re.compile(rf"--[a-z]+(?:-[a-z]+)*|{PREFIX}[A-Z_]+|zunda-mcp (?:{'|'.join(VERBS)})|`[a-z]+(?:_[a-z]+)*`")
_OPTIONS = re.compile(r"(<!-- options -->\n).*?(\n<!-- end -->)", re.DOTALL)
_SECONDS = re.compile(r"\b\d+\.\d s\b")


def text_of(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def page_name(document: Path) -> str:
    """``docs/ja/tools.md``"""
    return document.relative_to(ROOT).as_posix()


def blocks(document: Path, *kinds: str) -> list[tuple[str, str, str]]:
    """The checked blocks of a document: kind, what the comment says, body."""
    return [(kind, what, body) for kind, what, _, body in _BLOCK.findall(text_of(document)) if kind in kinds]


def section(document: Path, heading: str) -> str:
    """The text under a heading, up to the next that is not below it."""
    level = len(heading.partition(" ")[0])
    _, _, rest = text_of(document).partition(f"\n{heading}\n")
    assert rest, f"{document.name} has no heading {heading}"
    return re.split(rf"^#{{2,{level}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


# --- examples --------------------------------------------------------------------------------------------------------


def output_of(kind: str, what: str, index: Path) -> str:
    """What a command prints or a call answers over the sample archive, with what differs between machines replaced."""
    said = f"$ {what}\n{printed(what, index)}" if kind == "run" else f"> {what}\n{answered(what, index)}"
    for folder, name in ((index, "index"), (index.parent / "new", "index"), (ROOT, "")):
        said = said.replace(str(folder), str(PurePosixPath("/path/to/zunda-mcp", name)))
    return _SECONDS.sub("N.N s", said).rstrip() + "\n"


def printed(command: str, index: Path) -> str:
    """What a command prints. ``zunda-mcp index`` begins with an empty folder, the others with an index."""
    program, *arguments = shlex.split(command)
    assert program == "zunda-mcp", command
    place = index.parent / "new" if arguments[0] == "index" else index
    shutil.rmtree(index.parent / "new", ignore_errors=True)
    environment = {"ZUNDA_MCP_EPISODES": str(SAMPLE), "ZUNDA_MCP_INDEX": str(place), "ZUNDA_MCP_EMBEDDER": "none"}
    out = io.StringIO()
    with patch.dict(os.environ, environment), redirect_stdout(out):
        code = main(arguments)
    assert code in (0, 1), f"{command} ends with {code}"
    return out.getvalue()


def answered(call: str, index: Path) -> str:
    """The text that a tool answers, or the sentence with which it refuses."""
    parsed = ast.parse(call, mode="eval").body
    assert isinstance(parsed, ast.Call)
    assert isinstance(parsed.func, ast.Name)
    arguments = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in parsed.keywords}
    with library(index) as archive:
        try:
            return dispatch.answer(archive, parsed.func.id, arguments).text
        except ZundaError as error:
            return dispatch.refusal(error)


def library(index: Path) -> Library:
    return Library.open(load_settings(episodes=[SAMPLE], index=index, environ={}, embedder="none"))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an index of the sample archive, built once."""
    folder = tmp_path_factory.mktemp("readme").resolve() / "index"
    with library(folder) as archive:
        archive.refresh()
    return folder


EXAMPLES = [(page_name(document), *block) for document in EXAMPLE_PAGES for block in blocks(document, "run", "call")]


@pytest.mark.parametrize(("name", "kind", "what", "body"), EXAMPLES, ids=[f"{one[0]}: {one[2]}" for one in EXAMPLES])
def test_an_example_is_real_output(name: str, kind: str, what: str, body: str, index: Path) -> None:
    assert body == output_of(kind, what, index), f"{name} is out of date: run python tests/documents/test_readme.py"


@pytest.mark.parametrize("document", READMES, ids=page_name)
def test_a_readme_is_short_shows_its_pictures_and_a_real_command(document: Path) -> None:
    assert text_of(document).count("\n") <= MOST_LINES
    pictures = re.findall(r"!\[[^\]]{20,}\]\((docs/pictures/\w+\.png)\)", text_of(document))
    assert len(pictures) == 2
    assert blocks(document, "run")
    assert "$ make demo" in text_of(document)
    assert "$ make test" in text_of(document)


@pytest.mark.parametrize("document", TOOL_PAGES, ids=page_name)
def test_every_tool_has_an_example(document: Path) -> None:
    called = {what.partition("(")[0] for _, what, _ in blocks(document, "call")}
    assert called == {tool.name for tool in TOOLS}


@pytest.mark.parametrize("document", ARCHIVE_PAGES, ids=page_name)
def test_the_example_of_an_episode_file_is_one_episode_without_problems(document: Path, tmp_path: Path) -> None:
    archive = tmp_path / "show"
    archive.mkdir()
    settings = SETTING_PAGES[ARCHIVE_PAGES.index(document)]
    for _, name, body in [*blocks(document, "file"), *blocks(settings, "file")]:
        (archive / name).write_text(body, encoding="utf-8")
    with Library.open(load_settings(episodes=[archive], index=tmp_path / "index", environ={}, embedder="none")) as show:
        report = show.refresh()
        assert (report.episodes, report.stories, report.problems) == (1, 1, 0)
        episode = show.episode("latest").episode
    assert (episode.number, episode.hosts, episode.page_url) == (1, ("ずんだもん",), "https://example.org/episode/1")
    assert episode.stories[0].summary


_SETTINGS = [name for name, field in Settings.model_fields.items() if not field.exclude]
"""The others say where settings come from."""


@pytest.mark.parametrize("document", SETTING_PAGES, ids=page_name)
def test_the_settings_file_shown_sets_only_what_can_be_set(document: Path) -> None:
    shown = {name: body for _, name, body in blocks(document, "file")}
    assert set(tomllib.loads(shown[FILE_NAME])) <= {*_SETTINGS} - {"index"}


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
@pytest.mark.parametrize("document", TOOL_PAGES, ids=page_name)
def test_a_tool_is_documented_with_all_its_arguments(document: Path, tool: Tool) -> None:
    told = section(document, f"### `{tool.name}`")
    for param in tool.params:
        assert f"`{param.name}`" in told, f"{document.name}: {tool.name} does not tell about {param.name}"
        for choice in param.choices:
            assert f"`{choice}`" in told, f"{document.name}: {param.name} does not tell about {choice}"


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_of_the_command_line_is_documented_with_all_its_options(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([verb, "--help"]) == 0
    options = set(re.findall(r"(?<!\S)--[a-z]+(?:-[a-z]+)*", capsys.readouterr().out))
    for document in COMMAND_PAGES:
        told = text_of(document)
        assert f"zunda-mcp {verb}" in told, f"{document.name} does not tell about zunda-mcp {verb}"
        missing = {option for option in options if option not in told}
        assert not missing, f"{document.name}: zunda-mcp {verb} takes {missing}"


@pytest.mark.parametrize("name", [*_SETTINGS, "state"])
def test_a_setting_is_documented_with_its_variable(name: str) -> None:
    for document in SETTING_PAGES:
        told = text_of(document)
        assert f"| `{name}` |" in told, f"{document.name} has no row for the setting {name}"
        assert f"`{PREFIX}{name.upper()}`" in told


@pytest.mark.parametrize("code", [0, 1, 2, 3, 70, 130, 141])
def test_an_exit_code_is_documented(code: int) -> None:
    for document in COMMAND_PAGES:
        assert f"| {code} |" in text_of(document), document.name


def test_no_variable_is_documented_that_is_not_read() -> None:
    known = {*VARIABLES, *ELSEWHERE}
    for document in DOCUMENTS:
        assert set(re.findall(rf"{PREFIX}[A-Z]\w*", text_of(document))) <= known, document.name


@pytest.mark.parametrize("pair", TRANSLATED, ids=lambda pair: str(pair[0].name))
def test_both_languages_name_the_same_tools_commands_and_settings(pair: tuple[Path, Path]) -> None:
    english, japanese = (set(_NAMES.findall(_OPTIONS.sub("", text_of(document)))) for document in pair)
    assert english == japanese


@pytest.mark.parametrize("pair", [INSTALLING, HTTP_PAGES], ids=lambda pair: str(pair[0].name))
def test_both_languages_show_the_same_commands_and_files(pair: tuple[Path, Path]) -> None:
    shown = [[_without_comment(body) for _, body in _FENCE.findall(text_of(document))] for document in pair]
    assert shown[0] == shown[1]


def _without_comment(block: str) -> str:
    return re.sub(r"[ ]{2,}# .*", "", block)


# --- what can be typed -----------------------------------------------------------------------------------------------


def examples_in(document: Path, heading: str) -> list[str]:
    """What stands as code in the second column of the table under a heading."""
    rows = [row for row in section(document, heading).splitlines() if row.startswith("| ")]
    return [example for row in rows[1:] for example in _CODE.findall(row.split("|")[2])]


@pytest.mark.parametrize(
    ("document", "heading"), [(QUERY_PAGES[0], "### Dates in words"), (QUERY_PAGES[1], "## 日付の書き方")]
)
def test_a_date_in_the_table_of_dates_is_understood(document: Path, heading: str) -> None:
    dates = examples_in(document, heading)
    assert len(dates) >= 20
    for date in dates:
        assert parse_span(date, dt.date(2026, 8, 21)), f"{document.name}: {date}"


@pytest.mark.parametrize(("document", "heading"), [(QUERY_PAGES[0], "### Ids"), (QUERY_PAGES[1], "## IDの書き方")])
def test_an_id_in_the_table_of_ids_names_something(document: Path, heading: str, index: Path) -> None:
    ids = examples_in(document, heading)
    assert len(ids) >= 8
    with library(index) as archive:
        for name in ids:
            assert archive.episode(name).episode.id, f"{document.name}: {name}"


@pytest.mark.parametrize("document", [*READMES, *INSTALLING], ids=page_name)
def test_the_configuration_of_a_client_is_json_that_starts_the_server(document: Path) -> None:
    found = [json.loads(body) for language, body in _FENCE.findall(text_of(document)) if language == "json"]
    assert len(found) >= (3 if document in INSTALLING else 1)
    for configuration in found:
        [(key, servers)] = configuration.items()
        assert key in {"mcpServers", "servers"}
        for server in servers.values():
            command = server["command"]
            windows = "\\" in command
            absolute = PureWindowsPath(command) if windows else PurePosixPath(command)
            assert absolute.is_absolute()
            assert absolute.stem == "zunda-mcp"
            arguments = read_arguments(server["args"])
            assert arguments.verb == "serve"
            for folder in arguments.episodes:
                assert (PureWindowsPath(folder) if windows else PurePosixPath(folder)).is_absolute()


# --- links -----------------------------------------------------------------------------------------------------------


def anchor(heading: str) -> str:
    """The anchor that GitHub gives to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("document", DOCUMENTS, ids=page_name)
def test_a_relative_link_leads_to_a_file_and_a_heading_that_exist(document: Path) -> None:
    for link in _LINK.findall(text_of(document)):
        path, _, fragment = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), f"{document.name} links to {link}"
        if fragment:
            anchors = {anchor(heading) for heading in _HEADING.findall(text_of(target))}
            assert fragment in anchors, f"{document.name} links to {link}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=page_name)
def test_a_module_that_is_named_exists(document: Path) -> None:
    package = ROOT / "src" / "zunda_mcp"
    for name in _CODE.findall(text_of(document)):
        if re.fullmatch(r"[\w./]+\.py", name):
            assert any((base / name).is_file() for base in (package, ROOT)), f"{document.name} names {name}"


# --- options ---------------------------------------------------------------------------------------------------------


def all_options() -> str:
    """A table of options for each verb; those that most of them take stand first, once."""
    every = {name: options_of(verb) for name, verb in VERBS.items()}
    shared = [row for row in every["search"] if sum(row in rows for rows in every.values()) * 2 > len(every)]
    tables = [("most verbs", shared)]
    tables += [(f"`zunda-mcp {verb}`", [row for row in rows if row not in shared]) for verb, rows in every.items()]
    return "\n\n".join("\n".join([f"| {name} | |", "| --- | --- |", *rows]) for name, rows in tables if rows)


def options_of(verb: Verb) -> list[str]:
    """A row for each option: its names with what they take, and what it does."""
    rows = []
    for option in verb.all_options():
        about = option.details
        value = f" {about.get('metavar') or '|'.join(about.get('choices', ['…']))}" if option.takes_value else ""
        names = ", ".join(f"`{name}{value}`" for name in option.names)
        rows.append(
            f"| {names} | {about.get('help', '')} |".replace("|", "\\|").replace("\\| ", "| ").replace(" \\|", " |")
        )
    return rows


def test_the_page_of_the_command_line_has_the_options_of_today() -> None:
    match = _OPTIONS.search(text_of(COMMAND_PAGES[0]))
    assert match is not None
    assert match[0] == f"{match[1]}\n{all_options()}\n{match[2]}", "run python tests/documents/test_readme.py"


def write_examples() -> None:
    """Write the output and the options of today into the pages."""
    with tempfile.TemporaryDirectory() as folder:
        temporary = Path(folder).resolve()
        place = temporary / "index"
        with patch.dict(os.environ, {f"{PREFIX}STATE": str(temporary / "state")}):
            with library(place) as archive:
                archive.refresh()
            for document in EXAMPLE_PAGES:
                text = _BLOCK.sub(lambda block: _renewed(block, place), text_of(document))
                text = _OPTIONS.sub(lambda match: f"{match[1]}\n{all_options()}\n{match[2]}", text)
                document.write_text(text, encoding="utf-8")


def _renewed(block: re.Match[str], index: Path) -> str:
    kind, what, language, _ = block.groups()
    if kind == "file":
        return block[0]
    return f"<!-- {kind}: {what} -->\n```{language}\n{output_of(kind, what, index)}```"


if __name__ == "__main__":
    write_examples()
