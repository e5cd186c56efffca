"""Photographs to learn from: folders and tar shards, and what the network is shown of them."""
