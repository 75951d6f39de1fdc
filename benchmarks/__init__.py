"""Benchmarks: timings of zunda-mcp against peers, as ratios in one run. Nothing here is a test. Run ``make bench``."""
