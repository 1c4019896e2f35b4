"""What came of running a bundle again, and how it is told: the report, and its table as text."""

from __future__ import annotations

from collections.abc import Iterator

from scientist.bundle.compare import Agreement, ClaimRow, Comparison, Measured, Row, RunRow, worst
from scientist.bundle.environment import Difference
from scientist.types import Frozen


class Reproduction(Frozen):
    """The report. ``recomputed`` is the published evidence against the same analysis of the published raw results.

    ``seeds`` were run again; with fewer than ``planned`` the results of the others are the published ones.
    """

    run_id: str
    title: str
    bundle: str
    bundle_sha256: str
    folder: str
    seeds: tuple[int, ...]
    planned: int
    sandbox: str
    seconds: float
    environment: tuple[Difference, ...]
    recomputed: Comparison
    runs: tuple[RunRow, ...]
    compared: Comparison

    @property
    def agreement(self) -> Agreement:
        """The worst of everything that must agree; what the runs deviate in shows in the quantities."""
        failed = [r.agreement for r in self.runs if r.published != r.reproduced]
        return worst([self.recomputed.agreement, self.compared.agreement, *failed])

    @property
    def stands(self) -> bool:
        return self.agreement is not Agreement.DIFFERENT


def verdict(report: Reproduction) -> str:
    """One sentence: whether the paper stands, and on how much."""
    again = f"{len(report.runs)} runs were made again"
    if len(report.seeds) < report.planned:
        again += f" ({len(report.seeds)} of {report.planned} seeds; the other results are the published ones)"
    total = len(report.compared.quantities)
    same, near, other = (report.compared.count(a) for a in Agreement)
    if report.agreement is Agreement.IDENTICAL:
        return f"The paper stands: {again}, and all {total} deterministic quantities are identical."
    if report.stands:
        return f"The paper stands: {again}; {same} quantities are identical, {near} within tolerance, none different."
    if report.recomputed.agreement is Agreement.DIFFERENT:
        return "The paper DOES NOT STAND: its evidence does not follow from its own raw results."
    failed = sum(r.published != r.reproduced for r in report.runs)
    more = f"; {failed} runs ended otherwise than published" if failed else ""
    return (
        f"The paper DOES NOT STAND: {again}; {same} quantities are identical, {near} within tolerance, "
        f"{other} different{more}."
    )


def to_markdown(report: Reproduction) -> str:
    """The whole report, for ``reproduction.md``."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Reproduction) -> Iterator[str]:
    yield f"# Reproduction of {report.title}"
    yield f"\n{verdict(report)}\n"
    yield f"* run `{report.run_id}`, bundle sha256 `{report.bundle_sha256}`"
    yield f"* seeds run again: {', '.join(map(str, report.seeds))}; sandbox: {report.sandbox}"
    yield f"* wall time: {report.seconds:.0f} s"
    yield "\n## Environment\n"
    if not report.environment:
        yield "The same versions and machine as published."
    else:
        yield from _table(("what", "published", "here"), ((d.what, d.published, d.here) for d in report.environment))
    yield "\n## Claims\n"
    yield from _table(("claim", "published", "reproduced", "verdict"), map(_claim_cells, report.compared.claims))
    yield "\n## Quantities\n"
    yield from _table(("quantity", "published", "reproduced", "verdict"), map(_cells, report.compared.quantities))
    yield "\n## Runs\n"
    yield from _table(("run", "published", "reproduced", "values", "verdict"), map(_run_cells, report.runs))
    yield "\n## Times and memory, which no two runs share\n"
    yield from _table(("quantity", "published", "reproduced"), map(_measured_cells, report.compared.volatile))
    if report.compared.added:
        yield "\n## Quantities that the published evidence does not have\n"
        yield from _table(("quantity", "published", "reproduced"), map(_measured_cells, report.compared.added))
    if report.recomputed.agreement is not Agreement.IDENTICAL:
        yield "\n## The published evidence against its own raw results\n"
        apart = (r for r in report.recomputed.quantities if r.agreement is not Agreement.IDENTICAL)
        yield from _table(("quantity", "published", "recomputed", "verdict"), map(_cells, apart))


def _cells(row: Row) -> tuple[str, ...]:
    return f"{row.label} (`{row.id}`)", row.published, row.reproduced, told(row)


def told(row: Row) -> str:
    """The verdict on a quantity, with what it rests on."""
    return f"{row.agreement.value} ({row.tolerance})" if row.tolerance else row.agreement.value


def _claim_cells(row: ClaimRow) -> tuple[str, ...]:
    return row.statement, row.published or "withheld", row.reproduced or "", row.agreement.value


def _run_cells(row: RunRow) -> tuple[str, ...]:
    values = f"{row.identical} of {row.values} identical"
    if row.largest_deviation:
        values += f", at most {row.largest_deviation:.2g} apart (relative)"
    return f"{row.condition} seed {row.seed}", row.published, row.reproduced, values, row.agreement.value


def _measured_cells(row: Measured) -> tuple[str, ...]:
    return row.label, row.published, row.reproduced


def _table(header: tuple[str, ...], rows: Iterator[tuple[str, ...]] | map[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"|{' --- |' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '/') for cell in row)} |"
