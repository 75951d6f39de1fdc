"""Changing one member of a JSON text: nothing else moves, and taking it out again gives the text from before."""

from __future__ import annotations

import pytest
from hypothesis import given
from install_samples import ENTRY, OTHER, documents

from zunda_mcp.install.edit import UnfitError, drop, put, same
from zunda_mcp.install.jsonc import Data, parse

WAY = ("servers", "zunda")


def data_of(text: str) -> dict[str, Data]:
    node = parse(text, comments=True)
    assert node is not None
    assert isinstance(node.data, dict)
    return node.data


@given(documents(comments=True))
def test_putting_a_member_in_only_adds_to_the_text(text: str) -> None:
    new = put(text, WAY, ENTRY, comments=True)
    rest = iter(new)
    assert all(letter in rest for letter in text)
    servers = data_of(new)["servers"]
    assert isinstance(servers, dict)
    assert same(servers["zunda"], ENTRY)


@given(documents(comments=True))
def test_taking_out_what_was_put_beside_others_gives_back_the_text(text: str) -> None:
    before = data_of(text)
    back = drop(put(text, WAY, ENTRY, comments=True), WAY, comments=True)
    if before.get("servers"):
        assert back == text
    after = data_of(back)
    assert same({**before, "servers": before.get("servers", {})}, {**after, "servers": after.get("servers", {})}) or (
        "servers" not in before and after.pop("servers") == {} and same(before, after)
    )


@given(documents(comments=True))
def test_a_member_put_twice_is_as_if_put_once(text: str) -> None:
    once = put(text, WAY, OTHER, comments=True)
    twice = put(once, WAY, ENTRY, comments=True)
    assert same(data_of(twice), data_of(put(text, WAY, ENTRY, comments=True)))
    assert put(twice, WAY, ENTRY, comments=True) == twice


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{}", '{\n  "servers": {\n    "zunda": {\n      "command": "z"\n    }\n  }\n}'),
        ('{"a":1}', '{"a":1,"servers":{"zunda":{"command":"z"}}}'),
        ('{"a": 1}', '{"a": 1, "servers": {"zunda": {"command": "z"}}}'),
        (
            '{\r\n\t"servers": {\r\n\t\t"a": {} // first\r\n\t}\r\n}\r\n',
            '{\r\n\t"servers": {\r\n\t\t"a": {}, // first\r\n\t\t"zunda": {\r\n\t\t\t"command": "z"\r\n\t\t}'
            "\r\n\t}\r\n}\r\n",
        ),
        (
            '{\n    "servers": {\n        "a": {}, // trailing\n    },\n}',
            '{\n    "servers": {\n        "a": {}, // trailing\n        "zunda": {\n            "command": "z"\n'
            "        },\n    },\n}",
        ),
        ('{"servers": {"a": {} // x\n}}', '{"servers": {"a": {}, // x\n"zunda": {"command": "z"}\n}}'),
        (
            "// mine\n",
            '// mine\n{\n  "servers": {\n    "zunda": {\n      "command": "z"\n    }\n  }\n}\n',
        ),
    ],
)
def test_a_new_member_looks_like_its_neighbours(before: str, after: str) -> None:
    assert put(before, WAY, {"command": "z"}, comments=True) == after


def test_a_line_comment_never_swallows_what_comes_after_a_member_that_goes() -> None:
    text = '{"servers": {"a": 1, // note\n"zunda": {}, "b": 2}}'
    assert data_of(drop(text, WAY, comments=True)) == data_of('{"servers": {"a": 1, "b": 2}}')


def test_the_first_and_the_middle_member_can_go() -> None:
    for text in (
        '{"servers": {\n  "zunda": {},\n  "b": 2\n}}',
        '{"servers": {\n  "a": 1,\n  "zunda": {},\n  "b": 2\n}}',
    ):
        assert drop(text, WAY, comments=False) == text.replace('\n  "zunda": {},', "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"servers": []}', "zunda belongs in an object"),
        ('{"servers": null}', "but there it has null"),
        ('{"servers": {}, "servers": {}}', "servers twice"),
        ('{"servers": {"zunda": {}, "zunda": {}}}', "zunda twice"),
        ("[]", "servers belongs in an object"),
    ],
)
def test_a_shape_that_cannot_be_meant_is_refused(text: str, said: str) -> None:
    with pytest.raises(UnfitError, match=said):
        put(text, WAY, ENTRY, comments=True)
