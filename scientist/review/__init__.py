"""Reviewing manuscripts: reading them from any file, checking them, judging them on a venue's form."""
