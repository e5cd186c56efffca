"""Evaluation: scores against color photographs, calibration of vividness, contact sheets."""
