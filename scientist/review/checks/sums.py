"""Totals and averages inside a table: whether a row or column that sums up follows from its parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from scientist.mind.reading import clip
from scientist.review.checks.context import Context, warning
from scientist.review.checks.tables import Row, Table, Value, printed_tables, tables_of
from scientist.types import Finding

_TOTAL = re.compile(r"(?:grand |column |row )?(?:total|sum)s?|all|overall")
_MEAN = re.compile(r"(?:macro[- ]|overall |unweighted |row |column )?(?:avg\.?|average|mean)")
_OTHERWISE = re.compile(r"weight|micro|geo|harmon|trim|median|excl|without|w/o|pooled|adjust|estimated", re.IGNORECASE)
_NO_PART = re.compile(r"\b(?:mean|median|average|avg|age|rate|ratio|share|per cent|percentage|sd|score|p[- ]value)\b|%")
_ROUNDED = re.compile(r"round|per ?cent|%|thousand|million|\bin k\b", re.IGNORECASE)
_MOST_PARTS = 12


class Sum(NamedTuple):
    """What a cell that sums up says, and its parts; ``place`` is the cell's row and column."""

    place: tuple[int, int]
    told: Value
    parts: tuple[tuple[tuple[int, int], Value], ...]


class Wrong(NamedTuple):
    place: tuple[int, int]
    kind: str
    told: Value
    right: float


def table_sums(context: Context) -> Iterator[Finding]:
    """Averages that disagree where their fellows agree, and totals of counts that are not the sum of their parts."""
    for table in (*tables_of(context.manuscript), *printed_tables(context.manuscript)):
        for wrong in _wrong_cells(table):
            yield warning(
                context,
                "table_sums",
                f"the table's {wrong.kind} of {wrong.told.text} in “{_where(table, wrong)}” should be {wrong.right:g}",
                clip(table.text),
                "compute it again, or say how it is computed",
            )


def _where(table: Table, wrong: Wrong) -> str:
    """The column of a wrong row of sums, the row of a wrong column of them."""
    row, column = wrong.place
    label = table.rows[row].label
    return (table.header[column] or f"column {column + 1}") if _sums_up(label) else label


def _wrong_cells(table: Table) -> Iterator[Wrong]:
    for down in (True, False):
        for sums in _lines_of_sums(table, _MEAN, down):
            yield from _wrong_means(sums)
    yield from _wrong_totals(table)


# ------------------------------------------------------------------------------------------- where they stand


def _lines_of_sums(table: Table, name: re.Pattern[str], down: bool) -> Iterator[list[Sum]]:
    """The cells of each row (``down``) or column that sums up, with their parts in order."""
    rows = table.rows
    if down:
        for i, row in enumerate(rows):
            if name.fullmatch(row.label) and not _OTHERWISE.search(" ".join(row.cells[:1])):
                above = _group_above(rows, i)
                yield [
                    Sum((i, c), told, tuple(((r, c), v) for r in above if (v := rows[r].values[c])))
                    for c, told in enumerate(row.values)
                    if told and all(rows[r].values[c] for r in above)
                ]
    else:
        for c, title in enumerate(table.header):
            raw = table.head[c] if table.head else title
            if name.fullmatch(title) and not _OTHERWISE.search(f"{raw} {table.caption}"):
                others = [o for o in range(len(table.header)) if o != c and not _sums_up(table.header[o])]
                yield [
                    Sum((i, c), told, tuple(((i, o), v) for o in others if (v := row.values[o])))
                    for i, row in enumerate(rows)
                    if (told := row.values[c]) and all(row.values[o] for o in others)
                ]


def _group_above(rows: Sequence[Row], i: int) -> list[int]:
    """The rows between the last heading or summary and row ``i``; those that cannot be parts are left out."""
    start = i
    while start and any(rows[start - 1].values) and not _sums_up(rows[start - 1].label):
        start -= 1
    return [r for r in range(start, i) if not _NO_PART.search(" ".join(rows[r].cells[:1]).lower())]


def _sums_up(label: str) -> bool:
    return bool(_TOTAL.fullmatch(label) or _MEAN.fullmatch(label))


# ------------------------------------------------------------------------------------------- averages


def _wrong_means(sums: Sequence[Sum]) -> Iterator[Wrong]:
    """Averages that no reading of their parts gives, where as many others are what they should be."""
    sums = [s for s in sums if len(s.parts) > 1]
    wrong = [s for s in sums if not any(_is_mean(s.told, r) for r in _readings(s))]
    right = len(sums) - len(wrong)
    if wrong and right >= (1 if len(wrong) == 1 else 2 * len(wrong)):
        for s in wrong:
            values = [v.number for v in _alike(s)]
            yield Wrong(s.place, "average", s.told, round(sum(values) / len(values), 4))


def _readings(s: Sum) -> Iterator[list[Value]]:
    """What may be averaged: all parts, or those of the form of the average."""
    yield [v for _, v in s.parts]
    yield _alike(s)


def _alike(s: Sum) -> list[Value]:
    """The parts written like the average (per cent or not, whole or not), if there are two; else all."""
    values = [v for _, v in s.parts]
    alike = [v for v in values if ("%" in v.text) == ("%" in s.told.text) and (v.slack < 0.5 or s.told.slack == 0.5)]
    return alike if len(alike) > 1 else values


def _is_mean(told: Value, values: Sequence[Value]) -> bool:
    mean = sum(v.number for v in values) / len(values)
    slack = sum(v.slack for v in values) / len(values) + told.slack
    if all(v.slack == 0.5 for v in values):
        slack = max(told.slack, 0.05)  # whole numbers are counts or scores, whose mean is exact
        slack = slack if told.slack < 0.5 else 1.0
    return abs(mean - told.number) <= slack * 1.01


# ------------------------------------------------------------------------------------------- totals


def _wrong_totals(table: Table) -> Iterator[Wrong]:
    """Totals of counts; a total whose part is itself a wrong total is not blamed, nor two for one wrong part."""
    loose = bool(_ROUNDED.search(f"{table.caption} {' '.join(table.head)}"))
    down = [_wrong_of(sums, loose) for sums in _lines_of_sums(table, _TOTAL, True)]
    across = [_wrong_of(sums, loose) for sums in _lines_of_sums(table, _TOTAL, False)]
    found = [w for line in (*down, *across) for w in line]
    wrong = {s.place: s for s, _ in found}
    shared = _shared_part(found)
    if shared:
        yield shared
        return
    seen: set[tuple[int, int]] = set()
    for s, right in found:
        blamed = [p for p, _ in s.parts if p in wrong]
        if not blamed and s.place not in seen:
            seen.add(s.place)
            yield Wrong(s.place, "total", s.told, right)


def _wrong_of(sums: Sequence[Sum], loose: bool) -> list[tuple[Sum, float]]:
    """The totals of one row or column that are not the sum of their parts, with what they should be."""
    sums = [s for s in sums if len(s.parts) > 1 and (_counts(s) or _shares(s))]
    wrong = [(s, sum(v.number for _, v in s.parts)) for s in sums if not _adds_up(s, loose)]
    if not wrong or (len(sums) > 1 and _some_parts_fit(sums, loose)):
        return []
    # Where several totals are wrong and none is right, the parts are not what is summed.
    if len(wrong) == len(sums) > 1:
        return []
    return [(s, round(right, 6)) for s, right in wrong if abs(right - s.told.number) < 0.5 * max(abs(right), 1)]


def _adds_up(s: Sum, loose: bool) -> bool:
    total = sum(v.number for _, v in s.parts)
    if not loose and not _shares(s):
        return total == s.told.number
    return abs(total - s.told.number) <= 1.001 * (sum(v.slack for _, v in s.parts) + s.told.slack)


def _some_parts_fit(sums: Sequence[Sum], loose: bool) -> bool:
    """Whether leaving one or two parts out makes every total right: then those are not meant to count."""
    count = len(sums[0].parts)
    if count > _MOST_PARTS or any(len(s.parts) != count for s in sums):
        return False
    kept = [k for size in (count - 1, count - 2) if size > 1 for k in combinations(range(count), size)]
    return any(all(_adds_up(s._replace(parts=tuple(s.parts[i] for i in k)), loose) for s in sums) for k in kept)


def _counts(s: Sum) -> bool:
    values = [v for _, v in s.parts]
    return all(v.slack == 0.5 and v.number >= 0 and "%" not in v.text for v in (*values, s.told)) and (
        s.told.number >= max(v.number for v in values)
    )


def _shares(s: Sum) -> bool:
    return all("%" in v.text for _, v in s.parts) and "%" in s.told.text and 90 <= s.told.number <= 110


def _shared_part(found: Sequence[tuple[Sum, float]]) -> Wrong | None:
    """The one cell that a wrong row total and a wrong column total have in common, if it accounts for both."""
    if len(found) != 2:
        return None
    (a, right), (b, other) = found
    shared = [(p, v) for p, v in a.parts if p in {q for q, _ in b.parts}]
    gap = a.told.number - right
    if len(shared) == 1 and gap == b.told.number - other:
        place, value = shared[0]
        return Wrong(place, "number", value, value.number + gap)
    return None
