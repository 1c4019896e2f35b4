"""Panels of two metrics against each other, with the front of what is not dominated, and of runs that reach a mark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.ticker import MaxNLocator

from scientist.analysis.design import legend_names
from scientist.analysis.panels import error_bar
from scientist.analysis.sheet import AXIS_CHARACTERS, UP_CHARACTERS, Mark, Panel, metric_axis, named, room
from scientist.analysis.style import GREY, PALE, plain
from scientist.types import Condition, MetricSpec

BETTER = {"max": "higher is better", "min": "lower is better"}


def trade_off(panel: Panel, metric: str, second: str) -> None:
    """Each condition's means as a cross of intervals, its runs as small marks, and the front of the best means."""
    axes, scene = panel.axes, panel.scene
    drawn: list[Mark] = []
    for c in scene.seen.plan.conditions:
        style = scene.look(c)
        for m in _both(panel, c, metric, second):
            axes.plot([_at(m)], [m.value], style.marker, color=style.colour, markersize=2.8, alpha=0.6,
                      markeredgewidth=0, zorder=2)  # fmt: skip
        across, up = scene.mean(c, panel.dataset, metric), scene.mean(c, panel.dataset, second)
        if across is None or up is None:
            continue
        mark = panel.mark("mean", c.id, scene.metric(second), float(up.value), label=c.label, low=up.low, high=up.high,
                          level=up.level, n=up.n, x_name=named(scene.metric(metric)), x=float(across.value),
                          x_low=across.low, x_high=across.high)  # fmt: skip
        bare = style._replace(marker="none")
        error_bar(axes, mark, float(up.value), bare, horizontal=True, along_x=True, limits=scene.limits(metric))
        error_bar(axes, mark, float(across.value), bare, horizontal=False, limits=scene.limits(second))
        drawn.append(mark)
    best = front(drawn, scene.metric(metric).goal, scene.metric(second).goal)
    by_id = {c.id: c for c in scene.seen.plan.conditions}
    names = legend_names(scene.seen.plan, scene.spec)[1]
    for m in drawn:
        style = scene.look(by_id[m.series])
        axes.plot([_at(m)], [m.value], style.marker, color=style.colour, markersize=6, label=plain(names[m.series]),
                  markerfacecolor=style.colour if m in best else "white", linestyle="none", zorder=4)  # fmt: skip
    if len(best) > 1:
        xs, ys = [_at(m) for m in best], [m.value for m in best]
        axes.plot(xs, ys, color=GREY, linewidth=0.9, linestyle=(0, (4, 2)), zorder=1)
    for m in best:
        panel.drawing.marks.append(m._replace(part="front", low=None, high=None, x_low=None, x_high=None, level=None))
    axes.set_xlabel(_directed(scene.metric(metric), room(axes, AXIS_CHARACTERS)), linespacing=1.0)
    axes.set_ylabel(_directed(scene.metric(second), UP_CHARACTERS), linespacing=1.0)
    axes.grid(color=PALE, linewidth=0.5, zorder=0)
    axes.locator_params(nbins=6)


def front(marks: Sequence[Mark], x_goal: str, y_goal: str) -> list[Mark]:
    """The marks that no other betters in one metric without being worse in the other, by ascending x."""

    def gain(m: Mark) -> tuple[float, float]:
        return (_at(m) if x_goal == "max" else -_at(m)), (m.value if y_goal == "max" else -m.value)

    def dominated(m: Mark) -> bool:
        own = gain(m)
        return any(o != own and o[0] >= own[0] and o[1] >= own[1] for o in map(gain, marks))

    return sorted((m for m in marks if not dominated(m)), key=lambda m: (_at(m), m.value))


def reached(panel: Panel, metric: str) -> None:
    """How many of the runs of each condition had reached the mark by then; the rest end open at their budget."""
    axes, scene = panel.axes, panel.scene
    spec, budget = scene.metric(metric), scene.budget(metric)
    most, names = 0, legend_names(scene.seen.plan, scene.spec)[1]
    conditions = scene.seen.plan.conditions
    for k, c in enumerate(conditions):
        values = scene.seen.values(c.id, panel.dataset, metric)
        if not values:
            continue
        missed = scene.unreached(c, panel.dataset, metric)
        times = sorted(v for s, v in values.items() if s not in missed)
        # Lines of equal height are drawn a little apart, so that each is seen.
        lift = 0.05 * (k - (len(conditions) - 1) / 2)
        end = budget if budget is not None else max(values.values())
        told: dict[str, Any] = {"label": c.label, "n": len(values), "x_name": named(spec)}
        marks = [panel.mark("curve", c.id, COUNT, 0.0, x=0.0, **told)]
        marks += [panel.mark("curve", c.id, COUNT, i, x=t, **told) for i, t in enumerate(times, 1)]
        marks.append(panel.mark("curve", c.id, COUNT, len(times), x=end, note=f"{len(missed)} not reached", **told))
        style = scene.look(c)
        axes.step([_at(m) for m in marks], [m.value + lift for m in marks], where="post", color=style.colour,
                  linestyle=style.dash, label=plain(names[c.id]), zorder=3)  # fmt: skip
        axes.plot(times, [m.value + lift for m in marks[1:-1]], style.marker, color=style.colour, zorder=4)
        if missed:
            axes.plot([end], [len(times) + lift], style.marker, color=style.colour, markerfacecolor="white", zorder=4,
                      clip_on=False)  # fmt: skip
        most = max(most, len(values))
    if budget is not None:
        axes.axvline(budget, color=GREY, linewidth=0.8, linestyle=(0, (1, 1.5)), zorder=1)
    axes.set_ylim(-0.3, most + 0.3)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axes.set_xlabel(metric_axis(axes, spec))
    axes.set_ylabel("runs that\nreached the mark", linespacing=1.0)
    axes.grid(color=PALE, linewidth=0.5, zorder=0)


COUNT = MetricSpec.model_construct(
    name="runs", goal="max", label="runs that reached the mark", unit="runs", minimum=0.0, maximum=None
)


def _both(panel: Panel, c: Condition, metric: str, second: str) -> list[Mark]:
    """The runs of a condition that measured both metrics."""
    scene = panel.scene
    x, y = (scene.seen.values(c.id, panel.dataset, m) for m in (metric, second))
    return [
        panel.mark("run", c.id, scene.metric(second), y[s], label=c.label, seed=s, x=x[s],
                   x_name=named(scene.metric(metric)))
        for s in sorted(set(x) & set(y))
    ]  # fmt: skip


def _at(mark: Mark) -> float:
    assert isinstance(mark.x, int | float), "both axes are scales"
    return mark.x


def _directed(metric: MetricSpec, characters: int) -> str:
    """The metric's name with the direction that is wanted, which is broken off where it does not fit."""
    name, wanted = named(metric), f"({BETTER[metric.goal]})"
    return plain(name, characters) + (" " if len(name) + len(wanted) < characters else "\n") + wanted
