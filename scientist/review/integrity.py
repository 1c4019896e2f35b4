"""The integrity checks of a manuscript: deterministic, no model, each finding with its page, quote and mend."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from scientist.review.checks import (
    bounds,
    changes,
    citations,
    claims,
    counts,
    floats,
    hidden,
    language,
    limits,
    means,
    numbers,
    overlap,
    p_values,
    records,
    repetition,
    reporting,
    shares,
    sums,
    unfinished,
)
from scientist.review.checks.context import Context, Lookup
from scientist.types import Finding, Manuscript, Severity

Check = Callable[[Context], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    hidden.hidden_instructions,
    hidden.hidden_text,
    hidden.invisible_text,
    unfinished.placeholders,
    unfinished.unresolved_references,
    unfinished.empty_sections,
    unfinished.doubled_sections,
    numbers.impossible_numbers,
    changes.wrong_changes,
    bounds.impossible_statistics,
    numbers.abstract_numbers,
    means.impossible_means,
    means.counted_shares,
    counts.counted_in_words,
    shares.shares_of_a_whole,
    counts.sums_of_parts,
    shares.compared_numbers,
    claims.table_claims,
    sums.table_sums,
    claims.doubled_rows,
    p_values.p_values,
    p_values.impossible_p,
    citations.missing_entries,
    citations.uncited_entries,
    citations.future_references,
    records.impossible_identifiers,
    records.contradicted_references,
    floats.missing_floats,
    floats.unmentioned_floats,
    floats.doubled_images,
    floats.lost_images,
    repetition.repeated_sentences,
    repetition.repeated_passages,
    repetition.copied_abstract,
    reporting.missing_parts,
    reporting.no_uncertainty,
    reporting.no_comparison,
    reporting.no_limitations,
    reporting.untested_significance,
    overlap.leaking_split,
    limits.page_limit,
    language.leftovers,
    language.filler,
    language.overclaiming,
)
"""Every check, in the order in which its findings are listed among those of one severity."""

MOST_OF_A_CHECK = 12
"""More findings of one check say nothing new, and a hostile file could have any number."""

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def check_manuscript(
    manuscript: Manuscript, *, lookup: Lookup | None = None, year: int | None = None, page_limit: int | None = None
) -> tuple[Finding, ...]:
    """All findings, errors first. ``year`` is the present year (the calendar's where it is not given), ``page_limit``
    the venue's for the main part."""
    context = Context(manuscript, year or datetime.date.today().year, lookup, page_limit)
    found = (finding for check in CHECKS for finding in islice(check(context), MOST_OF_A_CHECK))
    return by_severity(dict.fromkeys(found))  # two checks may see the same


def by_severity(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors first, then warnings, then notes; else in the order given."""
    return tuple(sorted(findings, key=lambda f: _ORDER[f.severity]))
