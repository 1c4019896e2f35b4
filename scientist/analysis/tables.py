r"""The paper's tables: their cells name quantities of the ledger and hold no typed number."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scientist.analysis.captions import INTERVAL, capital, metric_text, sentences, spread
from scientist.analysis.design import condition_text, contrast_text, dataset_text, factor_text, varied
from scientist.analysis.quantities import cell_id
from scientist.analysis.searched import search_table
from scientist.types import Claim, Condition, Contrast, Evidence, Explored, Plan, Quantity, Table, TemplateSpec, Verdict

NONE = "--"
TEXT_WIDTH_PT = 450.0
"""A little under 6.3 in, the text width of a one-column page."""
CHARACTER_PT, GAP_PT = 4.7, 12.0
r"""The mean width of a character at ``\small`` and the gap between two columns."""
MOST_METRICS = 3
MOST_ROWS = 40
LONG_HEADER = 16
BROKEN, BROKEN_SHARE = r"p{0.14\linewidth}", 0.14
CONTRAST = r"p{0.29\linewidth}"
VERDICT_COUNTS = (
    r"Of \val{plan.tests} confirmatory contrasts \val{verdicts.supported} came out as supported, "
    r"\val{verdicts.refuted} as refuted, \val{verdicts.equivalent} within the smallest effect of interest and "
    r"\val{verdicts.inconclusive} as inconclusive."
)
VERDICTS = {
    Verdict.SUPPORTED: "supported",
    Verdict.REFUTED: "refuted",
    Verdict.EQUIVALENT: "equivalent",
    Verdict.INCONCLUSIVE: "inconclusive",
}


def build_tables(
    plan: Plan, spec: TemplateSpec, evidence: Evidence, explored: Explored | None = None
) -> tuple[Table, ...]:
    """ "design", "main", where something is tested "tests", and what a search found before the plan."""
    ledger = {q.id: q for q in evidence.quantities}
    short = "runs.seeds" in ledger
    if plan.test == "none":
        return _design(plan, spec, short=short), _measured(plan, spec, ledger)
    found = search_table(explored, plan, spec) if explored is not None else None
    searched = () if found is None else (found,)
    tables = (*searched, _design(plan, spec, short=short), _main(plan, spec, evidence, ledger))
    return (*tables, _tests(plan, spec, evidence, ledger)) if evidence.claims else tables


def _design(plan: Plan, spec: TemplateSpec, *, short: bool) -> Table:
    """``short``: the time budget ended the runs before the plan, so fewer seeds are analysed than were planned."""
    seeds = r"\val{runs.seeds}" if short else r"\val{plan.seeds}"
    names = varied(plan, spec)
    header, align = _condition_columns(plan, spec, names)
    rows = tuple(
        (
            *_condition_cells(plan, spec, c, names),
            "baseline" if c.baseline else "",
            seeds,
            rf"\val{{runs.ok.{c.id}}}",
        )
        for c in plan.conditions
    )
    caption = sentences(
        rf"The design: each of the \val{{plan.conditions}} conditions was run at the same {seeds} seeds."
        if len(plan.conditions) > 1
        else f"The design: the unmodified template, run at {seeds} seeds.",
        r"The plan asked for \val{plan.seeds}; the time budget ended first." if short else None,
        r"Of \val{runs.planned} planned runs \val{runs.ok} were completed.",
    )
    header = (*header, "Role", "Seeds", "Completed")
    return Table(id="design", caption=caption, align=f"{align}lrr", header=header, rows=rows)


def _main(plan: Plan, spec: TemplateSpec, evidence: Evidence, ledger: dict[str, Quantity]) -> Table:
    """Means with intervals: metrics side by side where they fit the page, else one below the other."""
    metrics, left_out = _kept_metrics(plan), ""
    if len(metrics) <= MOST_METRICS and _fits(plan, spec, ledger, metrics):
        header, align, rows = _wide(plan, spec, ledger, metrics)
    else:
        header, align, rows = _long(plan, spec, ledger, metrics)
        if len(metrics) < len(plan.metrics):
            left_out = "Further measured metrics are in the ledger."
    names = [metric_text(plan, spec, m) for m in metrics]
    cells = [cell_id("censored", c.id, d, m) for m in metrics for d in plan.datasets for c in plan.conditions]
    restricted = any(i in ledger and ledger[i].value != 0 for i in cells)
    caption = sentences(
        f"{capital(_listed(names))} by condition: means with {INTERVAL}.",
        "Runs that did not reach the mark count with their budget, so means that hold such runs are restricted means."
        if restricted
        else None,
        left_out,
        spread(plan, spec, evidence, metrics[0], plan.datasets[0]),
    )
    return Table(id="main", caption=caption, align=align, header=header, rows=rows)


def _kept_metrics(plan: Plan) -> tuple[str, ...]:
    """The metrics that a page can hold one below the other, in the plan's order; the primary one always."""
    block = len(plan.datasets) * len(plan.conditions)
    return plan.metrics[: max(1, MOST_ROWS // block)]


def _wide(
    plan: Plan, spec: TemplateSpec, ledger: dict[str, Quantity], metrics: Sequence[str]
) -> tuple[tuple[str, ...], str, tuple[tuple[str, ...], ...]]:
    """Header, preamble and rows with a column for each metric."""
    factors = varied(plan, spec)
    columns, align = _condition_columns(plan, spec, factors)
    several = len(plan.datasets) > 1
    header = (*(("Data set",) if several else ()), *columns, "$n$")
    rows = []
    for dataset in plan.datasets:
        for i, c in enumerate(plan.conditions):
            first = ((capital(dataset_text(spec, dataset)) if i == 0 else ""),) if several else ()
            cells = (_mean_cell(ledger, cell_id("mean", c.id, dataset, m)) for m in metrics)
            rows.append((*first, *_condition_cells(plan, spec, c, factors), rf"\val{{runs.ok.{c.id}}}", *cells))
    names = (capital(metric_text(plan, spec, m)) for m in metrics)
    return (*header, *names), f"{'l' * several}{align}r{'l' * len(metrics)}", tuple(rows)


def _long(
    plan: Plan, spec: TemplateSpec, ledger: dict[str, Quantity], metrics: Sequence[str]
) -> tuple[tuple[str, ...], str, tuple[tuple[str, ...], ...]]:
    """Header, preamble and rows with a block of rows for each metric."""
    rows = []
    for m in metrics:
        header, align, block = _wide(plan, spec, ledger, [m])
        for i, row in enumerate(block):
            rows.append((capital(metric_text(plan, spec, m)) if i == 0 else "", *row))
    return ("Metric", *header[:-1], "Mean"), f"{BROKEN}{align}", tuple(rows)


def _mean_cell(ledger: dict[str, Quantity], id: str) -> str:
    if id not in ledger:
        return NONE
    return rf"\val{{{id}}} \ci{{{id}}}" if ledger[id].low is not None else rf"\val{{{id}}}"


def _tests(plan: Plan, spec: TemplateSpec, evidence: Evidence, ledger: dict[str, Quantity]) -> Table:
    rows = tuple(_test_row(plan, spec, evidence, ledger, c) for c in plan.contrasts)
    exploratory = any(not c.confirmatory for c in plan.contrasts)
    bound = rf" of \val{{sesoi.{plan.metric}}} in {metric_text(plan, spec, plan.metric)}" if plan.sesoi else ""
    caption = sentences(
        r"Contrasts over seeds: estimate with its \val{plan.level} interval, two-sided $p$, Holm's correction over the "
        rf"confirmatory tests, equivalence within the smallest effect of interest{bound}, and standardised effect $g$.",
        "Exploratory contrasts were planned but are not corrected for." if exploratory else None,
        VERDICT_COUNTS,
    )
    align = f"{CONTRAST}lrrrrl"
    header = ("Contrast", "Estimate", "$p$", r"$p_{\mathrm{Holm}}$", r"$p_{\mathrm{equiv}}$", "$g$", "Verdict")
    return Table(id="tests", caption=caption, align=align, header=header, rows=rows)


def _test_row(
    plan: Plan, spec: TemplateSpec, evidence: Evidence, ledger: dict[str, Quantity], c: Contrast
) -> tuple[str, ...]:
    notes = []
    if len({k.metric for k in plan.contrasts}) > 1:
        notes.append(metric_text(plan, spec, c.metric))
    if len({k.dataset for k in plan.contrasts}) > 1:
        notes.append(dataset_text(spec, c.dataset))
    if not c.confirmatory:
        notes.append("exploratory")
    label = contrast_text(plan, spec, c) + (f" ({', '.join(notes)})" if notes else "")
    cells = (rf"\val{{{k}.{c.id}}}" if f"{k}.{c.id}" in ledger else NONE for k in ("p", "padj", "tost", "g"))
    verdict = _verdict_cell(evidence.claim(f"claim.{c.id}"))
    return (capital(label), _mean_cell(ledger, f"effect.{c.id}"), *cells, verdict)


def _measured(plan: Plan, spec: TemplateSpec, ledger: dict[str, Quantity]) -> Table:
    """Of a template that declares nothing: every mean and spread that was measured."""
    rows, last = [], ""
    for q in ledger.values():
        if q.kind == "mean" and q.dataset is not None and q.metric is not None:
            dataset = "" if q.dataset == last else dataset_text(spec, q.dataset)
            sd = f"sd.{q.id.removeprefix('mean.')}"
            spread_cell = rf"\val{{{sd}}}" if sd in ledger else NONE
            rows.append((dataset, metric_text(plan, spec, q.metric), _mean_cell(ledger, q.id), spread_cell))
            last = q.dataset
    caption = sentences(f"What the template measured: means with {INTERVAL}, and standard deviations over repeats.")
    header = ("Data set", "Metric", "Mean", "SD")
    return Table(id="main", caption=caption, align="lllr", header=header, rows=tuple(rows))


def _condition_columns(plan: Plan, spec: TemplateSpec, factors: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """One column per varied factor, or the conditions' names where no factor varies. Long headers are broken."""
    if not factors:
        return ("Condition",), "l"
    labels = tuple(capital(factor_text(plan, spec, f)) for f in factors)
    align = (BROKEN if len(x) > LONG_HEADER else "l" for x in labels)
    return labels, "".join(align)


def _condition_cells(plan: Plan, spec: TemplateSpec, c: Condition, factors: Sequence[str]) -> tuple[str, ...]:
    if not factors:
        return (capital(condition_text(plan, spec, c)),)
    return tuple(rf"\val{{level.{c.id}.{f}}}" for f in factors)


def _fits(plan: Plan, spec: TemplateSpec, ledger: dict[str, Quantity], metrics: Sequence[str]) -> bool:
    """Whether the grid is estimated to be narrower than the text."""
    header, align, rows = _wide(plan, spec, ledger, metrics)
    broken = BROKEN_SHARE * TEXT_WIDTH_PT / CHARACTER_PT if "p{" in align else float("inf")
    factors = range(int(len(plan.datasets) > 1), len(header) - 1 - len(metrics))
    total = 0.0
    for i in range(len(header)):
        longest = max(len(_visible(row[i], ledger)) for row in (header, *rows))
        total += (min(longest, broken) if i in factors else longest) * CHARACTER_PT + GAP_PT
    return total - GAP_PT <= TEXT_WIDTH_PT


def _visible(cell: str, ledger: dict[str, Quantity]) -> str:
    """About what a reader sees of a cell."""
    cell = re.sub(r"\\val\{([^}]*)\}", lambda m: ledger[m[1]].display, cell)
    cell = re.sub(r"\\ci\{([^}]*)\}", lambda m: ledger[m[1]].display_interval, cell)
    return re.sub(r"\\[a-z]+|[\\${},]", "", cell)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _verdict_cell(claim: Claim) -> str:
    """The verdict on a hypothesis; where none was stated, the direction that was seen."""
    if claim.hypothesised == "none" and claim.significant and not claim.confirmatory:
        return claim.observed
    return VERDICTS[claim.verdict]
