"""The network (torch): gray photograph in, logits of colour histograms out. Needed to train and export, never to run."""
