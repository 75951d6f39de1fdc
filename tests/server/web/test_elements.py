"""HTML is made from elements: what is written into one can never become another."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from page_reading import Document

from conftest import examples
from zunda_mcp.server.web.layout import AppLink, Markup, element, join, markdown, marked


def test_a_text_is_escaped_and_an_element_is_not_escaped_again() -> None:
    inner = element("b", "<i> & 'x' \"y\"")
    assert element("p", "a < b", inner) == "<p>a &lt; b<b>&lt;i&gt; &amp; 'x' \"y\"</b></p>"


def test_an_attribute_cannot_be_left() -> None:
    made = element("input", value='"><script>alert(1)</script>', autofocus=True, hidden=False, title=None)
    assert made == '<input value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;" autofocus>'


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        " java\nscript:alert(1)", "JaVaScRiPt:alert(1)", "\x01javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x", "//evil.example/", "\\\\evil.example", "/\\evil.example", "file:///etc/passwd", "https://", "",
    ],
)  # fmt: skip
def test_an_address_of_no_web_page_is_no_link(address: str) -> None:
    assert element("a", "x", href=address) == "<a>x</a>"


@pytest.mark.parametrize(
    "address", ["/episodes/1", "?q=a:b", "#s1", "../topics/a.html", "./index.html", "topics/%E8.html"]
)
def test_an_address_of_this_site_is_a_link(address: str) -> None:
    assert element("a", "x", href=address) == f'<a href="{address}">x</a>'


def test_a_link_elsewhere_says_so_and_one_into_an_application_only_as_our_own() -> None:
    assert 'rel="nofollow noopener"' in element("a", "x", href="https://example.org/?a=1&b=2")
    assert element("a", "x", href=AppLink("vscode:mcp/install")) == '<a href="vscode:mcp/install">x</a>'


def test_what_nobody_can_see_does_not_reach_a_page() -> None:
    assert join("a\u202eb\x1b[31m\u200b") == "ab"


def test_words_that_were_looked_for_are_marked() -> None:
    assert marked("the **<MCP>** server ** alone") == "the <mark>&lt;MCP&gt;</mark> server ** alone"


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("a <script>x</script>", "<p>a &lt;script&gt;x&lt;/script&gt;</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("![y](https://e.example/a)", '<p><a href="https://e.example/a" rel="nofollow noopener">y</a></p>\n'),
        ("# Big", '<p class="heading">Big</p>'),
        ("[x](//e.example)", "<p><a>x</a></p>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
    ],
)  # fmt: skip
def test_markdown_of_the_archive_brings_no_html_no_picture_and_no_heading(text: str, made: str) -> None:
    assert markdown(text) == made


@pytest.mark.scaled
@settings(max_examples=examples(30))
@given(st.text(alphabet="<>\"'&=/ascriptonload:!-[](){}`*#\n\\jv\u202e", max_size=60))
def test_no_text_makes_an_element_or_an_attribute(text: str) -> None:
    whole = Document(element("div", element("p", text, title=text), element("a", text, href=text), marked(text)))
    assert {one.name for one in whole.elements} <= {"div", "p", "a", "mark"}
    assert all(set(one.attributes) <= {"title", "href", "rel"} for one in whole.elements)
    written = Document(element("div", markdown(text)))
    assert not {"script", "img", "iframe", "style", "h1"} & {one.name for one in written.elements}
    assert all(set(one.attributes) <= {"href", "rel", "class", "start"} for one in written.elements)


def test_markup_is_a_text_that_only_elements_make() -> None:
    assert isinstance(element("p"), Markup)
    assert not isinstance("<p></p>", Markup)
