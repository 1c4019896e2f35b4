"""What the runs of a plan measured, in the plan's order, whatever order they finished in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from scientist.errors import ScientistError
from scientist.types import MetricSpec, Plan, RunResult, RunStatus, TemplateSpec

REPLICATION_DECIMALS = 4


@dataclass(frozen=True)
class Observations:
    """The runs of one look at a plan. ``runs`` is sorted by the plan's conditions, then by its seeds."""

    plan: Plan
    seeds: tuple[int, ...]
    runs: tuple[RunResult, ...]
    datasets: tuple[str, ...]
    metrics: tuple[str, ...]

    def values(self, condition: str, dataset: str, metric: str) -> dict[int, float]:
        """The metric by seed, of the runs that measured it."""
        found = {}
        for r in self.completed(condition):
            means = r.results[dataset].means if dataset in r.results else {}
            if metric in means:
                found[r.run.seed] = means[metric]
        return found

    def completed(self, condition: str) -> tuple[RunResult, ...]:
        return tuple(r for r in self.runs if r.run.condition == condition and r.run.status is RunStatus.OK)

    def source(self, condition: str, seed: int, dataset: str, metric: str) -> str:
        """The JSON pointer to one measured value, relative to the run folder."""
        result = next(r for r in self.runs if (r.run.condition, r.run.seed) == (condition, seed))
        path = "/".join(_pointer(part) for part in (dataset, "means", metric))
        return f"{relative_folder(result)}/final_info.json#/{path}"


def observe(plan: Plan, results: Sequence[RunResult], look: int) -> Observations:
    """Sort the results into the plan. Raises ScientistError for a run that the plan does not hold, or holds twice."""
    if not 1 <= look <= plan.looks:
        raise ScientistError(f"look {look} is not one of the {plan.looks} that the plan allows", "keep to the plan")
    seeds = plan.seeds if look == 1 else (*plan.seeds, *plan.extension_seeds)
    order = {(c.id, s): i for i, (c, s) in enumerate((c, s) for c in plan.conditions for s in seeds)}
    at: dict[int, RunResult] = {}
    for result in results:
        key = (result.run.condition, result.run.seed)
        if key not in order:
            raise ScientistError(
                f"a run of condition {key[0]} at seed {key[1]} is not in the plan at look {look}",
                "only pre-registered runs are analysed: remove its folder, or amend the plan before running it",
            )
        if order[key] in at:
            raise ScientistError(f"condition {key[0]} was run twice at seed {key[1]}", "keep one result of each run")
        at[order[key]] = result
    runs = tuple(at[i] for i in sorted(at))
    return Observations(plan, seeds, runs, _datasets(plan, runs), _metrics(plan, runs))


def metric_spec(spec: TemplateSpec, plan: Plan, name: str) -> MetricSpec:
    """The declared metric; for a template that declares none, a stand-in that carries its name (and no bound)."""
    for m in spec.metrics:
        if m.name == name:
            return m
    label = name.replace("_", " ")
    return MetricSpec.model_construct(
        name=name, goal="max", label=label, unit="", description="", primary=name == plan.metric,
        decimals=REPLICATION_DECIMALS, censored=False,
    )  # fmt: skip


def dataset_label(spec: TemplateSpec, name: str) -> str:
    return next((d.label for d in spec.datasets if d.name == name), name)


def relative_folder(result: RunResult) -> str:
    """The run's folder relative to the run root: ``nodes/<condition>/seed_<n>``."""
    parts = PurePath(result.folder).parts
    if PurePath(result.folder).is_absolute():
        parts = parts[-3:]
    return "/".join(parts)


def _datasets(plan: Plan, runs: tuple[RunResult, ...]) -> tuple[str, ...]:
    if plan.test != "none":
        return plan.datasets
    return (*plan.datasets, *_others({d for r in runs for d in r.results}, plan.datasets))


def _metrics(plan: Plan, runs: tuple[RunResult, ...]) -> tuple[str, ...]:
    """The plan's metrics; where nothing is tested, whatever was measured, the plan's first."""
    if plan.test != "none":
        return plan.metrics
    found = {m for r in runs for d in r.results.values() for m in d.means}
    first = tuple(m for m in plan.metrics if m in found)
    return (*first, *_others(found, first))


def _others(found: set[str], known: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(found - set(known)))


def _pointer(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
