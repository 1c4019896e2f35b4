"""Entering the graph with an idea, a plan, results or a style in hand; each is checked before a run folder is made."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from scientist.config import RunConfig
from scientist.errors import TemplateError, UsageError
from scientist.execution.leases import count_cores
from scientist.experiments.brought import brought_seeds, check_brought
from scientist.experiments.plan import check_plan
from scientist.experiments.study import study_spec
from scientist.experiments.template import resolve_template, template_hash
from scientist.types import Frozen, Idea, Plan, TemplateSpec
from scientist.workspace import RunFolder, read_json, write_json
from scientist.writeup.venue import FILE as VENUE_FILE
from scientist.writeup.venue import SHIPPED

Model = TypeVar("Model", bound=BaseModel)
PLAN, IDEA, RESULTS, VENUE = "plan.json", "idea.json", "results", "venue"
WHOLE_COURSE = "docs/stages.md says what each file holds; a finished run's plan.json and ideas.json are examples"


class Given(Frozen):
    """What a run was handed. A plan comes with its idea; results without a plan are planned for when they are read."""

    plan: Plan | None = None
    idea: Idea | None = None
    results: Path | None = None

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of the given results."""
        return brought_seeds(self.results) if self.results is not None else ()


def read_given(topic: str | None, config: RunConfig) -> tuple[str | None, RunConfig, Given]:
    """What ``config`` names, read and checked, with the topic and settings that follow from it where none were given.

    Raises UsageError, naming the file, the field and what is expected; TemplateError for a plan that was made for
    another version of its template.
    """
    plan = None if config.plan is None else _read(Path(config.plan), Plan, "a plan")
    idea = _idea(config, plan)
    results = None if config.results is None else Path(config.results).resolve()
    if plan is None and idea is None and results is None:
        return topic, config, Given()
    source = plan or idea
    if source is not None:
        config = config.model_copy(update={"template": config.template or source.template})
        topic = topic or source.question
    if plan is not None:
        config = config.model_copy(update={"preset": plan.preset})
        _check_plan(plan, idea, config)
    given = Given(plan=plan, idea=idea, results=results)
    if results is not None:
        seeds = given.seeds
        if config.template is None:
            raise UsageError("results need to be told what they are of", "give --template, --idea or --from plan.json")
        if plan is not None:
            check_brought(results, plan, resolve_template(config.template))
        else:
            config = config.model_copy(update={"seeds": len(seeds)})
    return topic, config, given


def keep_given(folder: RunFolder, given: Given) -> None:
    """Copy what was handed in into the run folder, from which alone the stages read, also when resumed."""
    place = folder.root / "given"
    if given.plan is not None:
        write_json(place / PLAN, given.plan)
    if given.idea is not None:
        write_json(place / IDEA, given.idea)
    if given.results is not None:
        shutil.copytree(given.results, place / RESULTS, symlinks=True, dirs_exist_ok=True)


def keep_venue(folder: RunFolder, config: RunConfig) -> None:
    """Copy a style of the user's own into the run folder, so that it can be resumed and written again anywhere."""
    if config.venue_dir is None:
        return
    source = Path(config.venue_dir).resolve()
    place = folder.root / "given" / VENUE / source.name
    place.mkdir(parents=True, exist_ok=True)
    for file in source.iterdir():
        if file.is_file() and (file.name == VENUE_FILE or file.suffix in (*SHIPPED, ".j2")):
            shutil.copyfile(file, place / file.name)


def with_kept_venue(folder: RunFolder, config: RunConfig) -> RunConfig:
    """The run's configuration with the copy of its style; runs from before there were copies keep the user's folder."""
    if config.venue_dir is None:
        return config
    kept = folder.root / "given" / VENUE / Path(config.venue_dir).resolve().name
    return config.model_copy(update={"venue_dir": str(kept)}) if kept.is_dir() else config


def kept_given(folder: RunFolder) -> Given:
    """What the run was handed when it began."""
    place = folder.root / "given"
    return Given(
        plan=Plan.model_validate(read_json(place / PLAN)) if (place / PLAN).is_file() else None,
        idea=Idea.model_validate(read_json(place / IDEA)) if (place / IDEA).is_file() else None,
        results=place / RESULTS if (place / RESULTS).is_dir() else None,
    )


def planned_for(plan: Plan, seeds: tuple[int, ...]) -> Plan:
    """A plan for results that exist already: their seeds, and none in reserve, since none can be run."""
    return plan.model_copy(
        update={
            "seeds": seeds,
            "extension_seeds": (),
            "looks": 1,
            "estimated_minutes": 0.0,
            "stopping_rule": "the results were there before the plan, so nothing could be stopped or added",
        }
    )


def _idea(config: RunConfig, plan: Plan | None) -> Idea | None:
    """The idea that was given, or that of a given plan, from the ideas.json beside it."""
    if config.idea is not None:
        idea = _read_idea(Path(config.idea))
        if plan is not None and idea.id != plan.idea_id:
            raise UsageError(
                f"{config.idea}: field 'id' is {idea.id!r}, but {config.plan} was made for {plan.idea_id!r}",
                "give the idea that the plan was made for",
            )
        return idea
    if plan is None:
        return None
    beside = Path(str(config.plan)).parent / "ideas.json"
    ranked = _json(beside).get("ranked", []) if beside.is_file() else []
    found = next((r["idea"] for r in ranked if r.get("idea", {}).get("id") == plan.idea_id), None)
    if found is None:
        raise UsageError(
            f"{config.plan} does not hold the idea {plan.idea_id!r} that it was made for, "
            "and no ideas.json lies beside it",
            "give it with --idea FILE, or name the plan.json in its own run folder",
        )
    return _validated(beside, found, Idea, "an idea")


def _read_idea(file: Path) -> Idea:
    """An idea, or the chosen one of a run's ideas.json."""
    value = _json(file)
    return _validated(file, value.get("chosen", value), Idea, "an idea")


def _check_plan(plan: Plan, idea: Idea | None, config: RunConfig) -> None:
    spec = resolve_template(str(config.template))
    if any(c.code_sha256 for c in plan.conditions):
        raise UsageError(
            f"{config.plan} compares a change of code, which the file does not hold",
            "scientist reproduce BUNDLE runs such a plan again, with its code",
        )
    present = template_hash(Path(spec.path))
    if plan.template_hash != present:
        raise TemplateError(
            f"{config.plan}: field 'template_hash' is {plan.template_hash[:12]}…, but the template {spec.name} in "
            f"{spec.path} has {present[:12]}…: the plan was made for other code",
            "restore the template that it was made for (a bundle holds it: --template BUNDLE/template/NAME), or let "
            "the run make a new plan: --idea",
        )
    budget = float("inf") if config.results is not None else config.budget_minutes
    check_plan(plan, _spec(spec, idea), budget, config.workers or count_cores())


def _spec(spec: TemplateSpec, idea: Idea | None) -> TemplateSpec:
    return spec if idea is None else study_spec(spec, idea)


def _read(file: Path, model: type[Model], what: str) -> Model:
    return _validated(file, _json(file), model, what)


def _json(file: Path) -> dict[str, Any]:
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except OSError as e:
        raise UsageError(f"{file} cannot be read: {e.strerror}", WHOLE_COURSE) from e
    except ValueError as e:
        raise UsageError(f"{file} is not JSON: {e}", WHOLE_COURSE) from e
    if not isinstance(value, dict):
        raise UsageError(f"{file} holds no JSON object", WHOLE_COURSE)
    return value


def _validated(file: Path, value: Any, model: type[Model], what: str) -> Model:
    try:
        return model.model_validate(value)
    except ValidationError as e:
        lines = [f"- field '{'.'.join(map(str, x['loc']))}': {x['msg']} (got {x['input']!r:.60})" for x in e.errors()]
        raise UsageError(f"{file} is not {what}:\n" + "\n".join(lines[:8]), WHOLE_COURSE) from e
