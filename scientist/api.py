"""The Python interface: ``run`` a topic to a paper, ``resume`` a run, ``review`` a manuscript."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scientist.config import RunConfig, load_config
from scientist.errors import RunInterrupted, UsageError
from scientist.events import EventLog, Listener, read_lines
from scientist.types import Decision, Frozen, Review, TemplateChoice
from scientist.workspace import RunFolder, disk_errors, find_run, read_json, run_lock

if TYPE_CHECKING:
    from scientist.graph.state import Services


class RunOutcome(Frozen):
    """What ``run`` and ``resume`` return, and print with ``--json``.

    ``seconds`` is the wall time of this process on the run; ``stage_seconds`` are those of the whole run, resumes
    included.
    """

    run_id: str
    topic: str
    template: str
    folder: str
    paper: str
    decision: str
    reason: str
    score: float
    rounds: int
    runs_ok: int
    runs_failed: int
    seconds: float
    stage_seconds: dict[str, float]
    usd: float = 0.0

    @property
    def accepted(self) -> bool:
        return self.decision == "publish"


def run(
    topic: str,
    *,
    on_choice: Callable[[TemplateChoice], None] = lambda choice: None,
    listener: Listener | None = None,
    **settings: Any,
) -> RunOutcome:
    """Research ``topic`` and write the paper. ``settings`` are the keys of RunConfig; unknown ones are errors.

    Raises ScientistError subclasses; what was done until then stays in the run folder and can be resumed.
    """
    from scientist.graph.services import choose_study, create_run

    if not topic.strip() or not topic.isprintable():
        raise UsageError("the topic is empty or holds characters that cannot be printed", "ask in words, on one line")
    config = load_config(settings)
    spec, choice = choose_study(topic, config)
    on_choice(choice)
    folder = create_run(topic, config, spec, choice)
    return _execute(folder, listener)


def resume(run_id: str, *, listener: Listener | None = None, **settings: Any) -> RunOutcome:
    """Continue a run from where it was. No finished experiment runs again."""
    config = load_config(settings)
    folder = find_run(Path(config.experiments_dir), Path(config.papers_dir).resolve(), run_id)
    return _execute(folder, listener)


def review(path: str | Path, *, mind: str = "offline", venue: str = "neurips") -> Review:
    """Review a manuscript (PDF, LaTeX source, Markdown or text). Raises ManuscriptError when it cannot be read."""
    from scientist.mind import MINDS
    from scientist.review.form import FORMS
    from scientist.review.lookup import library_lookup
    from scientist.review.manuscript import read_manuscript
    from scientist.review.reviewer import review_manuscript

    manuscript = read_manuscript(Path(path))
    return review_manuscript(manuscript, mind=MINDS.load(mind)(), form=FORMS[venue], lookup=library_lookup())


def outcome(folder: RunFolder, seconds: float = 0.0) -> RunOutcome:
    """What a finished run left, read from its folder."""
    from scientist.graph.services import read_run

    record = read_run(folder)
    decision = Decision.model_validate(read_json(folder.decision))
    statuses = {(e["condition"], e["seed"]): e["status"] for e in _events(folder, "run.finished")}
    ok = sum(status == "ok" for status in statuses.values())
    return RunOutcome(
        run_id=folder.run_id,
        topic=record["topic"],
        template=record["choice"]["template"],
        folder=str(folder.root),
        paper=str(folder.papers / "paper.pdf"),
        decision=decision.action.value,
        reason=decision.reason,
        score=decision.score,
        rounds=decision.round + 1,
        runs_ok=ok,
        runs_failed=len(statuses) - ok,
        seconds=round(seconds, 3),
        stage_seconds=stage_seconds(folder),
    )


def stage_seconds(folder: RunFolder) -> dict[str, float]:
    """Seconds that each stage took, summed over rounds and resumes."""
    seconds: dict[str, float] = {}
    for event in _events(folder, "stage.finished"):
        seconds[event["stage"]] = round(seconds.get(event["stage"], 0.0) + event["seconds"], 3)
    return seconds


def _execute(folder: RunFolder, listener: Listener | None) -> RunOutcome:
    """Hold the run folder, open the services and run the graph to its end; a finished run is only read."""
    began = time.monotonic()
    with disk_errors("opening the run folder", folder.root), run_lock(folder.root):
        if not folder.decision.exists():
            events = EventLog(folder.events)
            if listener is not None:
                events.subscribe(listener)
            events.emit("run.opened", run_id=folder.run_id)
            _run_graph(folder, events)
        return outcome(folder, time.monotonic() - began)


def _run_graph(folder: RunFolder, events: EventLog) -> None:
    from scientist.graph.build import execute
    from scientist.graph.services import open_services, read_run

    services: Services = open_services(folder, events)
    try:
        execute(services, read_run(folder)["topic"])
    except KeyboardInterrupt:
        events.emit("run.interrupted")
        raise RunInterrupted(
            f"run {folder.run_id} was interrupted; every finished experiment is kept",
            f"continue with: scientist resume {folder.root}",
        ) from None


def _events(folder: RunFolder, kind: str) -> list[dict[str, Any]]:
    return [e for e in read_lines(folder.events) if e["kind"] == kind]


__all__ = ["RunConfig", "RunOutcome", "outcome", "resume", "review", "run", "stage_seconds"]
