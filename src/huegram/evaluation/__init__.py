"""Evaluation: scores of a colorizer against color photographs, and the calibration of its vividness."""
