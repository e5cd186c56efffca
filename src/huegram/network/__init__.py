"""The network (torch): gray photograph in, logits of colour histograms out.

Needed to train and to export, never to run a model file.
"""
