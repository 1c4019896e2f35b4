"""The configuration of a run: defaults < scientist.toml < environment < flags; unknown keys are errors.

``scientist.toml`` in the current folder holds the same keys as the flags (``preset = "cpu"``). An environment
variable is the key in capitals with the prefix ``SCIENTIST_RUN_`` (``SCIENTIST_RUN_PRESET=smoke``).
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, TypeAdapter, ValidationError

from scientist.errors import UsageError
from scientist.types import Frozen

ENVIRONMENT_PREFIX = "SCIENTIST_RUN_"


class RunConfig(Frozen):
    """What a run was asked to do; frozen into ``run.toml``."""

    template: str | None = Field(None, description="template name or folder; chosen from the topic if not given")
    preset: str = Field("cpu", description="scale of the experiments: smoke, cpu, gpu")
    mind: str = Field("offline", description="who decides")
    seed: int = Field(
        0,
        ge=0,
        description="the same seed gives the same paper; its experiments use seeds from 1000 * (seed + 1) + 1 on",
    )
    seeds: int | None = Field(None, ge=1, description="seeds per condition; the preset's number if not given")
    budget_minutes: float = Field(15.0, gt=0, description="wall-clock budget of the experiments, minutes")
    workers: int = Field(0, ge=0, description="runs at the same time; 0 means one per core")
    executor: str = Field("local", description="where runs are executed")
    sandbox: str | None = Field(None, description="sandbox level to insist on; the best available if not given")
    allow_unsandboxed: bool = Field(False, description="run without a sandbox if none works")
    alpha: float = Field(0.05, gt=0, lt=0.5, description="family-wise significance level of the whole study")
    min_score: float = Field(5.0, ge=1, le=10, description="overall review score that publishes a draft")
    max_rounds: int = Field(2, ge=0, le=5, description="revisions or extensions after the first review")
    sources: tuple[str, ...] = Field(("library",), description="literature sources to ask")
    search_seconds: float = Field(20.0, gt=0, description="time for the whole literature search, seconds")
    venue: str = Field("preprint", description="document style")
    experiments_dir: str = Field("experiments", description="where run folders go")
    papers_dir: str = Field("papers", description="where finished papers go")


def load_config(
    flags: Mapping[str, Any], *, folder: Path | None = None, environ: Mapping[str, str] = os.environ
) -> RunConfig:
    """Merge the four layers; ``None`` among the flags means "not given". Raises UsageError naming the source."""
    values: dict[str, Any] = {}
    path = (folder or Path.cwd()) / "scientist.toml"
    if path.exists():
        values |= _checked(_read_toml(path), str(path))
    from_environment = {
        name.removeprefix(ENVIRONMENT_PREFIX).lower(): value
        for name, value in environ.items()
        if name.startswith(ENVIRONMENT_PREFIX)
    }
    values |= _checked(_parse_strings(from_environment), f"environment ({ENVIRONMENT_PREFIX}…)")
    values |= _checked({k: v for k, v in flags.items() if v is not None}, "flags")
    return RunConfig(**values)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as e:
        raise UsageError(f"{path} is not valid TOML: {e}", "mend the file or remove it") from e


def _parse_strings(values: dict[str, str]) -> dict[str, Any]:
    """Environment values are strings; a tuple field takes a comma-separated list."""
    return {k: tuple(v.split(",")) if k == "sources" else v for k, v in values.items()}


def _checked(values: dict[str, Any], source: str) -> dict[str, Any]:
    fields = RunConfig.model_fields
    for key, value in values.items():
        if key not in fields:
            near = difflib.get_close_matches(key, fields, n=1)
            raise UsageError(
                f"unknown setting {key!r} in {source}",
                f"did you mean {near[0]!r}?" if near else f"known settings: {', '.join(fields)}",
            )
        try:
            values[key] = TypeAdapter(_annotation(key)).validate_python(value)
        except ValidationError as e:
            raise UsageError(f"setting {key!r} in {source}: {e.errors()[0]['msg']} (got {value!r})") from e
    return values


def _annotation(key: str) -> Any:
    from typing import Annotated

    field = RunConfig.model_fields[key]
    return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
