"""Finding and citing earlier work: sources behind one Protocol, a survey over them, BibTeX, and a novelty check.

``base`` is the seam: a source is anything with a name and ``search``; the registry ``SOURCES`` names those that
travel with the package. ``library`` needs no network: it indexes the bibliography that the package carries.
``embedding`` adds search by meaning to it, where an encoder is named.
``arxiv``, ``semantic_scholar``, ``openalex``, ``crossref`` and ``opensearch`` ask those services, bounded in time
(``patience``, ``web``); ``answers`` keeps what they answer. ``survey`` runs queries over sources, ``snowball`` follows
citations, ``screening`` says why a paper was kept. ``bibtex`` prints references, and ``novelty`` compares an idea with
them.
"""
