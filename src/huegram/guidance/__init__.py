"""Guidance: what a user says of places becomes evidence, and the prediction its prior.

No network runs. Marks (`scribbles`, `paintings`) are averaged over the working grid, spread there
along what looks alike (`canvas`), and change the histograms and the colors read from them
(`posterior`); at full size marked pixels are held to what was asked (`held`). `levin` and `welsh`
color without a prediction, for comparison.
"""
