"""Runs and their results."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import SerializerFunctionWrapHandler, model_serializer

from scientist.types.base import Frozen, Identifier, Setting


class RunStatus(StrEnum):
    OK = "ok"
    CRASHED = "crashed"
    TIMEOUT = "timeout"
    MEMORY = "out_of_memory"
    NO_OUTPUT = "no_output"
    INVALID = "invalid_output"


class Run(Frozen):
    """One execution of one condition at one seed; written last into its folder, so its presence means finished.

    ``peak_gpu_mb`` is the largest GPU memory of its processes together, in MiB, as sampled; None where it is not known.
    ``adjusted`` holds the settings that differ from the plan's, because the run ran out of memory with those.
    ``brought`` says that somebody brought the result, which then was not run here: nothing is known of how it was made.
    None of these is written where there is nothing to say.
    """

    condition: Identifier
    seed: int
    status: RunStatus
    reason: str = ""
    exit_code: int | None = None
    wall_s: float
    cpu_s: float = 0.0
    peak_rss_mb: float = 0.0
    sandbox: str
    device: str = "cpu"
    started_at: str
    brought: bool = False
    files: dict[str, str] = {}
    """sha256 of each file that the run left, by its path relative to the run's folder."""
    peak_gpu_mb: float | None = None
    adjusted: dict[str, Setting] = {}

    @model_serializer(mode="wrap")
    def _without_what_is_absent(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """A run on the CPU as planned keeps the bytes that its record always had."""
        value: dict[str, Any] = write(self)
        return {
            k: v
            for k, v in value.items()
            if k not in ("peak_gpu_mb", "adjusted", "brought") or (v not in (None, {}) and v is not False)
        }


class DatasetResult(Frozen):
    """One data set's entry of ``final_info.json``, checked: finite numbers only."""

    means: dict[str, float]
    stderrs: dict[str, float] = {}


class RunResult(Frozen):
    """A run and what it measured (``results`` is empty unless the status is ok)."""

    run: Run
    folder: str
    results: dict[str, DatasetResult] = {}
