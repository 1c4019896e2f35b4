"""What the text says about the numbers of its own tables, and rows that were copied."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from scientist.mind.reading import clip, sentences
from scientist.review.checks.context import Context, warning
from scientist.review.checks.tables import Row, Table, Value, plain, tables_of
from scientist.types import Finding

_CLAIM = re.compile(
    r"\b(?:improv\w+|outperform\w*|increas\w+|decreas\w+|reduc\w+|lower\w*|rais\w+|gain\w*|drop\w*|exceed\w*|surpass\w*|"
    r"beat\w*|cut\w*|better|worse|higher|ahead|fall\w*|rise\w*|shrink\w*)\b[^.;]{0,80}?\b(?:by|of|is|to be)?\s*"
    r"(?:about |roughly |approximately |around |some |nearly |almost )?"
    r"(?<![\w.])(?P<value>\d+(?:\.\d+)?)\s*(?P<unit>%|percent(?:age points?)?\b|points?\b|pp\b)",
    re.IGNORECASE,
)
_AMOUNT = re.compile(r"\d\s*(?:%|percent|points?\b|pp\b)")
"""A sentence with two amounts makes two comparisons, and which rows each means is not told."""
_VAGUE = re.compile(r"\b(?:up to|at least|at most|more than|less than|over|average|averag\w+|mean over|between)\s+$")


def table_claims(context: Context) -> Iterator[Finding]:
    """Gains in words, over two named rows, that no column of the table gives."""
    tables = tables_of(context.manuscript)
    if not tables:
        return
    texts = [context.manuscript.abstract, *(s.text for s in context.manuscript.sections)]
    for sentence in (s for text in texts for s in sentences(text) if "|" not in s):
        claims = list(_CLAIM.finditer(sentence))
        for match in claims if len(claims) == 1 == len(_AMOUNT.findall(sentence)) else ():
            named = [(t, pair) for t in tables if len(pair := _named(sentence, t)) == 2]
            before = sentence[: match.start("value")]
            if not named or _VAGUE.search(before) or _given(match, sentence, named):
                continue
            rows = " and ".join(f"“{row.label}”" for row in named[0][1])
            yield warning(
                context,
                "table_claims",
                f"a change of {match['value']}{_unit(match['unit'])} between {rows} follows from no column of theirs",
                sentence,
                "compute the change again from the table, or say which numbers it compares",
            )


def _unit(unit: str) -> str:
    return unit if unit == "%" else f" {unit}"


def _named(sentence: str, table: Table) -> list[Row]:
    """The rows that a sentence names; a name inside a longer one that is named too does not count."""
    text = plain(sentence)
    found = [r for r in table.rows if len(r.label) > 2 and re.search(rf"(?<![\w-]){re.escape(r.label)}(?![\w-])", text)]
    return [r for r in found if not any(r.label != o.label and r.label in o.label for o in found)]


def _given(claim: re.Match[str], sentence: str, named: Sequence[tuple[Table, list[Row]]]) -> bool:
    """Whether the claimed change follows in a column that the sentence names, or in any where it names none."""
    value = float(claim["value"])
    slack = 0.5 * 10.0 ** -len(claim["value"].partition(".")[2])
    in_points = claim["unit"].lower() not in ("%", "percent")
    pairs = [
        (a, b)
        for table, (one, two) in named
        for c in _columns(sentence, table)
        if (a := one.values[c]) and (b := two.values[c])
    ]
    return not pairs or any(_follows(value, slack, a, b, in_points) for a, b in pairs)


def _columns(sentence: str, table: Table) -> list[int]:
    text = plain(sentence)
    found = [
        c
        for c, name in enumerate(table.header)
        if len(name) > 1 and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)
    ]
    return found or list(range(len(table.header)))


def _follows(value: float, slack: float, a: Value, b: Value, in_points: bool) -> bool:
    """Whether a change follows: in points, of a fraction too, or (unless points are meant) in per cent of an end."""
    spread = a.slack + b.slack
    gap = abs(a.number - b.number)
    allowed = [(gap, spread)]
    if max(abs(a.number), abs(b.number)) <= 1:
        allowed.append((100 * gap, 100 * spread))
    for base in (a, b) if not in_points else ():
        if base.number:
            share = 100 * gap / abs(base.number)
            allowed.append((share, 100 * spread / abs(base.number) + share * base.slack / abs(base.number)))
    # Texts round generously: "12 %" for 11.7 % is no defect.
    return any(abs(value - middle) <= slack + reach + 0.03 * middle for middle, reach in allowed)


def doubled_rows(context: Context) -> Iterator[Finding]:
    """Two rows under different names with the same three or more decimal numbers."""
    for table in tables_of(context.manuscript):
        for a, b in combinations(table.rows, 2):
            fine = [v for v in a.values if v and v.slack < 0.06]
            texts = ([v and v.text for v in a.values], [v and v.text for v in b.values])
            if a.label != b.label and len(fine) >= 3 and texts[0] == texts[1] and len(set(texts[0])) >= 3:
                yield warning(
                    context,
                    "doubled_rows",
                    f"the rows “{a.label}” and “{b.label}” hold the same {len(fine)} numbers",
                    clip(table.text),
                    "check that one row was not copied over the other",
                )
                break
