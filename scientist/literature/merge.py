"""One record for one paper: joins what several sources and queries returned, by identifier or by title."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scientist.literature.bibtex import surname
from scientist.literature.words import normal_title
from scientist.types import Paper


class Shelf:
    """Papers in the order in which they came, each once.

    Two records are one paper if they share a DOI or an arXiv id, or if their titles are equal after normalisation and
    their first authors' surnames do not differ. Different identifiers of one kind never make one paper.
    """

    def __init__(self) -> None:
        self._papers: list[Paper] = []
        self._by_key: dict[str, list[int]] = {}

    def put(self, paper: Paper) -> int:
        """The place of ``paper``: a new one, or that of an equal record, which then takes over missing facts."""
        place = next((i for k in _keys(paper) for i in self._by_key.get(k, ()) if same(self._papers[i], paper)), None)
        if place is None:
            place = len(self._papers)
            self._papers.append(paper)
        else:
            self._papers[place] = joined(self._papers[place], paper)
        for key in _keys(self._papers[place]):
            places = self._by_key.setdefault(key, [])
            if place not in places:
                places.append(place)
        return place

    def __getitem__(self, place: int) -> Paper:
        return self._papers[place]

    def __len__(self) -> int:
        return len(self._papers)


def same(a: Paper, b: Paper) -> bool:
    if a.doi and b.doi and a.doi.lower() == b.doi.lower():
        return True
    if a.arxiv_id and b.arxiv_id:
        return a.arxiv_id == b.arxiv_id
    return normal_title(a.title) == normal_title(b.title) and not _other_people(a, b)


def joined(first: Paper, second: Paper) -> Paper:
    """``first`` with what only ``second`` knows; a preprint takes the venue and year of its publication.

    A paper that one record calls retracted or withdrawn is so.
    """
    missing: dict[str, Any] = {
        name: getattr(second, name)
        for name in ("abstract", "arxiv_id", "doi", "url", "pdf_url", "retracted", "withdrawn")
        if not getattr(first, name) and getattr(second, name)
    }
    if _is_preprint(first) and not _is_preprint(second):
        missing |= {"venue": second.venue, "year": second.year or first.year}
    if not first.authors and second.authors:
        missing |= {"authors": second.authors, "authors_complete": second.authors_complete}
    return first.model_copy(update=missing)


def pick(papers: Sequence[Paper], title: str) -> Paper | None:
    """The first of ``papers`` that has exactly this title, after normalisation."""
    return next((p for p in papers if normal_title(p.title) == normal_title(title)), None)


def _keys(paper: Paper) -> list[str]:
    keys = [f"title:{normal_title(paper.title)}"]
    if paper.doi:
        keys.append(f"doi:{paper.doi.lower()}")
    if paper.arxiv_id:
        keys.append(f"arxiv:{paper.arxiv_id}")
    return keys


def _other_people(a: Paper, b: Paper) -> bool:
    return bool(a.authors and b.authors) and surname(a) != surname(b)


def _is_preprint(paper: Paper) -> bool:
    return not paper.venue or paper.venue.lower().startswith("arxiv")
