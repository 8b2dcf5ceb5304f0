"""Measures speed as ratios against a named peer in one run; `make bench` prints the table."""
