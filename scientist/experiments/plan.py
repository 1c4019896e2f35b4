"""Guards and freezes a plan: what a mind pre-registers is checked, hashed, and from then on only amended in writing."""

from __future__ import annotations

from collections.abc import Sequence

from scientist.errors import RunInterrupted, TemplateError
from scientist.mind.admissible import CODE_CHANGE, FOUND
from scientist.types import Amendment, Cause, Plan, Shortfall, TemplateSpec
from scientist.workspace import RunFolder, canonical_json, read_json, sha256_text, write_json, write_text

TOLERANCE = 1e-9


def check_plan(plan: Plan, spec: TemplateSpec, budget_minutes: float, workers: int = 1) -> None:
    """Raise TemplateError with every reason why the plan cannot be run as a confirmatory study on ``workers``."""
    problems = [*_check_cells(plan, spec), *_check_contrasts(plan), *_check_seeds(plan)]
    if (needed := wall_minutes(plan, workers)) > budget_minutes:
        problems.append(f"it needs about {needed:.1f} minutes, the budget is {budget_minutes:g}")
    if problems:
        raise TemplateError(
            f"the plan for {plan.idea_id!r} cannot be pre-registered: " + "; ".join(problems),
            "give a larger --budget-minutes or fewer --seeds, or mend the template's declarations",
        )


def wall_minutes(plan: Plan, workers: int) -> float:
    """About how long the plan's runs take on that many workers, reserved seeds included."""
    return plan.estimated_minutes / workers


def freeze(plan: Plan, folder: RunFolder) -> str:
    """Write ``plan.json`` and its sha256 and return the hash; an already frozen plan must be the same."""
    digest = sha256_text(canonical_json(plan))
    if folder.plan_hash.exists() and folder.plan_hash.read_text().strip() != digest:
        raise RunInterrupted(
            f"{folder.plan} was pre-registered with another content than is planned now",
            "the plan of a run cannot change; start a new run instead",
        )
    write_json(folder.plan, plan)
    write_text(folder.plan_hash, digest + "\n")
    return digest


def frozen(folder: RunFolder) -> tuple[Plan, str]:
    """The pre-registered plan and its hash. Raises RunInterrupted when the file no longer matches its hash."""
    hint = "restore the file, or start a new run"
    try:
        plan = Plan.model_validate(read_json(folder.plan))
        told = folder.plan_hash.read_text().strip()
    except (OSError, ValueError) as e:
        raise RunInterrupted(f"the pre-registered plan {folder.plan} cannot be read: {e}", hint) from e
    digest = sha256_text(canonical_json(plan))
    if told != digest:
        raise RunInterrupted(
            f"{folder.plan} does not match its pre-registered hash: it was changed after the run began", hint
        )
    return plan, digest


def amend(folder: RunFolder, round_: int, reason: str, cause: Cause | None = None) -> Amendment:
    """Record, before any further run, that the plan's reserved seeds are taken into use and why."""
    plan, digest = frozen(folder)
    amendment = Amendment(round=round_, reason=reason, seeds=plan.extension_seeds, plan_sha256=digest, cause=cause)
    write_json(folder.amendments, [*(a for a in amendments(folder) if a.shortfall is not None), amendment])
    return amendment


def amend_shortfall(
    folder: RunFolder, round_: int, reason: str, seeds: Sequence[int], shortfall: Shortfall
) -> Amendment:
    """Record, before any result is looked at, that the time budget ended the runs and which seeds are analysed."""
    _, digest = frozen(folder)
    amendment = Amendment(
        round=round_, reason=reason, seeds=tuple(seeds), plan_sha256=digest, shortfall=shortfall
    )  # fmt: skip
    write_json(folder.amendments, [*amendments(folder), amendment])
    return amendment


def amendments(folder: RunFolder) -> tuple[Amendment, ...]:
    """All amendments of the plan, in the order in which they were made."""
    if not folder.amendments.exists():
        return ()
    return tuple(Amendment.model_validate(a) for a in read_json(folder.amendments))


def extension_of(folder: RunFolder) -> Amendment | None:
    """The amendment by which the reserved seeds were taken into use, if they were."""
    return next((a for a in amendments(folder) if a.shortfall is None), None)


def shortfall_of(folder: RunFolder, look: int) -> Amendment | None:
    """The amendment by which a look makes do with fewer seeds than planned, if there is one."""
    return next((a for a in amendments(folder) if a.shortfall is not None and a.shortfall.look == look), None)


def seeds_of(folder: RunFolder, look: int) -> tuple[int, ...]:
    """The seeds of a look: the planned ones, from the second on the reserved ones too that an amendment released.

    Where the time budget ended before the plan, they are those that an amendment says are analysed.
    """
    plan, _ = frozen(folder)
    short = shortfall_of(folder, look)
    if short is not None:
        return short.seeds
    extension = extension_of(folder) if look > 1 else None
    return plan.seeds + (extension.seeds if extension else ())


def _check_cells(plan: Plan, spec: TemplateSpec) -> list[str]:
    problems = []
    ids = [c.id for c in plan.conditions]
    if len(set(ids)) != len(ids):
        problems.append("two conditions share an id")
    if sum(c.baseline for c in plan.conditions) != 1:
        problems.append("exactly one condition must be the baseline")
    factors = {f.name: f for f in spec.factors}
    for condition in plan.conditions:
        for name, level in condition.settings.items():
            if name not in factors:
                problems.append(f"condition {condition.id} sets {name}, which is not a factor of {spec.name}")
            elif level not in factors[name].levels:
                problems.append(f"condition {condition.id}: {level!r} is not a declared level of {name}")
        pinned = condition.code_sha256 is not None
        may_pin = condition.settings.get(FOUND) is True
        if (condition.settings.get(CODE_CHANGE) is True) != pinned and not (pinned and may_pin):
            problems.append(f"condition {condition.id} must pin the hash of its changed code, and no other may")
    unknown = set(plan.datasets) - {d.name for d in spec.datasets}
    if spec.datasets and unknown:
        problems.append(f"unknown data sets: {', '.join(sorted(unknown))}")
    return problems


def _check_contrasts(plan: Plan) -> list[str]:
    problems = []
    ids = {c.id for c in plan.conditions}
    if plan.test != "none" and not any(c.confirmatory and c.role == "primary" for c in plan.contrasts):
        problems.append("no primary confirmatory contrast")
    for contrast in plan.contrasts:
        if not contrast.weights.keys() <= ids:
            problems.append(f"contrast {contrast.id} weighs conditions that are not planned")
        if abs(sum(contrast.weights.values())) > TOLERANCE:
            problems.append(f"the weights of contrast {contrast.id} do not sum to zero")
        if contrast.metric not in plan.metrics or contrast.dataset not in plan.datasets:
            problems.append(f"contrast {contrast.id} names a metric or data set outside the plan")
    return problems


def _check_seeds(plan: Plan) -> list[str]:
    problems = []
    every = (*plan.seeds, *plan.extension_seeds)
    if len(set(every)) != len(every):
        problems.append("a seed is used twice")
    if plan.test == "paired_t" and len(plan.seeds) < 2:
        problems.append("a paired test needs two seeds at least")
    return problems
