"""From ideas to the one worth running: feasibility, information, novelty and relevance, each with its reason."""
