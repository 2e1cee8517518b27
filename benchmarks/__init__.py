"""Benchmarks: what the kernel costs, as a ratio to the raw driver doing the least possible in the same run."""
