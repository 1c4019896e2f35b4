"""Opens what a run works with: template, mind, literature, sandbox and executor, from its frozen configuration."""

from __future__ import annotations

import atexit
import os
import shutil
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import tomli_w

from scientist import __version__
from scientist.config import RunConfig, load_config
from scientist.errors import RunInterrupted, UsageError
from scientist.events import EventLog
from scientist.execution import check_executor, open_executor
from scientist.experiments.coders import open_coder
from scientist.experiments.exploring import check_strategy
from scientist.experiments.template import find_templates, resolve_template
from scientist.graph.given import with_kept_venue
from scientist.graph.state import Services
from scientist.literature.answers import remembered
from scientist.literature.base import SOURCES, Finder, open_sources
from scientist.mind import MINDS
from scientist.mind.base import Mind
from scientist.review.form import form_for
from scientist.sandbox import choose_proved
from scientist.types import ReviewForm, TemplateChoice, TemplateSpec, Usage
from scientist.workspace import RunFolder, read_json, slug, write_json, write_text
from scientist.writeup.compiler import tool_path
from scientist.writeup.venue import Venue, load_venue, require


def check_settings(config: RunConfig) -> None:
    """Refuse, before anything is written, what would only fail later. Raises UsageError, EnvironmentProblem."""
    for name in config.sources:
        SOURCES.load(name)
    check_executor(config.executor)
    venue = venue_of(config)
    if shutil.which(
        "kpsewhich"
    ):  # without any TeX that is what the run says when it is opened, and can be resumed from
        require(venue)
    review_form(config)
    if config.strategy is not None:
        check_strategy(config.strategy)
        if config.results is not None or config.plan is not None:
            raise UsageError("a plan or results that are given leave nothing to search for", "leave out --strategy")
    if config.template is not None:
        _check_template(config, resolve_template(config.template))


def venue_of(config: RunConfig) -> Venue:
    """The venue that the configuration names. Raises UsageError."""
    return load_venue(config.venue, config.venue_dir)


def review_form(config: RunConfig) -> ReviewForm:
    """The form that drafts are reviewed on; a venue's limits hold for drafts in its own style alone."""
    form = config.review_form
    limits = form == config.venue
    return form_for(form, reviewers=config.ensemble, reflections=config.reflections, limits=limits)


def choose_study(topic: str, config: RunConfig, mind: Mind) -> tuple[TemplateSpec, TemplateChoice]:
    """The template for the topic, as named or as matched. Raises CannotStudyError, UsageError."""
    if config.template is not None:
        spec = resolve_template(config.template)
        choice = mind.given_template(topic, spec)
    else:
        templates = find_templates()
        choice = mind.choose_template(topic, templates)
        spec = next(t for t in templates if t.name == choice.template)
    _check_template(config, spec)
    return spec, choice


def _check_template(config: RunConfig, spec: TemplateSpec) -> None:
    if config.strategy is not None:
        check_strategy(config.strategy, spec)
    if spec.presets and config.preset not in {p.name for p in spec.presets}:
        known = ", ".join(p.name for p in spec.presets)
        raise UsageError(f"template {spec.name!r} has no preset {config.preset!r}", f"its presets: {known}")
    if config.seeds == 1 and spec.contract == "scientist":
        raise UsageError("one seed cannot be tested", "give --seeds 2 or more; the presets' numbers are the default")


def create_run(topic: str, config: RunConfig) -> RunFolder:
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


@contextmanager
def open_services(folder: RunFolder, events: EventLog, changes: Mapping[str, Any] | None = None) -> Iterator[Services]:
    """Everything that the stages need, from the run folder alone, so that a resumed run is opened as it was.

    ``changes`` are the settings that a resumed run may be given anew. Raises CannotStudyError when the topic fits no
    template.
    """
    run = read_run(folder)
    config = with_kept_venue(folder, RunConfig(**{**run["config"], **(changes or {})}))
    tool_path()  # a missing TeX, or a class that it lacks, is said now, not after the experiments
    require(venue_of(config))
    with open_mind(config, folder.root, events.emit) as (mind, usage, sees):
        spec, choice = _study(folder, run["topic"], config, mind, events)
        sandbox, proof = choose_proved(allow_unsandboxed=config.allow_unsandboxed, only=config.sandbox)
        workers = config.workers or max(1, len(os.sched_getaffinity(0)))
        events.emit("sandbox.proven", level=sandbox.level, holds=proof.holds, unproved=list(proof.unproved))
        yield Services(
            config=config,
            folder=folder,
            spec=spec,
            choice=choice,
            mind=mind,
            coder=mind
            if config.coder is None
            else open_coder(config.coder, sandbox, allow_network=config.allow_coder_network),
            stand_in=MINDS.load(config.mind)(),
            usage=usage,
            sees=sees,
            sources=remembered(open_sources(config.sources, embed=config.embed), offline=config.offline),
            finders=_finders(config),
            executor=open_executor(config.executor, sandbox, config.workers),
            sandbox=sandbox.level,
            workers=workers,
            form=review_form(config),
            events=events,
        )


def _finders(config: RunConfig) -> tuple[Finder, ...]:
    """Where references are verified: the library, and online Crossref and the sources of the search."""
    names = ("library", *(() if config.offline else ("crossref", *config.sources)))
    opened = remembered(open_sources(tuple(dict.fromkeys(names))), offline=config.offline)
    return tuple(source for source in opened if isinstance(source, Finder))


@contextmanager
def open_mind(
    config: RunConfig, folder: Path, emit: Callable[..., object]
) -> Iterator[tuple[Mind, Callable[[], dict[str, Usage]], bool]]:
    """The mind that the configuration asks for, what it has cost so far by stage, and whether its reviewer sees.

    A language model keeps its calls in ``folder``, and is closed when the context ends.
    """
    offline: Mind = MINDS.load(config.mind)()
    if config.model is None:
        yield offline, lambda: {}, False
        return
    from scientist.mind.handover import Handover
    from scientist.mind.llm import LLMMind, expected_calls
    from scientist.models.estimates import estimate
    from scientist.models.opening import open_configured
    from scientist.models.prices import load_prices

    models = {"default": config.model, **config.models}
    models |= {"explore": models["code"]} if "code" in models else {}
    if not (folder / "calls.sqlite").exists() and config.replay is None:
        expected = expected_calls(ideas_reflected=config.reflections, reviewers=config.ensemble)
        emit("model.estimated", text=estimate(expected, models, load_prices()).text)
    chat = open_configured(config, models, folder, emit)
    with closing(chat):
        model = LLMMind(chat, ideas=config.ideas, reflections=config.reflections)
        mind = Handover(model, offline, lambda what, why: emit("mind.handed_over", at_step=what, reason=why))
        yield mind, chat.spent, chat.sees("review")


def _study(
    folder: RunFolder, topic: str, config: RunConfig, mind: Mind, events: EventLog
) -> tuple[TemplateSpec, TemplateChoice]:
    """The study that this run chose, chosen now if it has not been."""
    if folder.choice.exists():
        record = read_json(folder.choice)
        return resolve_template(record["template_path"]), TemplateChoice.model_validate(record["choice"])
    spec, choice = choose_study(topic, config, mind)
    write_json(folder.choice, {"template_path": spec.path, "choice": choice.model_dump(mode="json")})
    events.emit("template.chosen", template=choice.template, confidence=choice.confidence, reason=choice.reason)
    return spec, choice


@cache
def studio_services(topic: str) -> Services:
    """Services for a graph that LangGraph Studio runs without a context: a new run folder, kept for this process."""
    config = load_config({})
    check_settings(config)
    folder = create_run(topic, config)
    opened = ExitStack()
    atexit.register(opened.close)
    return opened.enter_context(open_services(folder, EventLog(folder.events)))


def _unused(root: Path) -> Path:
    """``root``, or with a counter when two runs of a topic begin in the same second."""
    for i in range(1, 1000):
        candidate = root if i == 1 else root.with_name(f"{root.name}-{i}")
        if not candidate.exists():
            return candidate
    raise RunInterrupted(f"no free name for a run folder like {root}", "remove old runs, or wait a second")
