"""`python -m huegram`."""

from huegram.cli.main import run

run()
