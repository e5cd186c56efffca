"""Guidance by its definitions: dense matrices, loops over pairs and pixels, no shared code."""

import numpy as np


def ties(field, gray, *, gray_firmness, histogram_firmness, least):
    """The tie of every pair of neighboring cells, dense (N, N)."""
    rows, columns = gray.shape
    matrix = np.zeros((rows * columns, rows * columns))
    for r in range(rows):
        for c in range(columns):
            for dr in (-1, 0, 1):
                for dc in (-1, 0, 1):
                    if (dr, dc) == (0, 0) or not (0 <= r + dr < rows and 0 <= c + dc < columns):
                        continue
                    p, q = field[r, c].astype(float), field[r + dr, c + dc].astype(float)
                    hellinger = 0.5 * sum((np.sqrt(p) - np.sqrt(q)) ** 2)
                    step = float(gray[r, c]) - float(gray[r + dr, c + dc])
                    tie = np.exp(-gray_firmness * step**2 - histogram_firmness * hellinger) + least
                    matrix[r * columns + c, (r + dr) * columns + c + dc] = tie / np.hypot(dr, dc)
    return matrix


def quadratic_minimum(matrix, fading, weights, known):
    """Minimise sum of tie (x_i - x_j)^2 over pairs + fading x_i^2 + weight_i (x_i - known_i)^2."""
    size = len(matrix)
    system = np.zeros((size, size))
    for i in range(size):
        for j in range(size):
            system[i, i] += matrix[i, j]
            system[i, j] -= matrix[i, j]
        system[i, i] += fading + weights[i]
    return np.linalg.solve(system, weights[:, None] * known)


def stroke(points, radius, height, width):
    """The pixels of a stroke, each looked at alone."""
    mask = np.zeros((height, width), bool)
    for row in range(height):
        for column in range(width):
            centre = np.array([column + 0.5, row + 0.5])
            for start, end in zip(points, points[1:] or points, strict=False):
                start, end = np.array(start, float), np.array(end, float)
                nearest = min(
                    np.linalg.norm(centre - (start + t * (end - start)))
                    for t in [0.0, 1.0, _foot(centre, start, end)]
                )
                mask[row, column] |= nearest <= radius
    for x, y in points:
        mask[int(y), int(x)] = True
    return mask


def _foot(centre, start, end):
    along = end - start
    length = along @ along
    return 0.0 if length == 0 else min(max((centre - start) @ along / length, 0.0), 1.0)
