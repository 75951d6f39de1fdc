"""Clients' configuration files: read as the client reads them, written only where nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from install_samples import ENTRY, place_of

from zunda_mcp.errors import InstallError
from zunda_mcp.install.configuration import ConfigurationFile


def configuration(home: Path, text: str, client: str = "vscode") -> ConfigurationFile:
    return ConfigurationFile.of(place_of(client, home), text.encode())


@pytest.mark.parametrize(
    "text",
    [
        '{"servers": {"a": {"command": "//x"}}} // note',
        '{/* two\nlines */"servers": {"a": {"command": "//x"},},}',
        '// "servers": {\n{"servers": {"a": {"command": "//x"}}}',
    ],
)
def test_comments_and_trailing_commas_are_read_where_the_client_reads_them(tmp_path: Path, text: str) -> None:
    assert configuration(tmp_path, text).servers() == {"a": {"command": "//x"}}
    with pytest.raises(InstallError, match="not valid JSON"):
        configuration(tmp_path, text, "claude-desktop")


def test_a_file_with_comments_is_never_written(tmp_path: Path) -> None:
    read = configuration(tmp_path, '{"servers": {"a": {}}} // note')
    with pytest.raises(InstallError, match=r"comments or trailing commas.* Add the entry by hand"):
        read.with_entry("zunda", ENTRY)
    with pytest.raises(InstallError, match=r"comments or trailing commas.* Take a out by hand"):
        read.without("a")
    with pytest.raises(InstallError, match="comments or trailing commas"):
        read.without_servers()


@pytest.mark.parametrize("text", ['{"a": 1e999}', '{"servers": {"a": 1, "a": 2}}', '{"servers": []}'])
def test_a_file_that_would_lose_something_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InstallError, match="cannot be changed safely"):
        configuration(tmp_path, text).with_entry("zunda", ENTRY)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '{\n  "servers": {\n    "z": {\n      "command": "z"\n    }\n  }\n}\n'),
        ('{"a": 1}', '{"a": 1, "servers": {"z": {"command": "z"}}}'),
        (
            '{\r\n\t"a": 1\r\n}\r\n',
            '{\r\n\t"a": 1,\r\n\t"servers": {\r\n\t\t"z": {\r\n\t\t\t"command": "z"\r\n\t\t}\r\n\t}\r\n}\r\n',
        ),
    ],
)
def test_the_file_keeps_its_indentation_and_line_ends(tmp_path: Path, before: str, after: str) -> None:
    assert configuration(tmp_path, before).with_entry("z", {"command": "z"}).data.decode() == after


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a": NaN}', "{/* never closed", '{"a": 1} x', "[1]"])
def test_what_is_not_a_json_object_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InstallError, match=r"mcp\.json"):
        configuration(tmp_path, text)
