"""The panel of a factor's levels: a metric against them, by the levels of another factor if there is one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes

from scientist.analysis.design import factor_spec, value_text
from scientist.analysis.panels import budget_line, dot, error_bar
from scientist.analysis.sheet import AXIS_CHARACTERS, Mark, Panel, Scene, cell, metric_axis, room, runs
from scientist.analysis.style import GREY, PALE, look, plain
from scientist.types import Condition, FactorSpec, Setting

TICK_CHARACTERS = 75
"""Characters that the tick labels of a panel as wide as the page can hold."""
CLOSEST = 0.13
"""Levels nearer than this share of the axis are drawn evenly spaced instead."""


def against_level(panel: Panel, metric: str, factors: Sequence[str]) -> None:
    """The metric against the levels of the first factor, one line for each level of the second, if there is one."""
    axes, scene = panel.axes, panel.scene
    spec = factor_spec(scene.spec, scene.seen.plan, factors[0])
    levels = _levels(scene, factors[0], spec.ordered)
    places, log, even = _scale(levels, spec)
    name = spec.label + (f" ({spec.unit})" if spec.unit and spec.unit not in spec.label else "")
    lines = _levels(scene, factors[1], True) if len(factors) > 1 else [None]
    for k, other in enumerate(lines):
        mine = [c for c in scene.seen.plan.conditions if other is None or _same(scene.level(c, factors[1]), other)]
        mine.sort(key=lambda c: places[_key(scene.level(c, factors[0]))])
        dodge = _dodge(k, len(lines), places, log)
        x = [dodge(places[_key(scene.level(c, factors[0]))]) for c in mine]
        # Single runs stand outside of the means of two lines, or below those of the only one.
        aside = _dodge(int(2 * k >= len(lines)) if len(lines) > 1 else 0, min(2, len(lines)), places, log)
        label = None
        if other is not None:
            second = factor_spec(scene.spec, scene.seen.plan, factors[1])
            label = plain(f"{second.label} {value_text(other)}")
        _line(panel, metric, mine, x, factors[0], name, label, k, aside, joined=spec.ordered)
    _level_axis(axes, levels, places, log=log)
    text = plain(name + (", levels evenly spaced" if even else ""), room(axes, AXIS_CHARACTERS))
    axes.set_xlabel(text, linespacing=1.0)
    axes.set_ylabel(metric_axis(axes, scene.metric(metric), up=True), linespacing=1.0)
    axes.grid(axis="y", color=PALE, linewidth=0.5, zorder=0)
    axes.locator_params(axis="y", nbins=6)
    budget_line(panel, metric, horizontal=True)


def _line(
    panel: Panel, metric: str, mine: Sequence[Condition], x: Sequence[float], factor: str, name: str, label: str | None,
    k: int, aside: Callable[[float], float], *, joined: bool,
) -> None:  # fmt: skip
    """One line of means with intervals, and the single runs: joined by seed where this is the only line."""
    axes, style = panel.axes, look(k)
    means: list[tuple[float, Mark]] = []
    singles: dict[int, list[tuple[float, float]]] = {}
    for at, c in zip(x, mine, strict=True):
        own = panel.scene.level(c, factor)
        for m in runs(panel, c, metric, x=own, x_name=name):
            singles.setdefault(int(m.seed or 0), []).append((aside(at), m.value))
            dot(axes, aside(at), m, size=2.4, colour=GREY if label is None else style.colour)
        mean = cell(panel, c, metric, x=own, x_name=name)
        if mean is not None:
            means.append((at, mean))
            error_bar(axes, mean, at, style, horizontal=False, limits=panel.scene.limits(metric))
    for line in singles.values() if label is None else ():
        axes.plot([p[0] for p in line], [p[1] for p in line], color=GREY, linewidth=0.5, alpha=0.6, zorder=2)
    dash = style.dash if joined or label is not None else "none"
    axes.plot([at for at, _ in means], [m.value for _, m in means], color=style.colour, linestyle=dash,
              marker=style.marker, label=label, zorder=3)  # fmt: skip


def _scale(levels: Sequence[Setting], spec: FactorSpec) -> tuple[dict[str, float], bool, bool]:
    """Where the levels stand, whether on a log axis, and whether evenly because they would crowd otherwise."""
    positive = [v for v in levels if isinstance(v, int | float) and v > 0]
    log = spec.ordered and spec.log_scale and len(positive) > 1
    if spec.ordered and len(levels) == 2:
        return _places(levels, ordered=False, log=False), False, False
    places = _places(levels, ordered=spec.ordered, log=log)
    if spec.ordered and _crowded(places, log):
        return _places(levels, ordered=False, log=False), False, True
    return places, log, False


def _levels(scene: Scene, factor: str, ordered: bool) -> list[Setting]:
    """The levels of a factor that the plan's conditions have; ascending where they are numbers."""
    found = {_key(v): v for c in scene.seen.plan.conditions if (v := scene.level(c, factor)) is not None}
    levels = list(found.values())
    if ordered and all(isinstance(v, int | float) for v in levels):
        levels.sort(key=float)
    return levels


def _same(a: Setting | None, b: Setting | None) -> bool:
    return _key(a) == _key(b)


def _key(value: Setting | None) -> str:
    return repr(float(value)) if isinstance(value, int | float) and not isinstance(value, bool) else repr(value)


def _places(levels: Sequence[Setting], *, ordered: bool, log: bool) -> dict[str, float]:
    """Where each level stands. On a log axis zero gets a place of its own, one step left of the smallest level."""
    if not ordered:
        return {_key(v): float(i) for i, v in enumerate(levels)}
    places = {_key(v): float(v) for v in levels}
    positive = sorted(v for v in places.values() if v > 0)
    if log and positive and min(places.values()) == 0:
        steps = [b / a for a, b in pairwise(positive)]
        places[_key(0.0)] = positive[0] / (float(np.exp(np.mean(np.log(steps)))) if steps else 10.0)
    return places


def _crowded(places: dict[str, float], log: bool) -> bool:
    """Whether levels stand so close that their labels would run into each other."""
    x = sorted(math.log(v) if log else v for v in places.values() if v > 0 or not log)
    return any(b - a < CLOSEST * (x[-1] - x[0]) for a, b in pairwise(x))


def _dodge(k: int, lines: int, places: dict[str, float], log: bool) -> Callable[[float], float]:
    """Shift the ``k``-th line a little, so that intervals at the same level do not hide each other."""
    shift = 0.05 * (k - (lines - 1) / 2)
    values = sorted(places.values())
    if log:
        width = math.log(values[-1] / values[0]) if values[0] > 0 else 1.0
        return lambda x: x * math.exp(shift * width)
    width = values[-1] - values[0]
    return lambda x: x + shift * width


def _level_axis(axes: Axes, levels: Sequence[Setting], places: dict[str, float], *, log: bool) -> None:
    positions = [places[_key(v)] for v in levels]
    if log:
        axes.set_xscale("log")
        axes.minorticks_off()
    labels = [value_text(v) for v in levels]
    axes.set_xticks(positions, labels)
    if sum(map(len, labels)) + len(labels) > room(axes, TICK_CHARACTERS):
        for text in axes.get_xticklabels():
            text.set(rotation=40, ha="right", rotation_mode="anchor")
    low, high = min(positions), max(positions)
    if log:
        pad = (high / low) ** 0.12
        axes.set_xlim(low / pad, high * pad)
    else:
        pad = 0.15 * (high - low)
        axes.set_xlim(low - pad, high + pad)
    if log and _key(0.0) in places:
        _axis_break(axes, low, sorted(positions)[1])


def _axis_break(axes: Axes, low: float, following: float) -> None:
    """Two strokes through a log axis between the place of zero and the first positive level."""
    gap = math.sqrt(low * following)
    for x in (gap, gap * (following / low) ** 0.06):
        axes.plot(
            [x], [0], marker=[(-0.6, -1), (0.0, 1)], markersize=7, color="black", markeredgewidth=0.7,
            transform=axes.get_xaxis_transform(), clip_on=False, linestyle="none",
        )  # fmt: skip
