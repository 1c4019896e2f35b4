"""Looks at a manuscript's figures with a model that sees, and words what is wrong with them as weaknesses."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, create_model

from scientist.errors import BudgetSpent, ReplyInvalid
from scientist.mind.reading import clip, squeeze
from scientist.models.base import Asker
from scientist.prompts import Material, Prompt, render
from scientist.types import Float, Manuscript, Point, ReviewForm, Span

_MOST = 6


def look(asker: Asker, manuscript: Manuscript, form: ReviewForm, notes: list[str]) -> tuple[Point, ...]:
    """Weaknesses of the figures and tables, each at its caption, the grave ones first; what kept the model from
    looking is added to ``notes``."""
    if not manuscript.floats:
        return ()
    if not manuscript.pictures or not asker.sees("review"):
        why = "the model reads text only" if not asker.sees("review") else "no pages were drawn"
        notes.append(f"The figures were not looked at: {why}.")
        return ()
    images = tuple(Path(p.file) for p in manuscript.pictures)
    floats = _shown(manuscript)
    try:
        reply: Any = asker.ask(look_prompt(manuscript, form), _observations(floats), images=images, max_tokens=1200)
    except (ReplyInvalid, BudgetSpent) as e:
        why = "the budget ended" if isinstance(e, BudgetSpent) else "the model's replies stayed invalid"
        notes.append(f"The figures were not looked at: {why}.")
        return ()
    found = sorted((o for o in reply.observations if o.problem.strip()), key=lambda o: not o.grave)
    return tuple(_point(o, floats) for o in found[:_MOST])


def look_prompt(manuscript: Manuscript, form: ReviewForm) -> Prompt:
    """The prompt that goes with the pages."""
    captions = "\n".join(f"{f.label}: {squeeze(f.caption)}" for f in _shown(manuscript).values())
    return render(
        "review/look",
        materials=(Material(name="captions", items=(captions,), essential=True),),
        venue=form.venue,
        pages=", ".join(f"page {p.page}" for p in manuscript.pictures),
    )


def _shown(manuscript: Manuscript) -> dict[str, Float]:
    """The floats on the pages that are shown, by label; all of them where no caption's page is known."""
    pages = {p.page for p in manuscript.pictures}
    here = {f.label: f for f in manuscript.floats if f.page in pages}
    return here or {f.label: f for f in manuscript.floats}


def _observations(floats: dict[str, Float]) -> type[BaseModel]:
    label: Any = Literal[tuple(floats)]
    observation = create_model("Observation", label=(label, ...), problem=(str, ...), grave=(bool, ...))
    listed: Any = list[observation]  # type: ignore[valid-type]
    return create_model("Observations", observations=(listed, ...))


def _point(observation: Any, floats: dict[str, Float]) -> Point:
    shown = floats[observation.label]
    text = f"{shown.label}: {squeeze(observation.problem)}"
    return Point(
        text=text if observation.grave else f"Minor: {text}",
        span=Span(text=clip(f"{shown.label}: {shown.caption}"), page=shown.page),
        check="figure",
    )
