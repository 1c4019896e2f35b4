"""Opens what a run works with: template, mind, literature, sandbox and executor, from its frozen configuration."""

from __future__ import annotations

import os
import tomllib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import tomli_w

from scientist import __version__
from scientist.config import RunConfig, load_config
from scientist.errors import RunInterrupted, UsageError
from scientist.events import EventLog
from scientist.execution import EXECUTORS
from scientist.experiments.template import find_templates, resolve_template
from scientist.graph.state import Services
from scientist.literature.base import SOURCES
from scientist.mind import MINDS
from scientist.mind.base import Mind
from scientist.review.form import FORMS
from scientist.sandbox import choose_proved
from scientist.types import TemplateChoice, TemplateSpec
from scientist.workspace import RunFolder, slug, write_text
from scientist.writeup.compiler import tool_path
from scientist.writeup.latex import load_venue


def choose_study(topic: str, config: RunConfig) -> tuple[TemplateSpec, TemplateChoice]:
    """The template for the topic, as named or as matched. Raises CannotStudyError before anything is written."""
    mind: Mind = MINDS.load(config.mind)()
    if config.template is not None:
        spec = resolve_template(config.template)
        choice = mind.given_template(topic, spec)
    else:
        templates = find_templates()
        choice = mind.choose_template(topic, templates)
        spec = next(t for t in templates if t.name == choice.template)
    if spec.presets and config.preset not in {p.name for p in spec.presets}:
        known = ", ".join(p.name for p in spec.presets)
        raise UsageError(f"template {spec.name!r} has no preset {config.preset!r}", f"its presets: {known}")
    _check_settings(config, spec)
    return spec, choice


def _check_settings(config: RunConfig, spec: TemplateSpec) -> None:
    """Refuse, before anything is written, what would only fail later."""
    if config.seeds == 1 and spec.contract == "scientist":
        raise UsageError("one seed cannot be tested", "give --seeds 2 or more; the presets' numbers are the default")
    for name in config.sources:
        SOURCES.load(name)
    EXECUTORS.load(config.executor)
    load_venue(config.venue)


def create_run(topic: str, config: RunConfig, spec: TemplateSpec, choice: TemplateChoice) -> RunFolder:
    """A new run folder with its frozen configuration."""
    experiments = Path(config.experiments_dir)
    try:
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        root = _unused(experiments / f"{slug(topic)}-{stamp}")
        root.mkdir(parents=True)
        folder = RunFolder(root.resolve(), Path(config.papers_dir).resolve())
        frozen = {
            "topic": topic,
            "created": stamp,
            "scientist": __version__,
            "config": config.model_dump(mode="json", exclude_none=True),
            "choice": choice.model_dump(mode="json"),
            "template_path": spec.path,
            "papers": str(folder.papers.parent),
        }
        write_text(folder.config, tomli_w.dumps(frozen))
    except OSError as e:
        raise UsageError(
            f"no run folder can be made in {experiments}: {e.strerror}",
            "choose a writable folder with --experiments-dir, or make room",
        ) from e
    return folder


def read_run(folder: RunFolder) -> dict[str, Any]:
    """``run.toml`` as it was frozen. Raises UsageError when it cannot be read."""
    try:
        return tomllib.loads(folder.config.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as e:
        raise UsageError(f"{folder.config} cannot be read: {e}", "the run folder is damaged; start a new run") from e


def open_services(folder: RunFolder, events: EventLog) -> Services:
    """Everything that the stages need, from ``run.toml`` alone, so that a resumed run is opened as it was."""
    run = read_run(folder)
    config = RunConfig(**run["config"])
    spec = resolve_template(run["template_path"])
    tool_path()  # a missing TeX is said now, not after the experiments
    sandbox, proof = choose_proved(allow_unsandboxed=config.allow_unsandboxed, only=config.sandbox)
    workers = config.workers or max(1, len(os.sched_getaffinity(0)))
    events.emit("sandbox.proven", level=sandbox.level, holds=proof.holds, unproved=list(proof.unproved))
    return Services(
        config=config,
        folder=folder,
        spec=spec,
        choice=TemplateChoice.model_validate(run["choice"]),
        mind=MINDS.load(config.mind)(),
        sources=tuple(SOURCES.load(name)() for name in config.sources),
        executor=EXECUTORS.load(config.executor)(sandbox, workers),
        sandbox=sandbox.level,
        workers=workers,
        form=FORMS["neurips"],
        events=events,
    )


@cache
def studio_services(topic: str) -> Services:
    """Services for a graph that LangGraph Studio runs without a context: a new run folder, kept for this process."""
    config = load_config({})
    folder = create_run(topic, config, *choose_study(topic, config))
    return open_services(folder, EventLog(folder.events))


def _unused(root: Path) -> Path:
    """``root``, or with a counter when two runs of a topic begin in the same second."""
    for i in range(1, 1000):
        candidate = root if i == 1 else root.with_name(f"{root.name}-{i}")
        if not candidate.exists():
            return candidate
    raise RunInterrupted(f"no free name for a run folder like {root}", "remove old runs, or wait a second")
