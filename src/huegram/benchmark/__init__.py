"""Benchmarks that train or color many photographs, and what they report."""
