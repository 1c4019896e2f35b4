"""The Python interface: ``run`` a topic to a paper, ``resume`` a run, ``review`` a manuscript."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scientist.config import RunConfig, load_config
from scientist.errors import CannotStudyError, RunInterrupted, UsageError
from scientist.events import EventLog, Listener, read_lines
from scientist.types import Decision, Frozen, Review, Usage
from scientist.workspace import RunFolder, chosen_template, disk_errors, find_run, read_json, run_lock

if TYPE_CHECKING:
    from scientist.graph.rewrite import Rewritten


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
    usage: dict[str, Usage]
    """What model calls have cost, by stage; empty without a model."""
    usd: float = 0.0

    @property
    def accepted(self) -> bool:
        return self.decision == "publish"


def run(
    topic: str | None = None, *, listener: Listener | None = None, until: str | None = None, **settings: Any
) -> RunOutcome:
    """Research ``topic`` and write the paper. ``settings`` are the keys of RunConfig; unknown ones are errors.

    With ``until`` the run is left after that stage (RunInterrupted), to be resumed. With ``plan``, ``idea`` or
    ``results`` it enters with what these files hold; the topic is then theirs if none is given. With ``replay`` the
    topic and the settings that are not given are those of the recorded run. Raises ScientistError subclasses; what was
    done until then stays in the run folder and can be resumed.
    """
    from scientist.graph.given import keep_given, keep_venue, read_given
    from scientist.graph.replay import recorded_study
    from scientist.graph.services import check_settings, create_run

    config = load_config(settings)
    check_stage(until)
    if config.replay is not None:
        topic, config = recorded_study(topic, config, settings)
    topic, config, given = read_given(topic, config)
    if topic is None or not topic.strip() or not topic.isprintable():
        raise UsageError("the topic is empty or holds characters that cannot be printed", "ask in words, on one line")
    check_settings(config)
    folder = create_run(topic, config)
    keep_given(folder, given)
    keep_venue(folder, config)
    try:
        return _execute(folder, listener, until=until)
    except (CannotStudyError, UsageError):
        if not folder.choice.exists() and not folder.calls.exists():  # nothing was chosen and nothing was paid
            shutil.rmtree(folder.root)
            with suppress(OSError):
                folder.root.parent.rmdir()
        raise


STAGES = ("survey", "ideate", "design", "experiment", "analyse", "write", "review")
"""The stages after which a run can be left."""
RESUMABLE = (
    *("model", "models", "base_url", "fallback_model", "method", "budget_usd", "budget_tokens", "budget_model_minutes"),
    *("budget_minutes", "workers", "executor"),
)
"""Settings that a resumed run may be given anew; all others decide what the paper says."""


def resume(run_id: str, *, listener: Listener | None = None, until: str | None = None, **settings: Any) -> RunOutcome:
    """Continue a run from where it was. No finished experiment runs again, and no answered model call is paid again.

    Of the settings, those in RESUMABLE may be changed; the change is recorded in the run's events, and holds for later
    resumes too.
    """
    check_stage(until)
    changes = {k: v for k in RESUMABLE if (v := settings.get(k)) is not None}
    config = load_config(settings)
    folder = find_run(Path(config.experiments_dir), Path(config.papers_dir).resolve(), run_id)
    return _execute(folder, listener, {k: getattr(config, k) for k in changes}, until=until)


REWRITABLE = ("venue", "venue_dir", "anonymous", "base_url", "method", "budget_usd", "budget_tokens")
"""Settings that ``write`` takes from whoever asks for it; all others are the run's."""


def write(
    run_id: str,
    *,
    out: Path | None = None,
    mind: str | None = None,
    overwrite: bool = False,
    listener: Listener | None = None,
    **settings: Any,
) -> Rewritten:
    """Write the paper of a finished run again, without running an experiment, into a new folder.

    ``mind`` ("offline" or a model's name) writes the text anew; without it the published text is set in another style.
    Of the settings those in REWRITABLE are used. Raises UsageError, EnvironmentProblem, DraftRejected,
    TypesettingError.
    """
    from scientist.graph.given import with_kept_venue
    from scientist.graph.rewrite import rewrite
    from scientist.graph.services import read_run

    asked = load_config(settings)
    folder = find_run(Path(asked.experiments_dir), Path(asked.papers_dir).resolve(), run_id)
    given = {k: getattr(asked, k) for k in REWRITABLE if settings.get(k) is not None}
    if given.get("venue") is not None and given.get("venue_dir") is None:
        given["venue_dir"] = None  # a style by name stands against the folder that the run was written with
    own = with_kept_venue(folder, RunConfig(**read_run(folder)["config"]))
    config = own.model_copy(update=given)
    return rewrite(folder, config, out=out, mind=mind, overwrite=overwrite, listener=listener)


def review(path: str | Path, *, venue: str = "general", record: str | Path | None = None, **settings: Any) -> Review:
    """Review a manuscript (PDF, LaTeX source, Markdown or text).

    ``settings`` are the keys of RunConfig: with ``model`` a panel of ``ensemble`` reviewers judges, else the offline
    mind measures. ``record`` is the folder that keeps the model calls, so that the same review is not paid twice; one
    in the user's data folder if it is not given. Raises ManuscriptError, UsageError, ModelError.
    """
    from scientist.review.desk import review_file

    folder = None if record is None else Path(record)
    return review_file(Path(path), load_config(settings), venue=venue, record=folder).review


def outcome(folder: RunFolder, seconds: float = 0.0) -> RunOutcome:
    """What a finished run left, read from its folder."""
    from scientist.graph.services import read_run

    record = read_run(folder)
    decision = Decision.model_validate(read_json(folder.decision))
    ended = (*_events(folder, "run.finished"), *_events(folder, "run.brought"))
    statuses = {(e["condition"], e["seed"]): e["status"] for e in ended}
    ok = sum(status == "ok" for status in statuses.values())
    usage = usage_of(folder)
    return RunOutcome(
        run_id=folder.run_id,
        topic=record["topic"],
        template=chosen_template(folder),
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
        usage=usage,
        usd=round(sum(u.usd for u in usage.values()), 6),
    )


def stage_seconds(folder: RunFolder) -> dict[str, float]:
    """Seconds that each stage took, summed over rounds and resumes."""
    seconds: dict[str, float] = {}
    for event in _events(folder, "stage.finished"):
        seconds[event["stage"]] = round(seconds.get(event["stage"], 0.0) + event["seconds"], 3)
    return seconds


def usage_of(folder: RunFolder) -> dict[str, Usage]:
    """What the run's model calls have cost, by stage; nothing without a model."""
    if not folder.calls.exists():
        return {}
    from scientist.models.ledger import usage_by_stage

    return usage_by_stage(folder.calls)


def check_stage(until: str | None) -> None:
    """Raise UsageError for a stage that there is not."""
    if until is not None and until not in STAGES:
        raise UsageError(f"no stage is called {until!r}", f"stages: {', '.join(STAGES)}")


def _execute(
    folder: RunFolder, listener: Listener | None, changes: dict[str, Any] | None = None, *, until: str | None = None
) -> RunOutcome:
    """Hold the run folder, open the services and run the graph to its end; a finished run is only read."""
    began = time.monotonic()
    with disk_errors("opening the run folder", folder.root), run_lock(folder.root):
        if not folder.decision.exists():
            events = EventLog(folder.events)
            if listener is not None:
                events.subscribe(listener)
            events.emit("run.opened", run_id=folder.run_id, **({"changes": changes} if changes else {}))
            _run_graph(folder, events, _changes(folder), until)
        return outcome(folder, time.monotonic() - began)


def _changes(folder: RunFolder) -> dict[str, Any]:
    """The settings in force that differ from the run's own: what any resume gave anew holds until the next gives it."""
    given = (event.get("changes", {}) for event in _events(folder, "run.opened"))
    return {key: value for changes in given for key, value in changes.items()}


def _run_graph(folder: RunFolder, events: EventLog, changes: dict[str, Any], until: str | None) -> None:
    from scientist.graph.build import execute
    from scientist.graph.services import open_services, read_run

    try:
        with open_services(folder, events, changes) as services:
            execute(services, read_run(folder)["topic"], until)
    except KeyboardInterrupt:
        events.emit("run.interrupted")
        raise RunInterrupted(
            f"run {folder.run_id} was interrupted; every finished experiment is kept",
            f"continue with: scientist resume {folder.root}",
        ) from None


def _events(folder: RunFolder, kind: str) -> list[dict[str, Any]]:
    return [e for e in read_lines(folder.events) if e["kind"] == kind]


__all__ = ["RunConfig", "RunOutcome", "outcome", "resume", "review", "run", "stage_seconds", "write"]
