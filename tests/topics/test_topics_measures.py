"""The measures, against numbers worked out by hand."""

from __future__ import annotations

import math

import pytest

from zunda_mcp.topics.judge import residual_idf, rising_score


def test_a_word_once_in_each_story_it_has_is_where_chance_would_put_it() -> None:
    assert residual_idf(10, 10, 10_000) == pytest.approx(0, abs=0.01)


def test_four_sightings_in_each_of_few_stories_are_two_bits_more_than_chance() -> None:
    assert residual_idf(10, 40, 100_000) == pytest.approx(2, abs=0.01)


def test_residual_idf_of_nothing_is_nought() -> None:
    assert residual_idf(0, 0, 10) == 0


def test_rising_is_the_log_likelihood_ratio_of_two_counts() -> None:
    def likelihood(hits: int, total: int, chance: float) -> float:
        return hits * math.log(chance) + (total - hits) * math.log(1 - chance)

    by_hand = 2 * (
        likelihood(9, 50, 9 / 50)
        + likelihood(4, 200, 4 / 200)
        - likelihood(9, 50, 13 / 250)
        - likelihood(4, 200, 13 / 250)
    )
    assert rising_score(9, 50, 4, 200) == pytest.approx(by_hand)


def test_a_topic_that_became_rarer_falls_and_one_that_stayed_is_still() -> None:
    assert rising_score(1, 50, 40, 200) < -3.84
    assert rising_score(5, 50, 20, 200) == pytest.approx(0)


def test_more_evidence_of_the_same_rise_scores_higher() -> None:
    assert rising_score(20, 100, 10, 400) > rising_score(2, 10, 1, 40) > 0


@pytest.mark.parametrize("counts", [(0, 0, 0, 0), (0, 10, 0, 10), (10, 10, 10, 10), (0, 0, 5, 10), (3, 10, 0, 0)])
def test_windows_without_stories_or_without_contrast_score_nought(counts: tuple[int, int, int, int]) -> None:
    assert rising_score(*counts) == 0


def test_a_topic_new_in_the_window_rises() -> None:
    assert rising_score(10, 10, 0, 100) > rising_score(1, 10, 0, 100) > 0
