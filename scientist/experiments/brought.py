"""Results that somebody brings: found in their folders, checked as a run's own are, kept with the mark that they are.

The layout is that of the template contract: ``<condition>/seed_<n>/final_info.json``, or ``run_<i>`` for the i-th seed
as published templates number their runs; where there is one condition its folder may be left out.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from scientist.errors import UsageError
from scientist.events import EventLog
from scientist.experiments.final_info import OutputProblem, is_plain_file, read_final_info
from scientist.experiments.journal import Journal
from scientist.experiments.kept import is_kept, keep
from scientist.experiments.nodes import write_nodes
from scientist.experiments.run import OUT, outputs, remove_tree
from scientist.types import Plan, Run, RunStatus, TemplateSpec
from scientist.workspace import RunFolder, sha256_file

FINAL = "final_info.json"
NOT_RUN = "not run here"
SHOWN = 8
LAYOUT = (
    "expected: CONDITION/seed_N/final_info.json or CONDITION/run_I/final_info.json; docs/stages.md shows a whole one"
)


def brought_seeds(folder: Path) -> tuple[int, ...]:
    """The seeds that every condition's folder has, ascending. Raises UsageError where there are none.

    A ``run_<i>`` counts as seed i; published templates count from 0.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder", LAYOUT)
    by_condition: dict[Path, set[int]] = {}
    for file in sorted(folder.glob(f"**/{FINAL}")):
        number = re.fullmatch(r"(?:seed|run)_(\d+)", file.parent.name)
        if number:
            by_condition.setdefault(file.parent.parent, set()).add(int(number[1]))
    shared = set.intersection(*by_condition.values()) if by_condition else set()
    if not shared:
        found = "its conditions share no seed" if by_condition else f"it holds no {FINAL} in that layout"
        raise UsageError(f"no results can be read from {folder}: {found}", LAYOUT)
    return tuple(sorted(shared))


def check_brought(folder: Path, plan: Plan, spec: TemplateSpec) -> dict[tuple[str, int], Path]:
    """The folder of each planned run's result, by condition and seed.

    Raises UsageError with each problem: a planned run without a result, a file that is not what the contract says (it
    names the file, the field and what is expected), a folder of a condition that the plan does not have.
    """
    problems = list(_strangers(folder, plan))
    found: dict[tuple[str, int], Path] = {}
    for condition in plan.conditions:
        for i, seed in enumerate(plan.seeds):
            place = _place(folder, condition.id, seed, i, alone=len(plan.conditions) == 1)
            if place is None:
                problems.append(f"{folder}/{condition.id}/seed_{seed}/{FINAL} is missing: the plan has this run")
                continue
            try:
                read_final_info(place / FINAL, datasets=plan.datasets, metrics=plan.metrics)
            except OutputProblem as e:
                problems.append(f"{place / FINAL}: {e}")
            found[condition.id, seed] = place
    if problems:
        more = f"\n- and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
        listing = "\n".join(f"- {p}" for p in problems[:SHOWN])
        raise UsageError(f"the results in {folder} cannot be used:\n{listing}{more}", LAYOUT)
    return found


def bring(folder: Path, *, plan: Plan, spec: TemplateSpec, run: RunFolder, events: EventLog) -> None:
    """Copy the results of every planned run into the run folder, marked as brought; what is there already is kept."""
    found = check_brought(folder, plan, spec)
    journal = Journal(run.journal)
    write_nodes(plan, spec, run, journal)
    total = len(found)
    for done, ((condition, seed), place) in enumerate(found.items(), 1):
        final = run.seed_folder(condition, seed)
        if is_kept(final):
            continue
        work = final.with_name(f".work_seed_{seed}")
        remove_tree(work)
        for relative, source in _files(place):
            target = work / OUT / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        record = Run(
            condition=condition,
            seed=seed,
            status=RunStatus.OK,
            reason="brought by the user",
            wall_s=0.0,
            sandbox=NOT_RUN,
            device=NOT_RUN,
            started_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
            brought=True,
            files={name: sha256_file(path) for name, path in outputs(work).items()},
        )
        keep(work, final, record)
        remove_tree(work)
        journal.record(condition, "finished", seed=seed, status="ok", brought=True)
        events.emit("run.brought", condition=condition, seed=seed, status="ok", seconds=0.0, done=done, total=total)


def _place(folder: Path, condition: str, seed: int, index: int, *, alone: bool) -> Path | None:
    heads = (folder / condition, folder) if alone else (folder / condition,)
    numbered = (f"seed_{seed}", f"run_{index}")  # never by either number: a run would then be paired with another seed
    return next((h / n for h in heads for n in numbered if is_plain_file(h / n / FINAL)), None)


def _strangers(folder: Path, plan: Plan) -> Iterator[str]:
    known = {c.id for c in plan.conditions}
    holders = {p.relative_to(folder).parts[0] for p in folder.glob(f"*/*/{FINAL}")}
    for name in sorted(holders - known):
        yield f"{folder / name} is no condition of the plan, whose conditions are: {', '.join(sorted(known))}"


def _files(place: Path) -> Iterator[tuple[Path, Path]]:
    """The plain files of a result; links are left out, as for a run's own."""
    for path in sorted(place.rglob("*")):
        if is_plain_file(path):
            yield path.relative_to(place), path
