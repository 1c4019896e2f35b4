"""Reviews many manuscripts at the same time and writes each review's files; a bad one does not stop the rest."""

from __future__ import annotations

import csv
import io
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from scientist.config import RunConfig
from scientist.errors import ManuscriptError, ScientistError
from scientist.review.desk import Reviewed, model_of, review_file
from scientist.review.form import form_for
from scientist.review.render import rebuttal_markdown, to_markdown
from scientist.review.workers import MEMORY_BYTES, each
from scientist.types import Frozen, Review, ReviewForm, Severity, Usage
from scientist.workspace import canonical_json, write_text

Emit = Callable[..., None]

SECONDS, SECONDS_WITH_MODEL = 300.0, 3600.0
"""Time after which one manuscript of many is given up; with a model, the time between two of its calls."""


class Order(NamedTuple):
    """What is to be done with one manuscript. ``folder`` is where its files go, None for none."""

    path: Path
    name: str
    config: RunConfig
    venue: str
    folder: Path | None = None
    markdown: bool = True
    html: bool = False
    annotate: bool = False
    rebuttal: bool = False


class Outcome(Frozen):
    """What came of one manuscript: its review and the files written, or the problem that left none."""

    file: str
    name: str
    review: Review | None = None
    title: str = ""
    pages: int | None = None
    text: str = ""
    """The review as Markdown."""
    written: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    """What was asked for beside the review and could not be done."""
    usage: Usage = Usage()
    seconds: float = 0.0
    problem: str = ""
    hint: str = ""
    exit_code: int = 0

    def record(self) -> dict[str, Any]:
        """The JSON of this manuscript."""
        if self.review is None:
            return {"file": self.file, "error": self.problem}
        return {"file": self.file, **self.review.model_dump(mode="json")}


def carry_out(order: Order, emit: Emit = lambda *_, **__: None) -> Outcome:
    """Review one manuscript and write its files. Raises what ``review_file`` raises."""
    begun = time.monotonic()
    calls = order.folder / f"{order.name}.calls" if order.folder and order.markdown else None
    reviewed = review_file(
        order.path, order.config, venue=order.venue, record=calls, rebuttal=order.rebuttal, emit=emit
    )
    form = form_for(order.venue)
    text = to_markdown(reviewed.review, reviewed.manuscript, form)
    if reviewed.rebuttal:
        text += "\n" + rebuttal_markdown(reviewed.rebuttal)
    outcome = Outcome(
        file=str(order.path),
        name=order.name,
        review=reviewed.review,
        title=reviewed.manuscript.title,
        pages=reviewed.manuscript.pages,
        text=text,
        usage=reviewed.usage,
    )
    written, told = _write(order, reviewed, outcome, form)
    return outcome.model_copy(update={"written": written, "told": told, "seconds": time.monotonic() - begun})


def review_many(
    orders: Sequence[Order],
    *,
    jobs: int | None = None,
    seconds: float | None = None,
    emit: Emit = lambda *_, **__: None,
) -> Iterator[Outcome]:
    """Carry out all orders, ``jobs`` at the same time; what came of each is yielded as it ends.

    ``jobs`` is by default one a core, and one where a model judges. A manuscript that cannot be read, takes more than
    ``seconds`` or takes its process with it is yielded with its problem.
    """
    asks = any(model_of(o.config) is not None for o in orders)
    done = each(
        orders,
        _boundary,
        jobs=min(jobs or (1 if asks else cores()), len(orders)),
        seconds=seconds or (SECONDS_WITH_MODEL if asks else SECONDS),
        emit=emit,
        memory=None if asks else MEMORY_BYTES,
    )
    for place, outcome, problem in done:
        order = orders[place]
        yield outcome or Outcome(file=str(order.path), name=order.name, problem=problem, exit_code=1)


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _boundary(order: Order, emit: Emit) -> Outcome:
    """An error that a user can cause is that manuscript's outcome; any other is told by the worker."""
    try:
        return carry_out(order, emit)
    except ScientistError as e:
        return refused(order, e)


def refused(order: Order, error: ScientistError) -> Outcome:
    """The outcome of a manuscript that an error left without a review."""
    return Outcome(
        file=str(order.path), name=order.name, problem=error.message, hint=error.hint, exit_code=error.exit_code
    )


def _write(
    order: Order, reviewed: Reviewed, outcome: Outcome, form: ReviewForm
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The files written, and what could not be."""
    if order.folder is None:
        return (), ()
    order.folder.mkdir(parents=True, exist_ok=True)
    texts: dict[str, str] = {}
    if order.markdown:
        texts["review.md"] = outcome.text
        texts["review.json"] = canonical_json(outcome.record(), indent=2) + "\n"
        if reviewed.rebuttal:
            texts["rebuttal.md"] = rebuttal_markdown(reviewed.rebuttal)
    if order.html:
        from scientist.review.html import to_html

        texts["review.html"] = to_html(reviewed.review, reviewed.manuscript, form, rebuttal=reviewed.rebuttal)
    files = {order.folder / f"{order.name}.{ending}": text for ending, text in texts.items()}
    for file, text in files.items():
        write_text(file, text)
    written = tuple(map(str, files))
    if not order.annotate:
        return written, ()
    if reviewed.manuscript.format != "pdf":
        return written, ("only PDFs are annotated",)
    from scientist.review.annotate import annotate

    try:
        copy = annotate(order.path, order.folder / f"{order.name}.annotated.pdf", reviewed.review)
    except ManuscriptError as e:
        return written, (e.message,)
    return (*written, str(copy)), ()


# ------------------------------------------------------------------------------------------- summary


def summary(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """One row a manuscript, the best first, those without a review last."""
    ranked = sorted(outcomes, key=lambda o: (o.review is None, -(o.review.overall if o.review else 0.0), o.file))
    return [_row(o) for o in ranked]


def _row(outcome: Outcome) -> dict[str, Any]:
    review = outcome.review
    findings = review.findings if review else ()

    def count(severity: Severity) -> int | None:
        return sum(f.severity is severity for f in findings) if review else None

    return {
        "file": outcome.file,
        "name": outcome.name,
        "title": outcome.title,
        "decision": review.decision if review else None,
        "overall": review.overall if review else None,
        "accept_probability": review.accept_probability if review else None,
        "errors": count(Severity.ERROR),
        "warnings": count(Severity.WARNING),
        "notes": count(Severity.NOTE),
        "pages": outcome.pages,
        "seconds": round(outcome.seconds, 2),
        "problem": outcome.problem,
    }


def as_csv(rows: Sequence[dict[str, Any]]) -> str:
    """The rows as CSV. Titles are strangers' text: none is taken for a formula by a spreadsheet."""
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({k: _harmless(v) for k, v in row.items()})
    return out.getvalue()


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def write_summary(rows: Sequence[dict[str, Any]], folder: Path, *, html: bool) -> tuple[Path, ...]:
    """Write the summary of many reviews beside them, as CSV and JSON, and as a page that links to theirs."""
    texts = {"summary.csv": as_csv(rows), "summary.json": canonical_json(list(rows), indent=2) + "\n"}
    if html:
        from scientist.review.html import summary_html

        texts["index.html"] = summary_html(rows, linked=True)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        write_text(folder / name, text)
    return tuple(folder / name for name in texts)
