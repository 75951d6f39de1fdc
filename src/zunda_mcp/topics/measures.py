"""The measures behind the choice, each as its source gives it."""

from __future__ import annotations

import math


def residual_idf(stories_with: int, weight: float, stories: int) -> float:
    """How many bits rarer a word is than chance would have it (Church & Gale 1995, "Poisson mixtures").

    A word of general use falls on stories as a Poisson process would, and its IDF is the expected one. What a story
    is about comes in clusters: many sightings in few stories. For rare words this is close to the logarithm of the
    weight per story, so it means the same in small and large archives.
    """
    if stories_with <= 0 or weight <= 0 or stories <= 0:
        return 0.0
    return math.log2(-math.expm1(-weight / stories)) - math.log2(stories_with / stories)


def rising_score(in_window: int, window_total: int, before: int, before_total: int) -> float:
    """How surely a topic is more frequent in a window than it was before it; negative if it became rarer.

    The signed log-likelihood ratio of two binomial counts (Dunning 1993, "Accurate methods for the statistics of
    surprise and coincidence"): ``in_window`` of the ``window_total`` stories in the window against ``before`` of the
    ``before_total`` earlier ones. Above 3.84 the chance of such a difference without a cause is under one in twenty.
    """
    total = window_total + before_total
    if window_total <= 0 or before_total <= 0:
        return 0.0
    common = (in_window + before) / total
    ratio = 2 * (
        _log_likelihood(in_window, window_total, in_window / window_total)
        + _log_likelihood(before, before_total, before / before_total)
        - _log_likelihood(in_window, window_total, common)
        - _log_likelihood(before, before_total, common)
    )
    score = max(0.0, ratio)
    return score if in_window / window_total >= before / before_total else -score


def _log_likelihood(hits: int, total: int, chance: float) -> float:
    missed = total - hits
    return (hits * math.log(chance) if hits else 0.0) + (missed * math.log1p(-chance) if missed else 0.0)
