"""What every figure is made with: the study that it may draw from, and the sheet of the marks that it draws."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from scientist.analysis.design import factor_spec, level, varied
from scientist.analysis.observations import Observations, dataset_label, metric_spec
from scientist.analysis.quantities import cell_id, censored_seeds, metric_range, run_budget
from scientist.analysis.style import Look, look, plain, ranked
from scientist.types import Condition, Evidence, MetricSpec, Quantity, Sentence, Setting, TemplateSpec

Part = Literal["run", "mean", "difference", "contrast", "bound", "budget", "curve", "front", "point", "reference"]
UP_CHARACTERS = 30
AXIS_CHARACTERS = 92
"""Characters of an axis' name that a panel as wide as the page can hold."""


class Mark(NamedTuple):
    """A row of a figure's data file. Each number that is drawn is in one; what does not apply is empty.

    ``value`` is the position along the axis of ``metric``, in ``unit``; ``x`` along the other axis, which ``x_name``
    names with its unit. ``low`` and ``high`` (``x_low``, ``x_high``) are the ends of the interval at ``level``.
    """

    panel: str
    part: Part
    dataset: str
    series: str
    label: str
    metric: str
    unit: str
    value: float
    low: float | None = None
    high: float | None = None
    level: float | None = None
    n: int | None = None
    seed: int | None = None
    x_name: str = ""
    x: Setting | None = None
    x_low: float | None = None
    x_high: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Scene:
    """What every panel may draw from."""

    seen: Observations
    spec: TemplateSpec
    evidence: Evidence
    ledger: dict[str, Quantity]

    @property
    def seeds(self) -> str:
        """The number of seeds that are drawn: fewer than planned where the time budget ended the runs."""
        return r"\val{runs.seeds}" if "runs.seeds" in self.ledger else r"\val{plan.seeds}"

    def mean(self, condition: Condition, dataset: str, metric: str) -> Quantity | None:
        return self.ledger.get(cell_id("mean", condition.id, dataset, metric))

    def metric(self, name: str) -> MetricSpec:
        return metric_spec(self.spec, self.seen.plan, name)

    def level(self, condition: Condition, factor: str) -> Setting | None:
        return level(self.seen.plan, self.spec, condition, factor)

    def budget(self, metric: str) -> float | None:
        """The value that says "not reached", where the conditions agree on it."""
        found = {run_budget(self.seen.plan, c, self.metric(metric)) for c in self.seen.plan.conditions}
        return found.pop() if len(found) == 1 and self.metric(metric).censored else None

    def limits(self, metric: str) -> tuple[float | None, float | None]:
        """Between which a metric can lie at all, as far as that is known; a mean's interval ends there."""
        ranges = {metric_range(self.seen.plan, c, self.metric(metric)) for c in self.seen.plan.conditions}
        return ranges.pop() if len(ranges) == 1 else (None, None)

    def unreached(self, condition: Condition, dataset: str, metric: str) -> tuple[int, ...]:
        """The seeds of the runs that did not reach the mark within their budget."""
        return censored_seeds(self.seen, condition, dataset, self.metric(metric))

    def look(self, condition: Condition) -> Look:
        """A condition's colour, marker and dash: dark to light where one ordered factor tells the conditions apart."""
        conditions = self.seen.plan.conditions
        names = varied(self.seen.plan, self.spec)
        if len(names) != 1 or len(conditions) < 3 or not factor_spec(self.spec, self.seen.plan, names[0]).ordered:
            return look(conditions.index(condition))
        levels = sorted(float(v) for c in conditions if isinstance(v := self.level(c, names[0]), int | float))
        own = self.level(condition, names[0])
        assert isinstance(own, int | float) and len(levels) == len(conditions), "an ordered factor's levels are numbers"
        return ranked(levels.index(float(own)), len(levels))


@dataclass
class Drawing:
    """A figure as it is being drawn: the canvas, the rows of its data file, and what its caption will say."""

    canvas: Canvas
    marks: list[Mark] = field(default_factory=list)
    caption: tuple[Sentence, ...] = ()


@dataclass(frozen=True)
class Panel:
    """Axes for one data set (or, in a panel of contrasts, for all), and where their marks are written down."""

    axes: Axes
    scene: Scene
    drawing: Drawing
    title: str
    dataset: str

    def mark(self, part: Part, series: str, metric: MetricSpec, value: float, **more: object) -> Mark:
        """Write down a mark that is about to be drawn, and return it."""
        fields = {"label": "", "dataset": self.dataset, "metric": metric.label, "unit": metric.unit, **more}
        made = Mark(panel=self.title, part=part, series=series, value=value, **fields)  # type: ignore[arg-type]
        self.drawing.marks.append(made)
        return made


def cell(panel: Panel, condition: Condition, metric: str, **more: object) -> Mark | None:
    """Write down the mean of a condition with its interval; None where there is none."""
    mean = panel.scene.mean(condition, panel.dataset, metric)
    if mean is None:
        return None
    return panel.mark("mean", condition.id, panel.scene.metric(metric), float(mean.value), label=condition.label,
                      low=mean.low, high=mean.high, level=mean.level, n=mean.n, **more)  # fmt: skip


def runs(panel: Panel, condition: Condition, metric: str, **more: object) -> list[Mark]:
    """Write down the single runs of a condition by ascending seed; the note tells those that did not reach the mark."""
    missed = panel.scene.unreached(condition, panel.dataset, metric)
    values = panel.scene.seen.values(condition.id, panel.dataset, metric)
    return [
        panel.mark("run", condition.id, panel.scene.metric(metric), v, label=condition.label, seed=s,
                   note=NOT_REACHED if s in missed else "", **more)
        for s, v in values.items()
    ]  # fmt: skip


NOT_REACHED = "not reached"


def named(metric: MetricSpec) -> str:
    """A metric's name with its unit."""
    return metric.label + (f" ({metric.unit})" if metric.unit and metric.unit not in metric.label else "")


def metric_axis(axes: Axes, metric: MetricSpec, *, up: bool = False) -> str:
    """A metric's name with its unit, broken to what a panel of this width, or a vertical axis (``up``), can hold."""
    return plain(named(metric), UP_CHARACTERS if up else room(axes, AXIS_CHARACTERS))


def panel_title(scene: Scene, dataset: str | None, index: int, count: int) -> str:
    """ "(a) data set" where there are several panels; the letter alone without a data set."""
    return lettered(plain(dataset_label(scene.spec, dataset)) if dataset is not None else "", index, count)


def lettered(name: str, index: int, count: int) -> str:
    return (f"({chr(ord('a') + index)}) " if count > 1 else "") + name


def room(axes: Axes, characters: int) -> int:
    """How many of the ``characters`` that a full-width panel holds fit this one."""
    place = axes.get_subplotspec()
    width = axes.get_figure(root=True).get_size_inches()[0] / 6.5  # type: ignore[union-attr]
    return int(characters * width) // (place.get_gridspec().ncols if place is not None else 1)
