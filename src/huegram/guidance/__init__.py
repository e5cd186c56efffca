"""Guidance: what a user says of places becomes evidence, and the prediction its prior.

No network runs. Marks (`scribbles`, `paintings`) are gathered on the working grid (`evidence`),
spread there along what looks alike (`canvas`), and change the histograms and the colors read from
them (`posterior`); at full size marked pixels are held to what was asked (`held`).
"""
