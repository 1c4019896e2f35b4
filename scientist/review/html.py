"""A review, or the summary of many, as one HTML file that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import jinja2

from scientist.review.form import NEURIPS, meaning
from scientist.review.render import STANCES, cautions
from scientist.types import Manuscript, Review, ReviewForm, Severity

if TYPE_CHECKING:
    from scientist.mind.llm.rebuttal import Rebuttal
    from scientist.review.compare import Comparison

_HEADINGS = {Severity.ERROR: "Errors", Severity.WARNING: "Warnings", Severity.NOTE: "Notes"}


class _Score(NamedTuple):
    name: str
    score: float
    low: int
    high: int
    meaning: str
    reason: str

    @property
    def share(self) -> float:
        """How far along its scale the score lies, per cent."""
        return 100 * (self.score - self.low) / (self.high - self.low)


def to_html(
    review: Review, manuscript: Manuscript, form: ReviewForm = NEURIPS, *, rebuttal: Rebuttal | None = None
) -> str:
    """The page of one review. Everything from the manuscript is text there: none of it becomes markup or is loaded."""
    scores = [_score(review, form, field.name, field.low, field.high) for field in form.fields]
    overall = next(s for s in scores if s.name == "overall")
    return _render(
        "review.html.j2",
        review=review,
        manuscript=manuscript,
        form=form,
        overall=overall,
        accept_share=100 * (form.accept_at - overall.low) / (overall.high - overall.low),
        scores=[s for s in scores if s.name != "overall"],
        groups=[(s.value, name, [f for f in review.findings if f.severity is s]) for s, name in _HEADINGS.items()],
        rebuttal=rebuttal,
        stances=STANCES,
        cautions=cautions,
    )


def summary_html(rows: Sequence[dict[str, Any]], *, linked: bool) -> str:
    """The page of many reviews, each ``linked`` to its own page beside this one."""
    return _render("summary.html.j2", rows=rows, linked=linked, failed=sum(bool(r["problem"]) for r in rows))


def comparison_html(comparison: Comparison) -> str:
    """The page of two versions of a manuscript."""
    from scientist.review.compare import unlike

    return _render("comparison.html.j2", c=comparison, caution=unlike(comparison))


def _score(review: Review, form: ReviewForm, name: str, low: int, high: int) -> _Score:
    score = review.score(name)
    return _Score(name, score, low, high, meaning(form, name, score), review.rationale.get(name, ""))


def _render(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("scientist.review", "layout"),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
