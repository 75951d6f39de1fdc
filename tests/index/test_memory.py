"""Caches stay within their bytes, keep what is used, and give what was put in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import examples
from zunda_mcp.config.memory import ByteCache, postings_size, release_freed, shared_property


def test_what_was_put_in_comes_out() -> None:
    cache: ByteCache[str, int] = ByteCache(10_000)
    cache.put("a", 1, 100)
    assert cache.get("a") == 1
    assert cache.get("b") is None


def test_what_is_used_outlives_what_is_not() -> None:
    cache: ByteCache[int, int] = ByteCache(40_000)
    cache.put(-1, -1, 0)
    for number in range(1_000):
        cache.put(number, number, 0)
        assert cache.get(-1) == -1
    assert cache.get(0) is None


@given(st.lists(st.integers(0, 200), max_size=300))
@settings(max_examples=examples(20))
def test_a_cache_holds_the_newest_entry_and_no_more_than_its_bytes(keys: list[int]) -> None:
    cache: ByteCache[int, int] = ByteCache(20_000)
    for key in keys:
        cache.put(key, key, 500)
        assert cache.get(key) == key
        assert len(cache) * 500 <= 20_000


def test_a_value_larger_than_the_cache_is_not_kept() -> None:
    cache: ByteCache[str, str] = ByteCache(1_000)
    cache.put("large", "large", 2_000)
    assert cache.get("large") is None
    assert len(cache) == 0


def test_postings_take_more_bytes_the_more_there_are() -> None:
    sizes = [postings_size(dict.fromkeys(range(count), 1.5)) for count in (0, 10, 1_000, 100_000)]
    assert sizes == sorted(sizes)
    assert sizes[-1] > 100_000 * 32


def test_giving_back_memory_needs_nothing() -> None:
    release_freed()
    release_freed()


class _Slow:
    """Makes its list when it is first asked for, which waits."""

    def __init__(self) -> None:
        self.makings = 0
        self.making, self.may_end = Event(), Event()

    @shared_property
    def listed(self) -> list[int]:
        self.makings += 1
        self.making.set()
        self.may_end.wait()
        return [self.makings]


def test_threads_that_ask_at_once_share_what_is_made_once() -> None:
    slow, other = _Slow(), _Slow()
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(lambda: slow.listed) for _ in range(8)]
        slow.making.wait()
        other.may_end.set()
        assert other.listed == [1], "what one object makes holds up no other"
        slow.may_end.set()
        assert all(one.result() is slow.listed for one in asked)
    assert slow.makings == 1
