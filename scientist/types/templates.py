"""What a template declares, and the choice of one."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from scientist.types.base import Frozen, Identifier, Setting


class MetricSpec(Frozen):
    """A metric that a template measures.

    ``sesoi`` is the smallest effect size of interest in the metric's own unit, the bound of equivalence tests.
    ``censored`` says that a value equal to the setting named by ``budget`` means "not reached"; its mean is then a
    *restricted* mean and is called so. ``minimum`` and ``maximum`` bound what the metric can be at all.
    """

    name: Identifier
    goal: Literal["max", "min"]
    label: str
    unit: str = ""
    description: str = ""
    primary: bool = False
    sesoi: float = Field(gt=0)
    decimals: int = 3
    censored: bool = False
    budget: Identifier | None = None
    minimum: float | None = None
    maximum: float | None = None


class FactorSpec(Frozen):
    """A setting that may be varied, with the levels at which it may be studied.

    Levels of an ordered factor (``float``, ``int``) ascend. ``baseline`` is the level of ordinary practice.
    """

    name: Identifier
    type: Literal["float", "int", "categorical", "bool"]
    levels: tuple[Setting, ...] = Field(min_length=2)
    baseline: Setting
    label: str
    unit: str = ""
    description: str = ""
    log_scale: bool = False

    @property
    def ordered(self) -> bool:
        return self.type in ("float", "int")


class DatasetSpec(Frozen):
    """A data set (or task) on which a template can run: a top-level key of ``final_info.json``."""

    name: Identifier
    label: str
    description: str = ""


class HypothesisSpec(Frozen):
    """A testable statement: moving ``factor`` from ``control`` to ``treatment`` moves ``metric`` in ``direction``."""

    id: Identifier
    statement: str
    factor: Identifier
    control: Setting
    treatment: Setting
    metric: Identifier
    direction: Literal["increase", "decrease"]
    because: str
    keywords: tuple[str, ...] = ()
    moderator: Identifier | None = None
    moderator_because: str = ""
    cites: tuple[str, ...] = ()


class PresetSpec(Frozen):
    """A scale: what the template is set to, how many seeds, and how long one run takes on one data set."""

    name: Identifier
    seeds: int = Field(ge=1)
    seconds_per_run: float = Field(gt=0)
    settings: dict[str, Setting | tuple[Setting, ...]] = {}


class RelatedSpec(Frozen):
    """A known paper that bears on a template, and the one sentence that may be said of it.

    The sentence is used only if the record is found in a source. It holds ``{cite}`` where the citation goes.
    """

    id: Identifier
    title: str
    arxiv_id: str | None = None
    doi: str | None = None
    claim: str
    group: str = ""
    bears_on: tuple[Identifier, ...] = ()


class CurveSpec(Frozen):
    """A series of ``curves.json`` that is worth drawing; ``minimum`` and ``maximum`` bound what it can be at all."""

    series: Identifier
    label: str
    x_label: str
    log_x: bool = False
    log_y: bool = False
    minimum: float | None = None
    maximum: float | None = None


class SlotSpec(Frozen):
    """A function of an editable file that a change of code may replace whole, keeping its name and parameters."""

    name: Identifier
    file: str
    function: str
    purpose: str


class TemplateText(Frozen):
    """Domain prose that only the template's author can write; sentences, without numbers.

    ``{cfg.name}`` stands for a setting of the run and is printed from the ledger; ``{cite.id}`` cites a related paper;
    a sentence that begins with ``{only.name}`` is for studies that vary that factor or run on that data set.
    """

    background: tuple[str, ...] = ()
    problem: tuple[str, ...] = ()
    method: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    measurement: tuple[str, ...] = ()
    limitations: tuple[str, ...] = ()
    implications: dict[str, str] = {}


class TemplateSpec(Frozen):
    """Everything a template declares. ``contract`` is "v1" for a folder of the published AI Scientist contract.

    ``gpus`` is what a run takes on a GPU machine: a share of one device or a number of them, None for one whole.
    ``oom_batch`` names the setting that may be halved once for a run that runs out of memory.
    """

    name: Identifier
    path: str
    contract: Literal["scientist", "v1"]
    title: str
    summary: str = ""
    keywords: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    licence: str = ""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    timeout_factor: float = 10.0
    memory_mb: int = 4096
    gpus: float | None = Field(default=None, gt=0)
    oom_batch: Identifier | None = None
    editable: tuple[str, ...] = ("experiment.py",)
    locked: tuple[str, ...] = ()
    metrics: tuple[MetricSpec, ...] = ()
    factors: tuple[FactorSpec, ...] = ()
    datasets: tuple[DatasetSpec, ...] = ()
    hypotheses: tuple[HypothesisSpec, ...] = ()
    presets: tuple[PresetSpec, ...] = ()
    related: tuple[RelatedSpec, ...] = ()
    curves: tuple[CurveSpec, ...] = ()
    slots: tuple[SlotSpec, ...] = ()
    text: TemplateText = TemplateText()

    def metric(self, name: str) -> MetricSpec:
        return next(m for m in self.metrics if m.name == name)

    def factor(self, name: str) -> FactorSpec:
        return next(f for f in self.factors if f.name == name)

    def dataset(self, name: str) -> DatasetSpec:
        return next(d for d in self.datasets if d.name == name)

    def preset(self, name: str) -> PresetSpec:
        return next(p for p in self.presets if p.name == name)


class TemplateChoice(Frozen):
    """Which template was matched to a topic, why, and how sure: ``confidence`` in [0, 1]."""

    template: str
    confidence: float = Field(ge=0, le=1)
    reason: str
    alternatives: tuple[tuple[str, float], ...] = ()
