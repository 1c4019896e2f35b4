"""A small template, plans of each kind, and fake runs of them on disk, all deterministic, for tests that need runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from scientist.types import (
    Condition,
    Contrast,
    CurveSpec,
    DatasetResult,
    DatasetSpec,
    FactorSpec,
    IdeaKind,
    MetricSpec,
    Plan,
    Run,
    RunResult,
    RunStatus,
    TemplateSpec,
)
from scientist.workspace import write_json

SETTINGS = {"steps": 12_000, "batch_size": 64, "lr": 1e-3, "weight_decay": 1.0, "optimizer": "adam_w", "augment": False}
LEVELS = (0.0, 0.1, 1.0)


def fake_spec() -> TemplateSpec:
    metrics = (
        MetricSpec(name="val_acc", goal="max", label="validation accuracy", unit="fraction", primary=True, sesoi=0.02),
        MetricSpec(name="ece", goal="min", label="calibration error", unit="fraction", sesoi=0.01),
        MetricSpec(name="steps_to_fit", goal="min", label="steps to fit", unit="steps", sesoi=500.0, decimals=0,
                   censored=True, budget="steps"),
    )  # fmt: skip
    factors = (
        FactorSpec(
            name="weight_decay", type="float", levels=LEVELS, baseline=1.0, label="weight decay", log_scale=True
        ),
        FactorSpec(name="train_fraction", type="float", levels=(0.3, 0.6), baseline=0.6, label="training fraction"),
    )
    datasets = (DatasetSpec(name="addition", label="addition"), DatasetSpec(name="division", label="division"))
    curves = (
        CurveSpec(series="val_acc", label="validation accuracy", x_label="step", log_x=True),
        CurveSpec(series="train_loss", label="training loss", x_label="step", log_x=True, log_y=True),
    )
    return TemplateSpec(
        name="fake", path="/nowhere", contract="scientist", title="Fake", metrics=metrics, factors=factors,
        datasets=datasets, curves=curves,
    )  # fmt: skip


def three_condition_plan(**changes: object) -> Plan:
    """Weight decay at three levels on two data sets: a dose-response with a step and a trend."""
    cells = tuple(
        Condition(
            id=f"weight_decay-{w:g}", label=f"weight decay {w:g}", settings={"weight_decay": w}, baseline=w == 1.0
        )
        for w in LEVELS
    )
    none, some, full = (c.id for c in cells)
    contrasts = (
        _contrast("main", "weight decay 1 minus weight decay 0", {full: 1, none: -1}, "increase"),
        _contrast("trend", "linear trend over the ranked levels", {full: 1.0, some: 0.0, none: -1.0}, "increase"),
        _contrast("main.division", "weight decay 1 minus weight decay 0", {full: 1, none: -1}, "increase",
                  dataset="division"),
        _contrast("also.ece", "weight decay 1 minus weight decay 0", {full: 1, none: -1}, "none", metric="ece",
                  confirmatory=False),
        _contrast("also.steps_to_fit", "weight decay 1 minus weight decay 0", {full: 1, none: -1}, "none",
                  metric="steps_to_fit", confirmatory=False),
    )  # fmt: skip
    return _plan(IdeaKind.DOSE_RESPONSE, cells, contrasts, ("addition", "division"), **changes)


def factorial_plan(**changes: object) -> Plan:
    """Weight decay by training fraction, two levels each: an interaction and its two simple effects."""
    cells = tuple(
        Condition(
            id=f"weight_decay-{w:g}.train_fraction-{f:g}",
            label=f"weight decay {w:g}, training fraction {f:g}",
            settings={"weight_decay": w, "train_fraction": f},
            baseline=(w, f) == (1.0, 0.6),
        )
        for f in (0.6, 0.3)
        for w in (0.0, 1.0)
    )
    a, b, c, d = (cell.id for cell in cells)
    contrasts = (
        _contrast("interaction", "difference between the two simple effects", {d: 1, c: -1, b: -1, a: 1}, "none"),
        _contrast("simple.base", f"{cells[1].label} minus {cells[0].label}", {b: 1, a: -1}, "none"),
        _contrast("simple.other", f"{cells[3].label} minus {cells[2].label}", {d: 1, c: -1}, "none"),
    )
    return _plan(IdeaKind.INTERACTION, cells, contrasts, ("addition",), **changes)


def two_condition_plan(kind: IdeaKind = IdeaKind.MAIN_EFFECT, **changes: object) -> Plan:
    """Weight decay off and on, on one data set or (robustness) two, on one metric or (trade-off) two."""
    cells = (
        Condition(id="weight_decay-0", label="weight decay 0", settings={"weight_decay": 0.0}),
        Condition(id="weight_decay-1", label="weight decay 1", settings={"weight_decay": 1.0}, baseline=True),
    )
    weights = {"weight_decay-1": 1.0, "weight_decay-0": -1.0}
    label = "weight decay 1 minus weight decay 0"
    datasets = ("addition", "division") if kind is IdeaKind.ROBUSTNESS else ("addition",)
    contrasts = [_contrast(f"main.{d}", label, weights, "increase", dataset=d) for d in datasets]
    if kind is IdeaKind.TRADE_OFF:
        contrasts.append(_contrast("second", label, weights, "none", metric="ece"))
    return _plan(kind, cells, tuple(contrasts), datasets, **changes)


def replication_spec() -> TemplateSpec:
    return TemplateSpec(name="legacy", path="/nowhere", contract="v1", title="Legacy")


def replication_plan() -> Plan:
    cell = Condition(id="baseline", label="unmodified baseline", baseline=True)
    plan = _plan(IdeaKind.REPLICATION, (cell,), (), ("shakespeare_char",), metric="val_loss", metrics=("val_loss",))
    return plan.model_copy(update={"test": "none", "settings": {}, "looks": 1, "sesoi": None, "seeds": (1, 2, 3)})


def write_runs(root: Path, plan: Plan, *, extended: bool = False, failed: Sequence[tuple[str, int]] = ()) -> tuple[
    RunResult, ...
]:  # fmt: skip
    """Write ``nodes/<condition>/{config.json,seed_<n>/}`` of every planned run under ``root``, return the results."""
    for c in plan.conditions:
        settings = {**{f.name: f.baseline for f in fake_spec().factors}, **plan.settings, **c.settings}
        write_json(root / "nodes" / c.id / "config.json", {"condition": c.id, "config": settings})
    seeds = (*plan.seeds, *plan.extension_seeds) if extended else plan.seeds
    return tuple(
        _write_run(root, plan, i, c, seed, (c.id, seed) in failed)
        for i, c in enumerate(plan.conditions)
        for seed in seeds
    )


def _write_run(root: Path, plan: Plan, index: int, c: Condition, seed: int, failed: bool) -> RunResult:
    folder = f"nodes/{c.id}/seed_{seed}"
    run = Run(
        condition=c.id, seed=seed, status=RunStatus.CRASHED if failed else RunStatus.OK,
        reason="exit status 1" if failed else "", exit_code=int(failed), wall_s=10.0 + index + seed / 10, cpu_s=9.0,
        peak_rss_mb=300.0 + seed, sandbox="bubblewrap", started_at="2026-01-01T00:00:00Z",
    )  # fmt: skip
    results: dict[str, DatasetResult] = {}
    if not failed:
        rng = np.random.default_rng([7, index, seed])
        names = plan.datasets if plan.test != "none" else ("shakespeare_char", "enwik8")
        info = {d: {"means": _means(plan, c, k, seed, rng)} for k, d in enumerate(names)}
        write_json(root / folder / "final_info.json", info)
        write_json(root / folder / "curves.json", {d: _curves(c, k, rng) for k, d in enumerate(names)})
        if plan.test != "none":
            write_json(root / folder / "samples.json", {d: _samples(c, rng) for d in names})
        results = {d: DatasetResult(means=v["means"]) for d, v in info.items()}
    write_json(root / folder / "run.json", run)
    return RunResult(run=run, folder=folder, results=results)


def _means(plan: Plan, c: Condition, k: int, seed: int, rng: np.random.Generator) -> dict[str, float]:
    if plan.test == "none":
        return {"val_loss": 1.5 + k + 0.02 * rng.normal(), "Train Time": 100 + 3 * rng.normal()}
    decay, fraction = float(c.settings["weight_decay"]), float(c.settings.get("train_fraction", 0.6))
    strength = decay**0.3 if decay else 0.0
    shared, own = np.random.default_rng([8, seed]).normal(), rng.normal()
    accuracy = 0.70 + 0.12 * strength * (fraction > 0.5) - 0.03 * k + 0.10 * (fraction - 0.6)
    return {
        "val_acc": accuracy + 0.01 * shared + 0.012 * own * (1 + decay) / 2,
        "ece": 0.06 + 0.02 * strength + 0.004 * shared + 0.003 * own,
        "steps_to_fit": float(min(12_000, round(12_100 - 6_000 * strength + 300 * own))),
    }


def _curves(c: Condition, k: int, rng: np.random.Generator) -> dict[str, object]:
    decay = float(c.settings.get("weight_decay", 0.5))
    steps = [round(10 * 1.2**i) for i in range(40)]
    delay = math.exp(-decay) * 2_000 * (1 + 0.3 * rng.uniform())
    acc = [[s, 0.1 + 0.75 / (1 + math.exp(-(math.log(s) - math.log(delay)) * 3)) + 0.01 * rng.normal()] for s in steps]
    loss = [[s, 2.3 * math.exp(-s / (400 * (1 + k))) + 0.01 * (1 + decay) * rng.uniform(0.8, 1.2)] for s in steps]
    return {"x": "step", "series": {"val_acc": acc, "train_loss": loss}}


def _samples(c: Condition, rng: np.random.Generator) -> dict[str, object]:
    angle = np.linspace(0, 2 * math.pi, 300)
    ring = np.column_stack([np.cos(angle), np.sin(angle)])
    noise = 0.05 + 0.2 * (1 - float(c.settings.get("weight_decay", 0.5)))
    return {"points": (ring + noise * rng.normal(size=ring.shape)).tolist(), "reference": ring.tolist()}


def _contrast(
    id: str, label: str, weights: dict[str, float], direction: str, *, metric: str = "val_acc",
    dataset: str = "addition", confirmatory: bool = True,
) -> Contrast:  # fmt: skip
    role = "primary" if confirmatory else "secondary"
    return Contrast.model_validate(
        {"id": id, "label": label, "weights": weights, "metric": metric, "dataset": dataset, "direction": direction,
         "role": role, "confirmatory": confirmatory}
    )  # fmt: skip


def _plan(
    kind: IdeaKind, cells: tuple[Condition, ...], contrasts: tuple[Contrast, ...], datasets: tuple[str, ...],
    **changes: object,
) -> Plan:  # fmt: skip
    fields: dict[str, object] = {
        "idea_id": "fake", "kind": kind, "template": "fake", "template_hash": "0" * 64, "preset": "cpu",
        "question": "Does it?", "hypothesis": "It does.", "settings": SETTINGS, "conditions": cells,
        "datasets": datasets, "seeds": tuple(range(1, 7)), "extension_seeds": (7, 8, 9), "metric": "val_acc",
        "metrics": ("val_acc", "ece", "steps_to_fit"), "contrasts": contrasts, "test": "paired_t", "alpha": 0.05,
        "looks": 2, "sesoi": 0.02, "stopping_rule": "All planned runs are made.", "timeout_s": 600.0,
        "estimated_minutes": 5.0,
    }  # fmt: skip
    return Plan.model_validate({**fields, **changes})
