"""Finding and citing earlier work: sources behind one Protocol, a survey over them, BibTeX, and a novelty check.

``base`` is the seam: a source is anything with a name and ``search``; the registry ``SOURCES`` names those that
travel with the package. ``library`` needs no network: it indexes the bibliography that the package carries.
``arxiv`` and ``semantic_scholar`` ask those services, bounded in time. ``survey`` runs queries over sources and
returns references with citation keys; ``bibtex`` prints them; ``novelty`` compares an idea with what was found.
"""
