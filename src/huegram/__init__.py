"""Colour for black-and-white photographs: a histogram over colours at every pixel."""

from huegram._version import __version__

__all__ = ["__version__"]
