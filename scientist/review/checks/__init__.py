"""Deterministic checks of a manuscript, one function each; ``integrity.py`` holds the table of them."""
