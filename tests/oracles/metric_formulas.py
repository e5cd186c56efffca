"""Metrics pixel by pixel in plain Python, written from their definitions."""

import math
import statistics

from tests.oracles.color_formulas import alpha_beta


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


def colorfulness(image):
    red_green = [255 * r - 255 * g for r, g, _ in pixels(image)]
    yellow_blue = [255 * (r + g) / 2 - 255 * b for r, g, b in pixels(image)]
    spread = math.sqrt(statistics.pvariance(red_green) + statistics.pvariance(yellow_blue))
    center = math.sqrt(statistics.fmean(red_green) ** 2 + statistics.fmean(yellow_blue) ** 2)
    return spread + 0.3 * center
