"""Benchmarks: each prints a table with ours, the peers and the naive floor, and what ran on what."""
