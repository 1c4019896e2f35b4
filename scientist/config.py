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
from typing import Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from scientist.errors import UsageError
from scientist.types import Frozen

ENVIRONMENT_PREFIX = "SCIENTIST_RUN_"
MODEL_STAGES = ("survey", "ideate", "code", "write", "review")
"""The stages that may have a model of their own."""


class RunConfig(Frozen):
    """What a run was asked to do; frozen into ``run.toml``."""

    template: str | None = Field(None, description="template name or folder; chosen from the topic if not given")
    preset: str = Field("cpu", description="scale of the experiments: smoke, cpu, gpu")
    mind: str = Field("offline", description="who decides where no model does")
    model: str | None = Field(None, description="language model as provider:name; without one the mind above decides")
    models: dict[str, str] = Field({}, description="models of single stages: survey, ideate, code, write, review")
    base_url: str | None = Field(None, description="address of an OpenAI-compatible server")
    fallback_model: str | None = Field(None, description="model to turn to when the first cannot be reached")
    method: Literal["json_schema", "tools", "json"] | None = Field(
        None, description="how structured replies are asked for; found out if not given"
    )
    temperature: float | None = Field(None, ge=0, le=2, description="the provider's default if not given")
    budget_usd: float | None = Field(None, gt=0, description="most that model calls may cost, US dollars")
    budget_tokens: int | None = Field(None, gt=0, description="most tokens that model calls may use, in and out")
    budget_model_minutes: float | None = Field(
        None, gt=0, description="most wall time that model calls may take, all together, minutes"
    )
    replay: str | None = Field(
        None, description="a run or a recording whose model replies are used; no model is called"
    )
    ideas: int = Field(4, ge=1, le=20, description="ideas that a model is asked for")
    coding: Literal["auto", "levels", "slot", "patch"] = Field(
        "auto", description="how much a model may change: settings, a named function, files; auto goes by its strength"
    )
    coder: str | None = Field(None, description="outside coding agent that makes changes of code")
    allow_coder_network: bool = Field(False, description="let the outside coding agent use the network")
    ensemble: int = Field(3, ge=1, le=9, description="reviewers on a model's panel")
    reflections: int = Field(1, ge=0, le=5, description="rounds of reflection of ideas and reviews")
    seed: int = Field(
        0,
        ge=0,
        description="the same seed gives the same paper; its experiments use seeds from 1000 * (seed + 1) + 1 on",
    )
    seeds: int | None = Field(None, ge=1, description="seeds per condition; the preset's number if not given")
    strategy: str | None = Field(
        None, description="search over configurations before the plan is made: best_first, greedy, islands, …"
    )
    nodes: int = Field(30, ge=2, le=900, description="steps of that search, each a pilot run on validation data")
    budget_minutes: float = Field(15.0, gt=0, description="wall-clock budget of the experiments, minutes; hard")
    workers: int = Field(
        0, ge=0, description="runs at the same time; 0 means one per core, or all that a cluster takes"
    )
    executor: str = Field(
        "local", description="where runs are executed: local, ray or slurm, with a colon and its address or parameters"
    )
    sandbox: str | None = Field(None, description="sandbox level to insist on; the best available if not given")
    allow_unsandboxed: bool = Field(False, description="run without a sandbox if none works")
    alpha: float = Field(0.05, gt=0, lt=0.5, description="family-wise significance level of the whole study")
    min_score: float = Field(5.0, ge=1, le=10, description="overall review score that publishes a draft")
    max_rounds: int = Field(2, ge=0, le=5, description="revisions or extensions after the first review")
    sources: tuple[str, ...] = Field(
        ("library", "arxiv", "semantic_scholar", "openalex"), description="literature sources to ask"
    )
    search_seconds: float = Field(
        20.0, gt=0, description="time of one literature query, seconds; a whole search takes at most four times that"
    )
    embed: str | None = Field(
        None, description="encoder whose vectors take part in the library's search, such as static"
    )
    offline: bool = Field(False, description="ask the library and kept answers only, no literature service")
    venue: str = Field("preprint", description="document style")
    venue_dir: str | None = Field(None, description="folder with a venue.toml, for a style of one's own")
    anonymous: bool = Field(False, description="leave out of the paper what tells whose it is")
    plan: str | None = Field(None, description="a plan.json to carry out instead of planning")
    idea: str | None = Field(None, description="an idea.json to study instead of looking for ideas")
    results: str | None = Field(None, description="folder of results that were made elsewhere; nothing is run")
    review_form: str = Field("neurips", description="form that drafts are reviewed on: a name or a .toml file")
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
    from_file = values.get("models", {})
    values |= _checked(_parse_strings(from_environment), f"environment ({ENVIRONMENT_PREFIX}…)")
    given = _checked({k: v for k, v in flags.items() if v is not None}, "flags")
    models = {**from_file, **values.get("models", {}), **given.get("models", {})}
    return RunConfig(**{**values, **given, "models": models})


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as e:
        raise UsageError(f"{path} is not valid TOML: {e}", "mend the file or remove it") from e


def _parse_strings(values: dict[str, str]) -> dict[str, Any]:
    """Environment values are strings; a list is separated by commas, and so is a table of ``key=value``."""
    parsed: dict[str, Any] = dict(values)
    if "sources" in values:
        parsed["sources"] = tuple(values["sources"].split(","))
    if "models" in values:
        pairs = (pair.partition("=") for pair in values["models"].split(","))
        parsed["models"] = {stage.strip(): model.strip() for stage, _, model in pairs}
    return parsed


def _checked(values: dict[str, Any], source: str) -> dict[str, Any]:
    fields = RunConfig.model_fields
    for key, value in values.items():
        if key not in fields:
            near = difflib.get_close_matches(key, fields, n=1)
            raise UsageError(
                f"unknown setting {key!r} in {source}",
                f"did you mean {near[0]!r}?" if near else f"known settings: {', '.join(fields)}",
            )
        if key == "models" and isinstance(value, dict) and (unknown := sorted(set(value) - set(MODEL_STAGES))):
            raise UsageError(f"no stage {unknown[0]!r} in {source}", f"stages with a model: {', '.join(MODEL_STAGES)}")
        try:
            values[key] = TypeAdapter(_annotation(key)).validate_python(value)
        except ValidationError as e:
            raise UsageError(f"setting {key!r} in {source}: {e.errors()[0]['msg']} (got {value!r})") from e
    return values


def _annotation(key: str) -> Any:
    from typing import Annotated

    field = RunConfig.model_fields[key]
    return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
