"""Color formulas one number at a time, written from the standards and unlike the package.

Scalars and the `math` module only; the matrix in exact fractions, CIELAB in the kappa and epsilon
form of CIE 15, the gamut limit by bisection.
"""

import math
from fractions import Fraction

# CSS Color 4, "sample code for color conversions": linear sRGB to CIE XYZ under D65, exact.
SRGB_TO_XYZ = (
    (Fraction(506752, 1228815), Fraction(87881, 245763), Fraction(12673, 70218)),
    (Fraction(87098, 409605), Fraction(175762, 245763), Fraction(12673, 175545)),
    (Fraction(7918, 409605), Fraction(87881, 737289), Fraction(1001167, 1053270)),
)
_EPSILON = 216 / 24389
_KAPPA = 24389 / 27


def decode(value):
    """IEC 61966-2-1, odd extension."""
    if value < 0:
        return -decode(-value)
    if value <= 0.04045:
        return value / 12.92
    return math.exp(2.4 * (math.log(value + 0.055) - math.log(1.055)))


def lab(color):
    """CIE 15: XYZ over that of white, then L*, a*, b*."""
    linear = [decode(float(value)) for value in color]
    roots = []
    for row in SRGB_TO_XYZ:
        ratio = sum(float(w) * v for w, v in zip(row, linear, strict=True)) / float(sum(row))
        roots.append(ratio ** (1 / 3) if ratio > _EPSILON else (_KAPPA * ratio + 16) / 116)
    x, y, z = roots
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)]


def alpha_beta(color):
    """PAPER: the two differences over the gray, as fractions of exact decimals."""
    red, green, blue = (Fraction(float(value)) for value in color)
    denominator = (red + green + blue) / 3 + Fraction(1, 10_000)
    return [
        float((2 * blue - red - green) / (2 * denominator)),
        float((red - green) / denominator),
    ]


def gamut_scale(offset, gray):
    """The largest t in [0, 1] with every gray + t * offset in [0, 1], found by bisection."""

    def fits(scale):
        return all(0 <= gray + scale * value <= 1 for value in offset)

    if fits(1.0):
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def turns_apart(first, second):
    """The shorter way round between two hues in turns."""
    return abs((first - second + 0.5) % 1 - 0.5)
