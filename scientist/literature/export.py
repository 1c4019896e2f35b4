"""The library in the formats of others: BibTeX, CSL-JSON, and our own JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from scientist.literature.bibtex import assign_keys, bibtex_entry
from scientist.types import Paper


def export(papers: Iterable[Paper], form: str) -> Iterator[str]:
    """Pieces of text that make the file; ``form`` is bibtex, csl or jsonl. Only BibTeX holds all papers at once."""
    return {"bibtex": _bibtex, "csl": _csl, "jsonl": _lines}[form](papers)


def _lines(papers: Iterable[Paper]) -> Iterator[str]:
    for paper in papers:
        yield paper.model_dump_json(exclude_defaults=True, exclude={"source"}) + "\n"


def _bibtex(papers: Iterable[Paper]) -> Iterator[str]:
    # Keys are unique only over all papers; abstracts are not printed, so they need not be held.
    kept = [p.model_copy(update={"abstract": ""}) for p in papers]
    for key, paper in zip(assign_keys(kept), kept, strict=True):
        yield bibtex_entry(key, paper) + "\n"


def _csl(papers: Iterable[Paper]) -> Iterator[str]:
    opening = "[\n"
    for paper in papers:
        yield opening + json.dumps(csl_item(paper), ensure_ascii=False)
        opening = ",\n"
    yield "[]\n" if opening == "[\n" else "\n]\n"


def csl_item(paper: Paper) -> dict[str, Any]:
    """A record as CSL-JSON. Names are whole (``literal``): a record does not say which part is the family's."""
    venue = paper.venue and not paper.venue.lower().startswith("arxiv")
    item: dict[str, Any] = {"id": paper.id, "type": "article-journal" if venue else "article", "title": paper.title}
    item["author"] = [{"literal": name} for name in paper.authors]
    if paper.year is not None:
        item["issued"] = {"date-parts": [[paper.year]]}
    if paper.arxiv_id:
        item["number"] = f"arXiv:{paper.arxiv_id}"
    plain = {"container-title": paper.venue, "abstract": paper.abstract, "DOI": paper.doi, "URL": paper.url}
    return item | {name: value for name, value in plain.items() if value}
