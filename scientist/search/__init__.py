"""Propose, judge, remember, repeat: the one loop over text artefacts, and what its pieces are."""
