"""One self-contained HTML page of a search: its tree, and of each step what it changed, measured and said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jinja2

from scientist.search.candidate import difference
from scientist.search.step import FAILED, Step

ACROSS, DOWN, MARGIN, RADIUS = 46, 64, 30, 11
"""Pixels between neighbouring steps, between generations, around the tree, and of a step."""
MOST_DIFFERENCE = 20_000
"""Characters of a difference that are shown."""

Files = Callable[[str], Mapping[str, str]]
"""The files of a candidate, by its id."""


@dataclass(frozen=True)
class Place:
    """Where a step stands in the drawing, in pixels."""

    x: int
    y: int


def page(
    facts: Mapping[str, Any],
    steps: Sequence[Step],
    files: Files,
    *,
    title: str,
    about: Mapping[str, str] | None = None,
    winner: int | None = None,
) -> str:
    """The page as HTML that loads nothing else; without JavaScript every step can still be read below the tree.

    ``facts`` are the archive's, ``about`` further lines for the head (what a score is, say), ``winner`` the step that
    the search chose in the end (the highest score if not given).
    """
    places = layout(steps)
    best = best_path(steps, winner)
    shown = [_shown(step, steps, files, places[step.number], step.number in best) for step in steps]
    edges = [
        {"a": places[s.parents[0]], "b": places[s.number], "best": s.number in best and s.parents[0] in best}
        for s in steps
        if s.parents
    ]
    width = max((p.x for p in places.values()), default=0) + MARGIN
    height = max((p.y for p in places.values()), default=0) + MARGIN
    return _template().render(
        title=title, facts=dict(facts), about=dict(about or {}), steps=shown, edges=edges, width=width, height=height,
        radius=RADIUS, winner=best[-1] if best else None, counts=_counts(steps),
    )  # fmt: skip


def best_path(steps: Sequence[Step], winner: int | None = None) -> tuple[int, ...]:
    """The numbers from the root to the winner, or else to the step with the highest score, the earliest of equals."""
    scored = [s for s in steps if s.scored and s.score is not None and winner in (None, s.number)]
    if not scored:
        return ()
    path = [max(scored, key=lambda s: (s.score or 0.0, -s.number))]
    while path[-1].parents:
        path.append(steps[path[-1].parents[0]])
    return tuple(s.number for s in reversed(path))


def layout(steps: Sequence[Step]) -> dict[int, Place]:
    """A tidy tree: leaves side by side in the order of their branches, a parent over the middle of its children."""
    children: dict[int, list[int]] = {}
    depth: dict[int, int] = {}
    for step in steps:
        parent = step.parents[0] if step.parents else None
        depth[step.number] = 0 if parent is None else depth[parent] + 1
        if parent is not None:
            children.setdefault(parent, []).append(step.number)
    across: dict[int, float] = {}
    leaf = 0
    for number in _postorder([s.number for s in steps if not s.parents], children):
        below = [across[c] for c in children.get(number, ())]
        across[number] = (below[0] + below[-1]) / 2 if below else float(leaf)
        leaf += not below
    return {n: Place(MARGIN + round(x * ACROSS), MARGIN + depth[n] * DOWN) for n, x in across.items()}


def _postorder(roots: Sequence[int], children: Mapping[int, Sequence[int]]) -> list[int]:
    """Children before their parents, branch by branch; a stack, for a lineage may be long."""
    order: list[int] = []
    stack = [(root, False) for root in reversed(roots)]
    while stack:
        number, done = stack.pop()
        if done:
            order.append(number)
            continue
        stack.append((number, True))
        stack += [(child, False) for child in reversed(children.get(number, ()))]
    return order


def _shown(step: Step, steps: Sequence[Step], files: Files, place: Place, best: bool) -> dict[str, Any]:
    """What the page says of a step."""
    return {
        "step": step,
        "place": place,
        "best": best,
        "state": _state(step),
        "score": "" if step.score is None else f"{step.score:.6g}",
        "metrics": {name: f"{value:.6g}" for name, value in sorted(step.metrics.items())},
        "change": _change(step, steps, files),
    }


def _state(step: Step) -> str:
    if step.scored:
        return "ok"
    return "failed" if step.status in FAILED else "other"


def _change(step: Step, steps: Sequence[Step], files: Files) -> str:
    """What the step changed of its first parent, as a difference."""
    parent = steps[step.parents[0]].candidate if step.parents else None
    if step.candidate is None or parent is None or parent == step.candidate:
        return ""
    text = difference(files(parent), files(step.candidate))
    return text if len(text) <= MOST_DIFFERENCE else f"{text[:MOST_DIFFERENCE]}\n… (cut)\n"


def _counts(steps: Sequence[Step]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for step in steps:
        counts[step.status] = counts.get(step.status, 0) + 1
    return counts


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("scientist.search", "."),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2")
