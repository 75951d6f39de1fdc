"""Reading JSON with places: as strict as a client, as forgiving as VS Code, and exact about where a fault is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from install_samples import documents

from zunda_mcp.install.jsonc import Data, Fault, Number, parse


def plain(data: Data) -> Any:
    """The data as the standard library reads it."""
    if isinstance(data, Number):
        return json.loads(data)
    if isinstance(data, dict):
        return {name: plain(value) for name, value in data.items()}
    return [plain(item) for item in data] if isinstance(data, list) else data


@given(documents(comments=False))
def test_json_is_read_as_the_standard_library_reads_it(text: str) -> None:
    node = parse(text, comments=False)
    assert node is not None
    assert plain(node.data) == json.loads(text)
    assert json.loads(text[node.start : node.end]) == json.loads(text)


@given(documents(comments=False), st.data())
def test_what_the_standard_library_refuses_is_refused(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    broken = (
        text[:at] + data.draw(st.sampled_from(["", ",", "{", "}", '"', "\\", "x", "1", ":", "\x01"])) + text[at + 1 :]
    )
    try:
        expected = json.loads(broken)
    except ValueError:
        if broken.strip(" \t\r\n"):
            with pytest.raises(Fault):
                parse(broken, comments=False)
        return
    node = parse(broken, comments=False)
    assert node is not None
    assert plain(node.data) == expected


@given(documents(comments=True))
def test_every_member_is_where_it_says(text: str) -> None:
    node = parse(text, comments=True)
    assert node is not None
    for member in node.members:
        assert text[member.start] == '"'
        inner = parse(text[member.value.start : member.value.end], comments=True)
        assert inner is not None
        assert inner.data == member.value.data
        assert member.comma is None or text[member.comma] == ","


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ('{"a": 1,}', "line 1, column 9", "a comma with nothing"),
        ('{\r\n  "a": 1\r\n  "b": 2}', "line 3, column 3", "a comma or }"),
        ("{\n  // x\n}", "line 2, column 3", "a comment, which this client's JSON may not have"),
        ('{"a": "x\n"}', "line 1, column 7", 'does not end with "'),
        ('{"a": "\\q"}', "line 1, column 8", "a backslash before the wrong character"),
        ('{"a": NaN}', "line 1, column 7", "a value"),
        ("{'a': 1}", "line 1, column 2", "a name in"),
        ('{"a" 1}', "line 1, column 6", "a colon"),
        ('{"a": 1', "line 1, column 8", "the file ends early"),
        ("{} x", "line 1, column 4", "something follows"),
        ("[" * 200, "line 1, column 152", "nested more than"),
        ('{"あ": 一}', "line 1, column 7", "a value"),
    ],
)
def test_a_fault_is_told_with_its_place(text: str, place: str, what: str) -> None:
    with pytest.raises(Fault) as found:
        parse(text, comments=False)
    assert str(found.value).startswith(place)
    assert what in str(found.value)


@pytest.mark.parametrize("text", ["{/* never closed", "{,}", "[1,,2]", '{"a":1,,}', "{} /"])
def test_comments_and_trailing_commas_forgive_nothing_else(text: str) -> None:
    with pytest.raises(Fault):
        parse(text, comments=True)


@pytest.mark.parametrize("text", ["", " \r\n", "// only this\n", "/* a */ // b"])
def test_a_text_without_a_value_is_none_at_all(text: str) -> None:
    assert parse(text, comments=True) is None
