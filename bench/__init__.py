"""Measurements, side by side in one run: `make bench`. What each line means is in the README.

They compare ratios and medians, because machines are noisy; a bench is never a timed test.
"""
