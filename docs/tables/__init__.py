"""The tables of the documentation, laid out from what exports and benchmarks wrote."""
