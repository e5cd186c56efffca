"""Metrics pixel by pixel in plain Python, written from their definitions."""

import math
import statistics

from tests.oracles.color_formulas import alpha_beta, lab


def pixels(image):
    return image.reshape(-1, 3).tolist()


def rmse_ab(image, truth, reduction):
    halves = []
    for first, second in zip(pixels(image), pixels(truth), strict=True):
        distance = math.dist(alpha_beta(first), alpha_beta(second))
        halves.append(distance**2 / 2)
    if reduction == "pixel":
        return statistics.fmean(math.sqrt(half) for half in halves)
    return math.sqrt(statistics.fmean(halves))


def colorfulness(image, change=lambda value: value):
    red_green = [change(255 * r - 255 * g) for r, g, _ in pixels(image)]
    yellow_blue = [change(255 * (r + g) / 2 - 255 * b) for r, g, b in pixels(image)]
    spread = math.sqrt(statistics.pvariance(red_green) + statistics.pvariance(yellow_blue))
    center = math.sqrt(statistics.fmean(red_green) ** 2 + statistics.fmean(yellow_blue) ** 2)
    return spread + 0.3 * center


def auc(image, truth, weights=None, steps=3000):
    """Count the weight of pixels below each of many thresholds and add up: midpoint rule."""
    errors = [
        math.dist(lab(one)[1:], lab(other)[1:])
        for one, other in zip(pixels(image), pixels(truth), strict=True)
    ]
    weights = weights or [1.0] * len(errors)
    total = 0.0
    for step in range(steps):
        threshold = 150 * (step + 0.5) / steps
        pairs = zip(errors, weights, strict=True)
        total += sum(weight for error, weight in pairs if error < threshold)
    return 100 * total / steps / sum(weights)


def nearest_square(color, centers):
    """The square of 10 Lab units whose middle is next to a color's (a, b)."""
    a_b = lab(color)[1:]
    return min(range(len(centers)), key=lambda k: math.dist(a_b, centers[k]))


def rarity(indices, centers, sigma=5.0):
    """The inverse of each bin's smoothed share, mean 1 over the pixels."""
    smooth = [0.0] * len(centers)
    for index in indices:
        handed = [
            math.exp(-0.5 * (math.dist(center, centers[index]) / sigma) ** 2) for center in centers
        ]
        for k, part in enumerate(handed):
            smooth[k] += part / sum(handed) / len(indices)
    weights = [1 / share if share > 0 else math.inf for share in smooth]
    mean = statistics.fmean(weights[index] for index in indices)
    return [weight / mean for weight in weights]


def ssim(image, truth):
    """Wang et al. 2004, pixel by pixel: an 11 x 11 Gaussian window of sigma 1.5, each channel."""
    kernel = [math.exp(-0.5 * (place / 1.5) ** 2) for place in range(-5, 6)]
    kernel = [weight / sum(kernel) for weight in kernel]
    height, width, _ = image.shape
    scores = []
    for y in range(5, height - 5):
        for x in range(5, width - 5):
            for channel in range(3):
                one = image[y - 5 : y + 6, x - 5 : x + 6, channel].tolist()
                other = truth[y - 5 : y + 6, x - 5 : x + 6, channel].tolist()
                scores.append(_similarity(one, other, kernel))
    return statistics.fmean(scores)


def _similarity(one, other, kernel):
    mean_one = mean_other = square_one = square_other = product = 0.0
    for row, weight in enumerate(kernel):
        for column, share in enumerate(kernel):
            first, second, mass = one[row][column], other[row][column], weight * share
            mean_one += mass * first
            mean_other += mass * second
            square_one += mass * first**2
            square_other += mass * second**2
            product += mass * first * second
    luminance = (2 * mean_one * mean_other + 0.01**2) / (mean_one**2 + mean_other**2 + 0.01**2)
    spread = square_one - mean_one**2 + square_other - mean_other**2
    return luminance * (2 * (product - mean_one * mean_other) + 0.03**2) / (spread + 0.03**2)
