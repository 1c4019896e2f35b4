"""A run that ran out of memory is made once more with half the batch, where the template says which setting that is."""

from __future__ import annotations

from scientist.execution.job import JobResult
from scientist.experiments.run import Settings
from scientist.types import Setting, TemplateSpec


def smaller(spec: TemplateSpec, settings: Settings, outcome: JobResult) -> dict[str, Setting] | None:
    """The setting to try a run again with, or None: it did not lack memory, or there is nothing to halve."""
    if outcome.status != "out_of_memory" or spec.oom_batch is None:
        return None
    batch = settings.get(spec.oom_batch)
    if not isinstance(batch, int) or isinstance(batch, bool) or batch < 2:
        return None
    return {spec.oom_batch: batch // 2}


def halved(spec: TemplateSpec, adjusted: dict[str, Setting] | None, outcome: JobResult) -> JobResult:
    """The outcome of a run with what was done about its memory in its reason: with a smaller batch, or nothing."""
    told = ", ".join(f"{name} = {value}" for name, value in (adjusted or {}).items())
    if told and outcome.status == "out_of_memory":
        said = f"out of memory with half the batch ({told}) too"
    elif told:
        said = f"made with half the batch ({told}) after it ran out of memory"
    elif outcome.status == "out_of_memory" and outcome.device != "cpu":
        said = "not tried with a smaller batch: " + (
            "the template declares no oom_batch" if spec.oom_batch is None else f"{spec.oom_batch} cannot be halved"
        )
    else:
        return outcome
    return outcome.model_copy(update={"reason": "; ".join(filter(None, (outcome.reason, said)))})
