"""Runs a bundle again: verify it, repeat its runs in a fresh folder, analyse them alike, and compare."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from scientist.bundle.archive import MANIFEST, Bundle, open_bundle
from scientist.bundle.compare import Comparison, compare, compare_runs
from scientist.bundle.environment import Environment, differences, environment_here
from scientist.bundle.reproduce import Reproduction, to_markdown
from scientist.bundle.study import Study
from scientist.bundle.verify import Check, check_bundle, check_paper, check_together, read_study
from scientist.errors import BundleError, ScientistError, UsageError
from scientist.events import EventLog, Listener
from scientist.execution import open_executor
from scientist.experiments.exploring import read_explored
from scientist.experiments.plan import frozen, shortfall_of
from scientist.experiments.stage import load_results, run_experiments
from scientist.experiments.study import study_spec
from scientist.experiments.template import load_template
from scientist.sandbox import CanaryReport, Sandbox, choose_proved
from scientist.types import Amendment, Evidence, Explored, Idea, Plan, RunResult, TemplateSpec
from scientist.workspace import (
    RunFolder,
    disk_errors,
    read_json,
    run_lock,
    sha256_file,
    write_json,
    write_text,
)

PUBLISHED, AGAIN = "published", "again"
"""The folders of a reproduction: the bundle unpacked, and the runs made again."""


def reproduce(
    path: Path,
    folder: Path,
    *,
    quick: bool = False,
    workers: int = 0,
    sandbox: str | None = None,
    allow_unsandboxed: bool = False,
    executor: str = "local",
    listener: Listener | None = None,
) -> Reproduction:
    """Make every run of a bundle again in ``folder`` (``quick``: one seed of each condition) and compare.

    A reproduction of the same bundle that was stopped goes on in the same ``folder``; any other folder must be new or
    empty. The report is written there as ``reproduction.json`` and ``reproduction.md``. Raises BundleError naming
    every file that was altered, before anything is run; EnvironmentProblem without a sandbox; RunInterrupted.
    """
    began = time.monotonic()
    with open_bundle(path) as bundle:
        bundle.require_intact()
        study = read_study(bundle)
        identity = _identity(path, bundle)
        _claim_folder(folder, identity)
        with disk_errors("unpacking the bundle", folder), run_lock(folder):
            published = _unpack(bundle, folder / PUBLISHED)
            plan, spec = _plan_and_template(published, study)
            before = load_results(plan=plan, seeds=study.seeds, folder=published)
            seeds = study.seeds[:1] if quick else study.seeds
            level, results = _run_again(
                plan, spec, seeds, _fresh_run(published, folder / AGAIN), listener,
                box=lambda: choose_proved(allow_unsandboxed=allow_unsandboxed, only=sandbox),
                executor=executor, workers=workers,
            )  # fmt: skip
            evidence = Evidence.model_validate(read_json(published.evidence))
            amended = _amended(published, study)
            environment = Environment.model_validate(read_json(published.root / "environment.json"))
            report = Reproduction(
                run_id=study.run_id,
                title=study.title,
                bundle=str(path),
                bundle_sha256=identity,
                folder=str(folder),
                seeds=seeds,
                planned=len(study.seeds),
                sandbox=level,
                seconds=round(time.monotonic() - began, 3),
                environment=differences(environment, environment_here(environment)),
                recomputed=_against(evidence, plan, spec, study, before, amended),
                runs=compare_runs(before, results),
                compared=_against(
                    evidence, plan, spec, study, [*results, *(r for r in before if r.run.seed not in seeds)], amended
                ),
            )
            write_json(folder / "reproduction.json", report)
            write_text(folder / "reproduction.md", to_markdown(report))
    return report


def _run_again(
    plan: Plan,
    spec: TemplateSpec,
    seeds: tuple[int, ...],
    folder: RunFolder,
    listener: Listener | None,
    *,
    box: Callable[[], tuple[Sandbox, CanaryReport]],
    executor: str,
    workers: int,
) -> tuple[str, tuple[RunResult, ...]]:
    """The level of the sandbox, and the results of every condition at ``seeds``."""
    events = EventLog(folder.events)
    if listener is not None:
        events.subscribe(listener)
    sandbox, proof = box()
    events.emit("sandbox.proven", level=sandbox.level, holds=proof.holds, unproved=list(proof.unproved))
    bench = open_executor(executor, sandbox, workers)
    return sandbox.level, run_experiments(
        plan=plan, seeds=seeds, spec=spec, folder=folder, executor=bench, events=events
    )


def verify(pdf: Path, bundle_path: Path | None) -> tuple[Check, ...]:
    """Everything that can be checked of a published paper without running it again.

    With a bundle its evidence is computed anew from the bundle's raw results. Raises BundleError if the PDF carries no
    evidence, or if the bundle is none.
    """
    attached, checks = check_paper(pdf)
    if bundle_path is None:
        return checks
    with open_bundle(bundle_path) as bundle:
        checks += tuple(check_bundle(bundle))
        checks += tuple(check_together(pdf, attached, bundle))
        checks += (_recomputed(bundle, attached.evidence),)
    return checks


def _recomputed(bundle: Bundle, evidence: Evidence) -> Check:
    """Whether the same analysis of the bundle's raw results gives the evidence of the paper."""
    name = "the evidence follows from the raw results, computed anew"
    with tempfile.TemporaryDirectory(prefix="scientist-verify-") as private:
        try:
            published = _unpack(bundle, Path(private) / "run")
            study = read_study(bundle)
            plan, spec = _plan_and_template(published, study)
            results = load_results(plan=plan, seeds=study.seeds, folder=published)
        except ScientistError as e:
            return Check(name=name, holds=False, found=e.message)
        found = _against(evidence, plan, spec, study, results, _amended(published, study))
    other = [r.id for r in found.quantities if r.agreement != "identical"]
    other += [c.id for c in found.claims if c.agreement != "identical"]
    count = f"{len(found.quantities)} quantities, {len(found.claims)} claims"
    return Check(name=name, holds=not other, found=f"not the same: {', '.join(other[:5])}" if other else count)


def _identity(path: Path, bundle: Bundle) -> str:
    """The hash of the zip; of the manifest where the bundle is unpacked."""
    return sha256_file(path / MANIFEST if path.is_dir() else path)


def _claim_folder(folder: Path, identity: str) -> None:
    marker = folder / "bundle.sha256"
    if marker.is_file() and marker.read_text(encoding="utf-8").strip() == identity:
        return
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is in use for something else", "give a new folder with --folder")
    try:
        write_text(marker, identity + "\n")
    except OSError as e:
        raise UsageError(f"{folder} cannot be made: {e.strerror}", "give a writable folder with --folder") from e


def _unpack(bundle: Bundle, folder: Path) -> RunFolder:
    """The bundle as the run folder that it was; what an earlier call left there is replaced."""
    if folder.exists():
        shutil.rmtree(folder)
    bundle.unpack(folder)
    return RunFolder(folder, folder.parent)


class _Amended(NamedTuple):
    """What shaped a study beside its plan: seeds that the time budget took, and the search before it."""

    shortfall: Amendment | None
    explored: Explored | None


def _amended(published: RunFolder, study: Study) -> _Amended:
    return _Amended(shortfall_of(published, study.look), read_explored(published))


def _plan_and_template(published: RunFolder, study: Study) -> tuple[Plan, TemplateSpec]:
    plan, digest = frozen(published)
    template = published.root / "template" / study.template
    if digest != study.plan_sha256 or not template.is_dir():
        raise BundleError("the bundle's parts do not belong together", "ask for the bundle again where you got it")
    spec = load_template(template)
    ranked = read_json(published.ideas)["ranked"]
    idea = next((Idea.model_validate(r["idea"]) for r in ranked if r["idea"]["id"] == plan.idea_id), None)
    return plan, spec if idea is None else study_spec(spec, idea)


def _fresh_run(published: RunFolder, root: Path) -> RunFolder:
    """A run folder with the plan, and the changed code if there is any, but no results."""
    again = RunFolder(root, root.parent)
    root.mkdir(parents=True, exist_ok=True)
    for name in ("plan.json", "plan.sha256"):
        shutil.copyfile(published.root / name, root / name)
    if (published.root / "change").is_dir():
        shutil.copytree(published.root / "change", root / "change", dirs_exist_ok=True)
    return again


def _against(
    evidence: Evidence,
    plan: Plan,
    spec: TemplateSpec,
    study: Study,
    results: Sequence[RunResult],
    amended: _Amended,
) -> Comparison:
    from scientist.analysis.ledger import build_evidence

    order = {c.id: i for i, c in enumerate(plan.conditions)}
    ordered = sorted(results, key=lambda r: (order[r.run.condition], r.run.seed))
    rebuilt = build_evidence(
        plan=plan,
        plan_sha256=study.plan_sha256,
        spec=spec,
        results=ordered,
        look=study.look,
        shortfall=amended.shortfall,
        explored=amended.explored,
    )
    return compare(evidence, rebuilt, plan)
