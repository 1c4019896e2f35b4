"""Ranks manuscripts by comparing each with each, with a model, and renders what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from scientist.config import RunConfig
from scientist.errors import UsageError
from scientist.literature.library import data_home
from scientist.mind.llm.judging import Agreement, Entry, PairVerdict, Ranking, rank
from scientist.mind.reading import squeeze
from scientist.review.desk import model_of, open_judge
from scientist.review.form import form_for
from scientist.review.gather import names
from scientist.review.integrity import check_manuscript
from scientist.review.lookup import library_lookup
from scientist.review.manuscript import read_manuscript
from scientist.types import Frozen, Usage
from scientist.workspace import canonical_json, sha256_text

MOST = 8
"""Manuscripts in one ranking: each is compared with each, twice."""


class Ranked(Frozen):
    """A ranking, the file of each entry, and what its model calls have cost."""

    ranking: Ranking
    files: dict[str, str]
    usage: Usage


def rank_files(
    paths: Sequence[Path],
    config: RunConfig,
    *,
    venue: str,
    record: Path | None = None,
    emit: Callable[..., None] = lambda *_, **__: None,
) -> Ranked:
    """Rank two to eight manuscripts. ``record`` is as for ``review_file``.

    Raises UsageError, ManuscriptError, ModelError.
    """
    form = form_for(venue)
    if model_of(config) is None:
        raise UsageError("manuscripts are compared by a model, and none is set", "give --model provider:name")
    if not 2 <= len(paths) <= MOST:
        raise UsageError(f"{len(paths)} manuscripts cannot be ranked", f"give 2 to {MOST}: each is compared with each")
    lookup = library_lookup()
    entries = []
    for path, name in zip(paths, names(paths), strict=True):
        manuscript = read_manuscript(path)
        findings = check_manuscript(manuscript, lookup=lookup)
        entries.append(Entry(name=name, manuscript=manuscript, findings=findings))
    mark = sha256_text("".join(sorted(canonical_json(e.manuscript) for e in entries)))
    with open_judge(config, record or data_home() / "reviews" / f"ranking-{mark[:16]}", emit) as judge:
        assert judge.asker is not None
        ranking = rank(judge.asker, entries, venue=form.venue)
        files = {e.name: str(path) for e, path in zip(entries, paths, strict=True)}
        return Ranked(ranking=ranking, files=files, usage=judge.usage())


def ranking_markdown(ranked: Ranked) -> str:
    """Places, how far the judge agrees with itself, then each comparison with the words that it rests on."""
    return "\n".join(_parts(ranked)).rstrip() + "\n"


def _parts(ranked: Ranked) -> Iterator[str]:
    ranking = ranked.ranking
    yield "# Ranking\n"
    yield "| | manuscript | points | file |"
    yield "|---|---|---|---|"
    for name, points in ranking.points.items():
        place = 1 + sum(other > points for other in ranking.points.values())
        yield f"| {place} | {_plain(name)} | {points:g} of {len(ranking.points) - 1} | {_plain(ranked.files[name])} |"
    yield f"\n{agreement_text(ranking.agreement)}\n"
    yield from (f"No verdict on {_plain(missed)}\n" for missed in ranking.missed)
    for verdict in ranking.verdicts:
        yield from _pair(verdict)


def agreement_text(found: Agreement) -> str:
    """How far the judgements survive a swap of the order, in words."""
    if found.rate is None:
        return "No pair was judged."
    text = (
        f"Each pair was judged twice, with the order swapped: {found.agreed} of {found.pairs} judgements agree "
        f"({found.rate:.0%}; 95 % interval {found.low:.0%} to {found.high:.0%})."
    )
    if found.first is None:
        return text
    return f"{text} Of the answers that name a better one, {found.first:.0%} name the one shown first (no bias: 50 %)."


def _pair(verdict: PairVerdict) -> Iterator[str]:
    a, b = (_plain(name) for name in verdict.pair)
    yield f"## {a} and {b}\n"
    if verdict.agreed:
        yield f"**{_plain(verdict.winner)}** is better, in both orders.\n" if verdict.winner else "Equal, both times.\n"
    else:
        said = [_plain(name) if name else "neither" for name in verdict.given]
        yield f"Undecided: {said[0]} with {a} first, {said[1]} with {b} first.\n"
    yield f"{_plain(verdict.comparisons[0])}\n"
    for reason in verdict.reasons:
        yield f"- {_plain(reason.entry)}, {reason.kind} (principle {reason.principle}): {_plain(reason.text)}"
        yield f"  > “{_plain(reason.span.text)}”"
    if verdict.dropped:
        yield f"\n{verdict.dropped} reasons were left out: their quotes do not stand in the manuscript."
    yield ""


def _plain(text: str) -> str:
    """Text of a manuscript is data: it must not become markup of the report."""
    for mark in "\\`*_<|[":
        text = text.replace(mark, "\\" + mark)
    return squeeze(text)
