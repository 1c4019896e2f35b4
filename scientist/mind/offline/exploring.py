"""The offline mind's moves in a search over experiments: a pure function of what it is asked and the step's rng."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from scientist.mind.base import Exploration
from scientist.mind.configuration import SETTINGS, Levels, levels_of, moved, neighbours, settings_text
from scientist.mind.offline.wording import level_text
from scientist.search.edit import Edit
from scientist.search.loop import ProposalFailed
from scientist.types import FactorSpec, HypothesisSpec, Setting

BY_HYPOTHESIS = 0.5
"""How often a draft follows the template's hypotheses instead of chance."""
DRAWS = 60
"""Drafts that are drawn before it is said that nothing is left to try."""
FOCUS, NAMED, OTHER = 4.0, 2.0, 1.0
"""Weights of a factor: the idea's own, one that a hypothesis on the metric names, any other."""


def propose(asked: Exploration) -> Edit:
    """One change by the operator that is asked for, to levels that were not tried; a draft where none is left."""
    moves = {"draft": _drafts, "improve": _improvements, "tune": _tunings, "debug": _mendings, "ablate": _ablations}
    view = _View(asked)
    for operator in (asked.request.operator, "improve", "draft"):
        move = moves.get(operator, _improvements)
        if (edit := _first_untried(view, move)) is not None:
            return edit
    raise ProposalFailed("every configuration that was drawn had been tried")


class _View:
    """What the moves look at: the parent's levels, the baseline's, and the levels that were tried."""

    def __init__(self, asked: Exploration) -> None:
        self.asked = asked
        self.spec = asked.template
        self.rng = asked.request.rng
        self.parent = asked.request.parents[0].candidate
        self.levels = levels_of(self.parent)
        self.usual = levels_of(asked.first)
        self.changed = moved(self.levels, self.usual)
        self.code = {p: t for p, t in self.parent.files.items() if p != SETTINGS}
        self.tried = {k.candidate.id for k in asked.tried}

    def edit(self, levels: Levels, why: str) -> Edit | None:
        """The edit, if its result is new."""
        text = settings_text(levels)
        new = type(self.parent)(files={**self.parent.files, SETTINGS: text})
        return None if new.id in self.tried or new.id == self.parent.id else Edit(why=why, files={SETTINGS: text})

    def weight(self, factor: FactorSpec) -> float:
        idea = self.asked.idea
        if factor.name in (idea.factor, idea.moderator):
            return FOCUS
        return (
            NAMED if any(h.factor == factor.name and h.metric == idea.metric for h in self.spec.hypotheses) else OTHER
        )


Move = Callable[[_View], Iterator[Edit | None]]


def _first_untried(view: _View, move: Move) -> Edit | None:
    return next((edit for edit in move(view) if edit is not None), None)


# ------------------------------------------------------------------------------------------- the moves


def _improvements(v: _View) -> Iterator[Edit | None]:
    """One factor at another level; the idea's factor and those that bear on its metric are likelier."""
    pairs = [(f, level) for f in v.spec.factors for level in f.levels if level != v.levels[f.name]]
    return _by_weight(v, pairs)


def _tunings(v: _View) -> Iterator[Edit | None]:
    """An ordered factor at the level next to its own."""
    return _by_weight(v, [(f, level) for f in v.spec.factors for level in neighbours(f, v.levels[f.name])])


def _ablations(v: _View) -> Iterator[Edit | None]:
    """One factor back at the baseline: is it needed?"""
    return _by_weight(v, [(v.spec.factor(name), v.usual[name]) for name in v.changed])


def _mendings(v: _View) -> Iterator[Edit | None]:
    """Of what failed, one change undone: the code first, if it was changed, else a factor."""
    original = {p: v.asked.first.files[p] for p in v.code}
    if v.code != original:
        yield Edit(why="the code as it was, for the changed code failed", files=original)
    for name in v.rng.sample(sorted(v.changed), len(v.changed)):
        usual = v.usual[name]
        yield v.edit({**v.levels, name: usual}, f"undone: {_step(v, name, usual)}")


def _drafts(v: _View) -> Iterator[Edit | None]:
    """Another region: some factors where the template's hypotheses expect a gain, or all of them by chance."""
    hopeful = [h for h in v.spec.hypotheses if h.metric == v.asked.idea.metric]
    for _ in range(DRAWS):
        if hopeful and v.rng.random() < BY_HYPOTHESIS:
            chosen = v.rng.sample(hopeful, v.rng.randint(1, min(3, len(hopeful))))
            levels = v.usual | {h.factor: _hoped(v, h) for h in chosen}
            told = "where hypotheses expect a gain"
        else:
            levels = {f.name: v.rng.choice(f.levels) if v.rng.random() < 0.5 else v.usual[f.name]
                      for f in v.spec.factors}  # fmt: skip
            told = "drawn by chance"
        steps = "; ".join(f"{v.spec.factor(n).label} {level_text(x)}" for n, x in moved(levels, v.usual).items())
        yield v.edit(levels, f"{told}: {steps or 'the baseline'}")


def _hoped(v: _View, h: HypothesisSpec) -> Setting:
    """The end of a hypothesis at which the metric is expected to be better."""
    wanted = "increase" if v.spec.metric(h.metric).goal == "max" else "decrease"
    return h.treatment if h.direction == wanted else h.control


def _by_weight(v: _View, pairs: Sequence[tuple[FactorSpec, Setting]]) -> Iterator[Edit | None]:
    """The pairs in an order drawn without replacement by the weights of their factors."""
    left = list(pairs)
    while left:
        pick = v.rng.choices(range(len(left)), [v.weight(f) for f, _ in left])[0]
        factor, level = left.pop(pick)
        yield v.edit({**v.levels, factor.name: level}, _step(v, factor.name, level))


def _step(v: _View, name: str, level: Setting) -> str:
    return f"{v.spec.factor(name).label} {level_text(v.levels[name])} -> {level_text(level)}"
