"""Try a template: run its smoke preset and compare what it leaves with what the contract asks for."""

from __future__ import annotations

import ast
import json
import math
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from scientist.errors import TemplateError
from scientist.execution.job import Executor
from scientist.experiments.final_info import is_plain_file
from scientist.experiments.run import OUT, Phase, Settings, collect, prepare, run_config
from scientist.experiments.template import load_template
from scientist.experiments.trial import write_code
from scientist.search.candidate import read_candidate
from scientist.search.edit import Edit, Rules, apply, find_function
from scientist.types import DatasetResult, Frozen, RunResult, RunStatus, Setting, TemplateSpec

CURVE_POINTS = 200
V1_TIMEOUT_S = 7200.0
"""A v1 folder has no small scale, so its check may take as long as its baseline run does."""

NOTHING: dict[str, Setting] = {}
OUTSIDE_HINT = """
experiment.py names a path with "../": a run sees a copy of the template's folder and nothing beside it, so put the data
into the folder"""


class CheckStep(Frozen):
    """One clause of the contract, and how the template met it."""

    name: str
    status: Literal["ok", "warning", "failed"]
    message: str


class CheckReport(Frozen):
    """``ok`` unless a step failed. ``metrics`` lists what each data set reported, for v1 too."""

    template: str
    contract: Literal["scientist", "v1"]
    ok: bool
    steps: tuple[CheckStep, ...]
    metrics: dict[str, tuple[str, ...]]
    seconds_per_run: float


def check_template(
    spec: TemplateSpec,
    executor: Executor,
    *,
    thorough: bool = False,
    timeout_s: float | None = None,
    report: Callable[[CheckStep], None] = lambda step: None,
) -> CheckReport:
    """Run the template in a temporary folder and check the contract clause by clause; ``report`` hears each at once.

    Our contract: the smoke preset once for each phase, twice at one seed and once at another. ``thorough`` also runs
    every level of every factor, and each slot without what it does. A v1 folder is run once, as it is. ``timeout_s``
    is the limit for one run (default: the declared time by the template's factor). A check that fails is a report;
    nothing is raised for it.
    """
    with tempfile.TemporaryDirectory(prefix="template-check-", ignore_cleanup_errors=True) as scratch:
        trial = _Trial(spec, executor, Path(scratch), timeout_s or _timeout(spec))
        clauses = _v1_clauses(trial) if spec.contract == "v1" else _clauses(trial, thorough)
        steps = []
        for step in clauses:
            steps.append(step)
            report(step)
    metrics = {name: tuple(sorted(r.means)) for name, r in sorted(trial.results.items())}
    return CheckReport(
        template=spec.name,
        contract=spec.contract,
        ok=all(step.status != "failed" for step in steps),
        steps=tuple(steps),
        metrics=metrics,
        seconds_per_run=round(trial.seconds, 3),
    )


class _Trial:
    """Runs the template with given settings; keeps the results of the first run that succeeded."""

    def __init__(self, spec: TemplateSpec, executor: Executor, scratch: Path, timeout_s: float) -> None:
        self.spec = spec
        self.executor = executor
        self.scratch = scratch
        self.timeout_s = timeout_s
        self.datasets = tuple(d.name for d in spec.datasets)
        self.results: dict[str, DatasetResult] = {}
        self.seconds = 0.0

    def settings(self) -> dict[str, Setting | tuple[Setting, ...]]:
        if self.spec.contract == "v1":
            return {}
        smoke = self.spec.preset("smoke").settings
        return {**{f.name: f.baseline for f in self.spec.factors}, **smoke}

    def run(
        self,
        name: str,
        *,
        seed: int = 0,
        phase: Phase = "confirmatory",
        changed: Settings = NOTHING,
        code: Path | None = None,
    ) -> RunResult:
        work = self.scratch / name
        settings = {**self.settings(), **changed}
        device = "cuda" if self.spec.device == "cuda" else "cpu"
        job = prepare(
            self.spec,
            work,
            id=name,
            settings=settings,
            datasets=self.datasets,
            seed=seed,
            phase=phase,
            timeout_s=self.timeout_s,
            device=device,
            code=code,
        )
        outcome = next(iter(self.executor.run([job])))
        config = run_config(settings, datasets=self.datasets, phase=phase, device=device)
        result = collect(
            self.spec,
            outcome,
            work=work,
            condition="check",
            seed=seed,
            datasets=self.datasets,
            folder=name,
            config=config if self.spec.contract == "scientist" else None,
        )
        if result.run.status is RunStatus.OK and not self.results:
            self.results, self.seconds = result.results, result.run.wall_s
        return result


def _timeout(spec: TemplateSpec) -> float:
    if spec.contract == "v1":
        return V1_TIMEOUT_S
    return max(30.0, _expected_s(spec) * spec.timeout_factor)


def _expected_s(spec: TemplateSpec) -> float:
    """How long the smoke preset should take: ``seconds_per_run`` is said of a run on one data set."""
    return spec.preset("smoke").seconds_per_run * len(spec.datasets)


# ------------------------------------------------------------------------------------------- the clauses


def _clauses(trial: _Trial, thorough: bool) -> Iterator[CheckStep]:
    try:
        load_template(Path(trial.spec.path))
    except TemplateError as e:
        yield CheckStep(name="declaration", status="failed", message=e.message)
        return
    yield CheckStep(name="declaration", status="ok", message="template.toml is complete and consistent")
    first = trial.run("first")
    yield _run_step("run", first, f"the smoke preset ran in {first.run.wall_s:.1f} s and left what it declares")
    if first.run.status is not RunStatus.OK:
        return
    yield _time_step(trial)
    yield from _file_steps(trial)
    again, other = trial.run("again"), trial.run("other", seed=1)
    yield _repeat_step(trial, first, again)
    yield _seed_step(first, other)
    pilot = trial.run("pilot", phase="pilot")
    yield _run_step("pilot", pilot, "the pilot phase runs too")
    if (name := trial.spec.oom_batch) is not None:
        half = int(trial.spec.preset("smoke").settings[name]) // 2 or 1  # type: ignore[arg-type]
        result = trial.run("half", changed={name: half})
        yield _run_step("half batch", result, f"{name} = {half} runs too, for want of memory")
    if thorough:
        yield from _level_steps(trial)
        yield from _slot_steps(trial)


def _v1_clauses(trial: _Trial) -> Iterator[CheckStep]:
    result = trial.run("first")
    if result.run.status is not RunStatus.OK:
        hint = OUTSIDE_HINT if "../" in _source(trial.spec) else ""
        yield CheckStep(name="run", status="failed", message=f"{result.run.status.value}: {result.run.reason}{hint}")
        return
    found = "; ".join(f"{name}: {', '.join(sorted(r.means))}" for name, r in sorted(trial.results.items()))
    yield _run_step("run", result, f"experiment.py --out_dir={OUT} ran in {result.run.wall_s:.1f} s")
    yield CheckStep(name="metrics", status="ok", message=f"found {found}")
    if result.run.reason:
        yield CheckStep(name="numbers", status="warning", message=result.run.reason)


def _source(spec: TemplateSpec) -> str:
    return (Path(spec.path) / "experiment.py").read_text(encoding="utf-8", errors="replace")


def _run_step(name: str, result: RunResult, message: str) -> CheckStep:
    if result.run.status is RunStatus.OK:
        return CheckStep(name=name, status="ok", message=message)
    return CheckStep(name=name, status="failed", message=f"{result.run.status.value}: {result.run.reason}")


def _time_step(trial: _Trial) -> CheckStep:
    expected = _expected_s(trial.spec)
    if trial.seconds <= 2 * expected:
        message = f"{trial.seconds:.1f} s for a run that is declared to take {expected:g} s"
        return CheckStep(name="time", status="ok", message=message)
    count = len(trial.datasets)
    message = (
        f"[presets.smoke] seconds_per_run promises {expected:g} s on {count} data sets, "
        f"but the run took {trial.seconds:.1f} s on this machine"
    )
    return CheckStep(name="time", status="warning", message=message)


def _repeat_step(trial: _Trial, first: RunResult, again: RunResult) -> CheckStep:
    if again.run.status is not RunStatus.OK:
        return _run_step("repeatable", again, "")
    differing = _differing(first, again)
    primary = next(m.name for m in trial.spec.metrics if m.primary)
    if not differing:
        return CheckStep(name="repeatable", status="ok", message="a second run at the same seed gives the same numbers")
    message = f"at the same seed a second run gives other values of {', '.join(differing)}"
    failed = any(name.endswith(f".{primary}") for name in differing)
    return CheckStep(name="repeatable", status="failed" if failed else "warning", message=message)


def _seed_step(first: RunResult, other: RunResult) -> CheckStep:
    if other.run.status is not RunStatus.OK or _differing(first, other):
        return _run_step("seed", other, "another seed gives other numbers")
    message = "seeds 0 and 1 give the same numbers: use --seed, or there is no spread to test against"
    return CheckStep(name="seed", status="failed", message=message)


def _differing(a: RunResult, b: RunResult) -> list[str]:
    return [
        f"{dataset}.{metric}"
        for dataset, result in a.results.items()
        for metric, value in result.means.items()
        if b.results[dataset].means.get(metric) != value
    ]


def _level_steps(trial: _Trial) -> Iterator[CheckStep]:
    settings = trial.settings()
    for factor in trial.spec.factors:
        for i, level in enumerate(factor.levels):
            if level != settings[factor.name]:
                result = trial.run(f"level_{factor.name}_{i}", changed={factor.name: level})
                message = f"{factor.name} = {level} runs in {result.run.wall_s:.1f} s"
                yield _run_step(f"level {factor.name}={level}", result, message)


def _slot_steps(trial: _Trial) -> Iterator[CheckStep]:
    """A run whose slot raises an error must fail: otherwise no change of the slot could have an effect."""
    base = read_candidate(Path(trial.spec.path), trial.spec.editable)
    rules = Rules(editable=trial.spec.editable, slots=trial.spec.slots)
    for slot in trial.spec.slots:
        function = find_function(base.files[slot.file], slot.function)
        assert function is not None, "a template without the function is not loaded"
        function.body = ast.parse('raise NotImplementedError("the slot is empty")').body
        code = trial.scratch / f"code_{slot.name}"
        write_code(apply(Edit(slot=slot.name, function=ast.unparse(function)), base, rules), trial.spec, code)
        status = trial.run(f"slot_{slot.name}", code=code).run.status
        used = status is not RunStatus.OK
        message = (
            f"{slot.function} is used" if used else f"{slot.function} may be empty and the run succeeds: it is not used"
        )
        yield CheckStep(name=f"slot {slot.name}", status="ok" if used else "failed", message=message)


# ------------------------------------------------------------------------------------------- curves and samples


def _file_steps(trial: _Trial) -> Iterator[CheckStep]:
    folder = trial.scratch / "first" / OUT
    if trial.spec.curves or (folder / "curves.json").exists():
        yield _step("curves", _curve_problems(trial, folder / "curves.json"), "curves.json holds the declared series")
    if (folder / "samples.json").exists():
        yield _step("samples", _sample_problems(trial, folder / "samples.json"), "samples.json holds plain points")


def _step(name: str, problems: Sequence[str], message: str) -> CheckStep:
    if problems:
        return CheckStep(name=name, status="failed", message="; ".join(problems))
    return CheckStep(name=name, status="ok", message=message)


def _curve_problems(trial: _Trial, file: Path) -> list[str]:
    value = _object(file)
    if value is None:
        return [f"{file.name} is not a JSON object"]
    problems = []
    for dataset in trial.datasets:
        entry = value.get(dataset)
        series = entry.get("series") if isinstance(entry, dict) else None
        if not isinstance(series, dict):
            problems.append(f'curves.json "{dataset}" must be {{"x": "<name>", "series": {{...}}}}')
            continue
        lacking = [c.series for c in trial.spec.curves if c.series not in series]
        problems += [f'curves.json "{dataset}" lacks the declared series {name}' for name in lacking]
        problems += [
            f'curves.json "{dataset}" "{name}" must be at most {CURVE_POINTS} finite [x, y] pairs'
            for name, points in series.items()
            if not _points(points) or len(points) > CURVE_POINTS
        ]
    return problems


def _sample_problems(trial: _Trial, file: Path) -> list[str]:
    value = _object(file)
    if value is None:
        return [f"{file.name} is not a JSON object"]
    return [
        f'samples.json "{dataset}" must hold finite [x, y] pairs in "{key}"'
        for dataset in trial.datasets
        for key in ("points", "reference")
        if not isinstance(value.get(dataset), dict) or not _points(value[dataset].get(key))
    ]


def _object(file: Path) -> dict[str, Any] | None:
    if not is_plain_file(file):
        return None
    try:
        value = json.loads(file.read_bytes())
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _points(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(p, list)
        and len(p) == 2
        and all(isinstance(x, (int, float)) and not isinstance(x, bool) and math.isfinite(x) for x in p)
        for p in value
    )
