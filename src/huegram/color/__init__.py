"""Color spaces as pure functions: one file a space, `<from>_to_<to>`, channels last.

Everything starts from gamma-encoded sRGB in [0, 1]. float32 in gives float32 out, float64 gives
float64, and nothing is clipped unless the docstring says so.
"""

from huegram.color.alpha_beta import alpha_beta_to_srgb, srgb_to_alpha_beta
from huegram.color.gamut import fit_to_gamut, max_chroma_scale
from huegram.color.hue_chroma import hue_chroma_to_srgb, srgb_to_hue_chroma
from huegram.color.lab import gray_to_lightness, lab_to_srgb, srgb_to_lab
from huegram.color.srgb import linear_to_srgb, srgb_to_gray, srgb_to_linear

__all__ = [
    "alpha_beta_to_srgb",
    "fit_to_gamut",
    "gray_to_lightness",
    "hue_chroma_to_srgb",
    "lab_to_srgb",
    "linear_to_srgb",
    "max_chroma_scale",
    "srgb_to_alpha_beta",
    "srgb_to_gray",
    "srgb_to_hue_chroma",
    "srgb_to_lab",
    "srgb_to_linear",
]
