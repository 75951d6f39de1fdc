"""Clients' configuration files: read as the client reads them, written so that nothing is lost."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from install_samples import ENTRY, documents, place_of

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


@given(st.data(), st.booleans())
def test_the_entry_comes_and_goes_and_every_other_character_stays(data: st.DataObject, comments: bool) -> None:
    where = place_of("zed" if comments else "claude-code", Path(tempfile.gettempdir()))
    before = ConfigurationFile.of(where, data.draw(documents(comments=comments, keys=(where.client.key,))).encode())
    there = before.with_entry("zunda", ENTRY)
    assert ConfigurationFile.of(where, there.data).servers() == {**before.servers(), "zunda": ENTRY}
    assert in_this_order(before.data, there.data)
    gone = there.without("zunda")
    assert ConfigurationFile.of(where, gone.data).servers() == before.servers()
    assert in_this_order(before.data, gone.data)
    assert in_this_order(gone.data, there.data)


def in_this_order(few: bytes, many: bytes) -> bool:
    """Whether all that is no blank stands in ``many`` as well, in the same order."""
    left = iter(b"".join(many.split()))
    return all(one in left for one in b"".join(few.split()))


ZED = """\
// Zed settings
//
// For information on how to configure Zed, see the documentation.
{
  "theme": "One Dark", // dark
  "context_servers": {
    "docs": {"command": "npx", "args": ["-y", "docs-mcp"]}, /* mine */
  },
  "vim_mode": true,
}
"""


@pytest.mark.parametrize(
    ("client", "before", "after"),
    [
        ("zed", ZED, ZED.replace("/* mine */\n", '/* mine */\n    "z": {\n      "command": "z"\n    },\n')),
        ("vscode", "// mine\n", '// mine\n{\n  "servers": {\n    "z": {\n      "command": "z"\n    }\n  }\n}\n'),
        ("vscode", '{"servers": {"a": [1, 2]} // a\n}', '{"servers": {"a": [1, 2], "z": {"command": "z"}} // a\n}'),
        ("vscode", '{"a": 1 // a\n}', '{"a": 1, // a\n  "servers": {\n    "z": {\n      "command": "z"\n    }\n  }\n}'),
    ],
)  # fmt: skip
def test_an_entry_stands_like_its_neighbours(tmp_path: Path, client: str, before: str, after: str) -> None:
    there = configuration(tmp_path, before, client).with_entry("z", {"command": "z"})
    assert there.data.decode() == after
    assert there.with_entry("z", {"command": "y"}).data.decode() == after.replace('command": "z"', 'command": "y"')
    if client == "zed":
        assert there.without("z").data.decode() == before


@pytest.mark.parametrize("text", ['{"servers": {"a": 1, "a": 2}}', '{"servers": []}'])
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
