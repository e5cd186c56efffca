"""Oracle: the layout counted by hand."""

from __future__ import annotations

import numpy as np

from huegram.evaluation.contact_sheet import CAPTION_HEIGHT, MARGIN, Row, contact_sheet

RED = np.full((40, 80, 3), (255, 0, 0), np.uint8)
BLUE = np.full((80, 40, 3), (0, 0, 255), np.uint8)


def test_pictures_keep_their_shape_and_their_place() -> None:
    sheet = contact_sheet([Row("", [RED, BLUE]), Row("", [BLUE, RED])], cell_px=80)
    assert sheet.shape == (2 * (CAPTION_HEIGHT + 80 + MARGIN), 2 * (80 + MARGIN) + MARGIN, 3)
    top, left, right = CAPTION_HEIGHT, MARGIN, 2 * MARGIN + 80
    middle = top + 40
    assert tuple(sheet[middle, left + 40]) == (255, 0, 0)
    assert tuple(sheet[middle, right + 40]) == (0, 0, 255)
    assert tuple(sheet[top + 10, left + 40]) == (255, 255, 255)  # above the wide picture
    assert (sheet == (255, 0, 0)).all(-1).sum() == 2 * 40 * 80


def test_columns_share_a_line() -> None:
    one = contact_sheet([Row("a", [RED])] * 3, cell_px=80)
    two = contact_sheet([Row("a", [RED])] * 3, num_columns=2, cell_px=80)
    assert two.shape[1] == 2 * one.shape[1]
    assert two.shape[0] * 3 == one.shape[0] * 2


def test_a_line_is_as_high_as_its_highest_picture() -> None:
    flat = contact_sheet([Row("", [RED])], cell_px=80)
    both = contact_sheet([Row("", [RED]), Row("", [BLUE])], num_columns=2, cell_px=80)
    assert flat.shape[0] == CAPTION_HEIGHT + 40 + MARGIN
    assert both.shape[0] == CAPTION_HEIGHT + 80 + MARGIN


def test_the_caption_is_written() -> None:
    sheet = contact_sheet([Row("caption", [RED])], cell_px=80)
    assert (sheet[:CAPTION_HEIGHT] < 128).any()
