"""Links: one spelling for one page, and what of it can be searched."""

from __future__ import annotations

import pytest

from zunda_mcp.text.urls import (
    canonical_url,
    is_url,
    link_words,
    linked,
    looks_like_domain,
    readable_url,
    site,
    sites_of,
    without_links,
)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.example.com/a/b/",
        "http://example.com/a/b?utm_source=x&fbclid=1#top",
        "example.com/a/b",
        "https://EXAMPLE.com/a/b",
    ],
)
def test_spellings_of_one_page_agree(url: str) -> None:
    assert canonical_url(url) == "example.com/a/b"


def test_a_parameter_that_names_the_page_is_kept() -> None:
    assert canonical_url("https://youtube.com/watch?v=abc&utm_medium=x") == "youtube.com/watch?v=abc"


def test_a_site_counts_with_its_parent_domains() -> None:
    assert sites_of("developer.nvidia.com") == ["developer.nvidia.com", "nvidia.com"]
    assert sites_of("localhost") == ["localhost"]


def test_the_words_of_a_url_leave_out_ids() -> None:
    words = link_words("https://zenn.dev/elyza/articles/3b25b8e44fc280")
    assert words == "zenn dev elyza articles"


@pytest.mark.parametrize("nonsense", ["http://[", "https://", "://", "", "http://]:80/"])
def test_a_broken_url_is_no_error(nonsense: str) -> None:
    canonical_url(nonsense)
    link_words(nonsense)
    assert not is_url(nonsense)
    assert not site(nonsense)


def test_names_with_dots_are_only_perhaps_domains() -> None:
    assert looks_like_domain("zenn.dev")
    assert looks_like_domain("Node.js")
    assert not looks_like_domain("2.5")


def test_a_readable_url_keeps_what_structures_it() -> None:
    url = "https://x.org/%E9%9F%B3%E5%A3%B0%20a%2Fb%E2%98%86.mp3"
    assert readable_url(url) == "https://x.org/音声%20a%2Fb☆.mp3"
    assert readable_url(None) is None
    assert readable_url("https://x.org/%FF%FE") == "https://x.org/%FF%FE"


def test_links_in_a_plain_text_are_found_and_taken_out() -> None:
    text = "見た https://example.com/a?x=1。次 (https://example.org/)「https://例え.jp/頁」"
    assert linked(text) == ["https://example.com/a?x=1", "https://example.org/", "https://例え.jp/頁"]
    assert without_links("題 https://example.com/a?x=1").strip() == "題"
    assert without_links("https://example.com/") == "https://example.com/"
    assert linked("https なし") == []


@pytest.mark.parametrize(
    "url",
    [
        "https://twitter.com/me/status/1234567890",
        "https://mobile.twitter.com/me/status/1234567890?s=20",
        "https://x.com/me/status/1234567890/photo/1",
    ],
)
def test_a_post_has_one_spelling_whatever_its_site_was_called(url: str) -> None:
    assert canonical_url(url) == "x.com/me/status/1234567890"
    assert link_words(url) == "me"
