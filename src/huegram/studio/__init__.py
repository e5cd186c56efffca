"""The studio: a page and an HTTP interface to color, compare and correct photographs.

`create_app` builds it, `serve` runs it; both need `pip install 'huegram[studio]'`.
"""
