r"""The dossier as the prompts of the writer show it: ids of the ledger with what they print, in few words.

Text that came from outside (records, logs, a review) is made into Material; nothing that differs between two runs of
the same seeds (times, memory) is shown with its value.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

from scientist.mind.base import Dossier
from scientist.mind.offline.prose.facts import Facts
from scientist.mind.offline.prose.method import WHY_EXTENDED
from scientist.prompts import Material
from scientist.types import Claim, Condition, Contrast, MetricSpec, Quantity, Reference, RunStatus, Section, Severity

ABSTRACT_LIMIT = 1200
SHORT_ABSTRACT_LIMIT = 360
"""Characters of an abstract that are shown: where works are discussed, and where they are mentioned."""
REASON_LIMIT = 400
FAILURES_SHOWN = 3
NEAREST_SHOWN = 4
COUNTED = ("plan.", "runs.", "sesoi.", "verdicts.", "time.", "rss.", "search.")
TESTS = ("effect", "padj", "p", "perm", "tostadj", "tost", "g", "n")


def study(dossier: Dossier) -> dict[str, Any]:
    """What the prompts say of the study: plain values, and lines that each name a quantity or a claim."""
    f = Facts(dossier)
    idea, plan = f.idea, f.plan
    return {
        "topic": dossier.topic,
        "question": plan.question,
        "hypothesis": plan.hypothesis,
        "because": idea.because,
        "intervention": idea.intervention,
        "kind": plan.kind.value.replace("_", " "),
        "datasets": [_dataset(f, name) for name in plan.datasets],
        "metrics": [_metric(f, name) for name in plan.metrics],
        "conditions": [_condition(f, c) for c in plan.conditions],
        "counts": [_printed(q, told=q.label) for q in f.quantities.values() if _counts(q)],
        "stopping_rule": plan.stopping_rule,
        "extended": dossier.extended,
        "brought": dossier.brought,
        "short": f.short,
        "extended_because": _extended_because(dossier),
        "settings": [_printed(q) for q in f.quantities.values() if _shared_setting(f, q)],
        "comparisons": [_comparison(f, c) for c in plan.contrasts],
        "guards": _guards(dossier),
        "claims": [_claim(f, c) for c in dossier.evidence.claims],
        "warnings": dossier.evidence.warnings,
        "means": _means(f),
        "single": _single(f),
    }


def authored(dossier: Dossier, about: Iterable[str]) -> list[tuple[str, str]]:
    """The template author's sentences on some subjects, with their settings and citations as commands."""
    f = Facts(dossier)
    text = f.spec.text
    known = {
        "background": text.background,
        "problem": text.problem,
        "method": text.method,
        "data": text.data,
        "measurement": text.measurement,
        "limits": text.limitations,
        "meaning": (f.implication(),) if f.primary and f.implication() else (),
    }
    told = [(subject, " ".join(s.text for s in f.authored(known[subject]))) for subject in about]
    return [(subject.capitalize(), sentences) for subject, sentences in told if sentences]


def records(dossier: Dossier, *, short: bool = False) -> Material:
    """The records that may be cited, each with what may be said of it."""
    vouched = {entry.id: entry.claim for entry in dossier.template.related}
    limit = SHORT_ABSTRACT_LIMIT if short else ABSTRACT_LIMIT
    citable = (r for r in dossier.references if not (r.paper.retracted or r.paper.withdrawn))
    items = [_record(r, vouched.get(r.related or "", ""), limit) for r in citable]
    return Material(name="records", items=tuple(items) or ("No record was found: cite nothing.",))


def novelty(dossier: Dossier) -> Material:
    """What the search found about the novelty of the idea, and where it looked."""
    report = dossier.chosen.novelty
    sources = sorted({s.source.replace("_", " ") for s in dossier.searches if not s.error})
    near = [f"near to it: {n.title}" + (f" ({n.key})" if n.key else "") for n in report.nearest[:NEAREST_SHOWN]]
    searched = f"sources that answered: {', '.join(sources) or 'none'}"
    return Material(
        name="novelty", items=("\n".join((f"{report.verdict}: {report.reason}", searched, *near)),), essential=True
    )


def failures(dossier: Dossier) -> Material:
    """Why runs failed: the end of each distinct account."""
    reasons = dict.fromkeys(r.run.reason[-REASON_LIMIT:] for r in dossier.runs if r.run.status is not RunStatus.OK)
    return Material(name="failures", items=tuple(r for r in reasons if r.strip())[:FAILURES_SHOWN])


def remarks(dossier: Dossier) -> Material:
    """What the reviewer of the last draft found wanting."""
    told = [f.message for f in dossier.findings if f.severity is not Severity.NOTE]
    if dossier.review is not None:
        told += [p.text for p in dossier.review.weaknesses]
        told += [f"Question: {q}" for q in dossier.review.questions]
    return Material(name="remarks", items=tuple(dict.fromkeys(told)) or ("No remark.",), essential=True)


def as_text(section: Section) -> str:
    """A section as running text."""
    return "\n\n".join(" ".join(s.text for s in paragraph) for paragraph in section.paragraphs)


def numbered(section: Section) -> str:
    """A section with a number before each sentence and its claims behind it."""
    lines, number = [], 0
    for paragraph in section.paragraphs:
        for sentence in paragraph:
            number += 1
            claims = f" [{', '.join(sentence.claims)}]" if sentence.claims else ""
            lines.append(f"{section.name} {number}: {sentence.text}{claims}")
        lines.append("")
    return "\n".join(lines).strip()


def numbered_draft(sections: Iterable[Section], own: Container[str]) -> str:
    """A draft with numbers before the sentences that may be changed: those of the sections ``own``."""
    return "\n\n".join(f"## {s.title}\n{numbered(s) if s.name in own else as_text(s)}" for s in sections)


# ------------------------------------------------------------------------------------------- lines


def _shown(q: Quantity, *, unit: bool = True) -> str:
    """What a quantity prints, its unit, and its interval; not the value of what differs between runs."""
    if q.volatile:
        return "(known when printed)" + (f" {q.unit}" if q.unit else "")
    parts = [_plain(q.display)]
    if unit and q.unit and q.unit not in ("fraction", "share"):
        parts.append(q.unit)
    if q.display_interval:
        parts.append(_plain(q.display_interval))
    return " ".join(parts)


def _printed(q: Quantity, told: str = "") -> str:
    return f"{q.id} {_shown(q)}" + (f" ({told})" if told else "")


def _plain(display: str) -> str:
    return display.replace("$-$", "-").replace("$", "").replace("\\%", "%")


def _counts(q: Quantity) -> bool:
    """Whether a quantity belongs to the study as a whole; a condition's completed runs are told beside its means."""
    return q.id.startswith(COUNTED) and not q.id.startswith("runs.ok.")


def _shared_setting(f: Facts, q: Quantity) -> bool:
    return q.id.startswith("cfg.") and q.id.removeprefix("cfg.") not in f.studied


def _comparison(f: Facts, contrast: Contrast) -> str:
    weights = ", ".join(f"{weight:+.3g} {condition}" for condition, weight in contrast.weights.items())
    planned = f"confirmatory, {contrast.role}" if contrast.confirmatory else "exploratory"
    return f"{contrast.id} ({planned}): {contrast.label}; {contrast.metric}, {contrast.dataset}; weights {weights}"


def _extended_because(dossier: Dossier) -> str:
    cause = dossier.amendment.cause if dossier.amendment is not None else None
    return "" if cause is None else WHY_EXTENDED[cause]


def _guards(dossier: Dossier) -> list[str]:
    """How runs were kept honest."""
    if dossier.brought:
        return [
            "the results were GIVEN by the user and not run by this system; they were there before the plan. Never "
            "write that we ran or trained anything, that runs were sandboxed, or that the study was pre-registered"
        ]
    boxed = "each run had a sandbox of its own without network access"
    told = [boxed if dossier.sandbox != "none" else "runs were not sandboxed"]
    if dossier.template.locked:
        told.append("data, splits and metrics live in a file that is restored and checked by its hash before each run")
        told.append("the test split is read by the confirmatory runs only")
    return [*told, "a failed run is neither repeated nor replaced", *_search(dossier)]


def _search(dossier: Dossier) -> list[str]:
    """What the search before the plan was, so that its scores are not taken for evidence."""
    e = dossier.explored
    if e is None:
        return []
    found = "the study tests what it found" if e.found_id else "nothing scored above the baseline"
    told = f"a search by the strategy {e.strategy.replace('_', ' ')} came before the plan"
    return [f"{told}, exploratory and on validation data; {found}"]


def _dataset(f: Facts, name: str) -> str:
    found = next((d for d in f.spec.datasets if d.name == name), None)
    return f"{name} ({found.label}: {found.description or found.label})" if found else name


def _metric(f: Facts, name: str) -> str:
    spec: MetricSpec | None = next((m for m in f.spec.metrics if m.name == name), None)
    if spec is None:
        return name
    parts = [f"{'lower' if spec.goal == 'min' else 'higher'} is better"]
    if name == f.plan.metric:
        parts.append("the metric of the question")
    if spec.censored:
        parts.append("a run that misses the mark counts with its whole budget")
    unit = f" in {spec.unit}" if spec.unit else ""
    return f"{name} = {spec.label}{unit} ({', '.join(parts)}{': ' + spec.description if spec.description else ''})"


def _condition(f: Facts, condition: Condition) -> str:
    labels = {x.name: x.label for x in f.spec.factors}
    levels = [
        rf"{labels.get(name, name)} \val{{{q.id}}} (prints {_plain(q.display)})"
        for name in condition.settings
        if (q := f.quantities.get(f"level.{condition.id}.{name}")) is not None
    ]
    baseline = " [baseline]" if condition.baseline else ""
    return f"{condition.id}: {', '.join(levels) or condition.label}{baseline}"


def _claim(f: Facts, claim: Claim) -> str:
    """A claim in three lines: what is compared, what came out, and the numbers."""
    contrast = f.contrasts.get(claim.contrast)
    label = contrast.label if contrast else claim.contrast
    planned = f"confirmatory, {contrast.role}" if contrast and claim.confirmatory else "exploratory"
    judged = {True: ", better", False: ", worse", None: ""}[claim.better]
    numbers = [_printed(q) for kind in TESTS if (q := f.quantities.get(f"{kind}.{claim.contrast}")) is not None]
    labels = {m.name: m.label for m in f.spec.metrics}
    hypothesised = "" if claim.hypothesised == "none" else f"hypothesised {claim.hypothesised}; "
    lines = [
        f"{claim.id} [{planned}] {label}: {labels.get(claim.metric, claim.metric)}, {claim.dataset}",
        f"  {hypothesised}observed {claim.observed}{judged}; "
        f"{'significant' if claim.significant else 'not significant'}; verdict {claim.verdict.value}",
        f"  {' | '.join(numbers)}" if numbers else f"  {claim.statement}",
    ]
    return "\n".join(lines)


def _means(f: Facts) -> list[str]:
    """A grid for each data set: a line a condition, a column a metric."""
    cells = [q for q in f.quantities.values() if q.kind == "mean"]
    lines = []
    for dataset in dict.fromkeys(q.dataset for q in cells):
        metrics = list(dict.fromkeys(q.metric for q in cells if q.dataset == dataset))
        lines.append(f"D = {dataset}; M = {' | '.join(str(m) for m in metrics)}")
        for condition in f.plan.conditions:
            row = [_cell(f, f"{condition.id}.{dataset}.{metric}") for metric in metrics]
            lines.append(f"C = {condition.id}: {' | '.join(row)}")
    return lines


def _cell(f: Facts, place: str) -> str:
    mean = f.quantities.get(f"mean.{place}")
    if mean is None:
        return "none"
    missed = f.count(f"censored.{place}")
    return _shown(mean, unit=False) + (f" ({missed:g} missed the mark)" if missed else "")


def _single(f: Facts) -> list[str]:
    """The question's metric of every run, in the order of the seeds."""
    lines = []
    for dataset in f.plan.datasets:
        for condition in f.plan.conditions:
            runs = sorted((r for r in f.d.runs if r.run.condition == condition.id), key=lambda r: r.run.seed)
            found = [r.results[dataset].means.get(f.plan.metric) for r in runs if dataset in r.results]
            values = [f"{v:.6g}" for v in found if v is not None]
            if values:
                lines.append(f"{f.plan.metric}, {dataset}, {condition.id}: {', '.join(values)}")
    return lines


def _record(reference: Reference, vouched: str, limit: int) -> str:
    paper = reference.paper
    authors = ", ".join(paper.authors[:3]) + (" et al." if len(paper.authors) > 3 else "")
    lines = [f"{reference.key}: {authors or 'authors unknown'} ({paper.year or 'year unknown'}). {paper.title}."]
    if vouched:
        lines.append(f"Vouched: {vouched.replace('{cite}', '(this work)')}")
    if paper.abstract.strip():
        lines.append(f"Abstract: {_clipped(' '.join(paper.abstract.split()), limit)}")
    return "\n".join(lines)


def _clipped(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit].rsplit(" ", 1)[0] + " ..."
