"""Makes the change of code that an idea asks for: a coder proposes, the edit is checked and tried, and one is kept."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from pydantic import TypeAdapter

from scientist.errors import CannotStudyError, ReplyInvalid, RunInterrupted
from scientist.events import EventLog
from scientist.execution.job import Executor
from scientist.experiments.run import remove_tree
from scientist.experiments.study import study_spec
from scientist.experiments.template import template_hash
from scientist.experiments.trial import Trials, write_code
from scientist.mind.admissible import CODE_CHANGE
from scientist.mind.base import CodeAttempt, CodeRequest
from scientist.search.candidate import Candidate, difference, read_candidate
from scientist.search.edit import Edit, EditRefused, Rules, Way, apply
from scientist.types import Frozen, Idea, Identifier, Plan, RunResult, RunStatus, TemplateSpec
from scientist.workspace import RunFolder, canonical_json, read_json, sha256_text, sync_folder, write_json, write_text

MOST_ATTEMPTS = 4
"""The first try and three that mend it."""


class Coder(Protocol):
    """Whoever writes a change of code: a mind, or a program outside."""

    name: str

    def code(self, request: CodeRequest) -> Edit: ...


class ChangeRefused(CannotStudyError):
    """No attempt at an idea's change of code was fit to be studied; the idea cannot be studied."""


class Change(Frozen):
    """A change of code that was tried and is kept in ``<run>/change/<idea>/code``; the last attempt made it.

    ``trial`` holds, for each data set and metric, what the pilot runs of the unchanged and of the changed code gave
    at one seed; it only says that the change has an effect and is no evidence. ``code_sha256`` is the template hash
    of the changed folder.
    """

    idea_id: Identifier
    label: str
    coder: str
    template_hash: str
    candidate: str
    code_sha256: str
    files: tuple[str, ...]
    added: int
    removed: int
    attempts: tuple[CodeAttempt, ...]
    trial: dict[str, dict[str, tuple[float, float]]]


def change_folder(folder: RunFolder, idea_id: str) -> Path:
    """Where the change that an idea asks for lies: ``code/``, ``change.diff``, ``change.json``, ``attempts.json``."""
    return folder.root / "change" / idea_id


def make_change(
    *,
    idea: Idea,
    spec: TemplateSpec,
    coder: Coder,
    executor: Executor,
    folder: RunFolder,
    events: EventLog,
    ways: tuple[Way, ...] = ("slot", "patch"),
) -> Change:
    """The change of code for an idea with an intervention; what an earlier call made or tried is not made again.

    Each attempt asks ``coder``, applies its edit under the template's rules, and runs a pilot at the smoke preset.
    Raises ChangeRefused when none of ``MOST_ATTEMPTS`` edits applies, runs and has an effect; ModelError as the coder
    does; RunInterrupted if the unchanged code fails, or if what was kept was altered.
    """
    if idea.intervention is None or spec.contract != "scientist":
        raise ChangeRefused(f"idea {idea.id!r} names no change of code that template {spec.name!r} could try")
    place = change_folder(folder, idea.id)
    if (place / "change.json").is_file():
        return _verified(place, Path(spec.path))
    trials = Trials(study_spec(spec, idea), idea, executor, place)
    rules = Rules(editable=spec.editable, slots=spec.slots, ways=ways)
    attempts = _failed_attempts(place, idea, spec)
    while len(attempts) < MOST_ATTEMPTS:
        request = CodeRequest(
            idea=idea,
            template=trials.spec,
            editable=trials.unchanged.files,
            locked=read_candidate(Path(spec.path), [p for p in spec.locked if p.endswith(".py")]).files,
            attempts=tuple(attempts),
            ways=ways,
        )
        made = _attempt(_Remembered(coder, place, _origin(idea, spec)), request, rules, trials, events)
        attempts.append(made.attempt)
        problem = made.attempt.problem
        events.emit("change.tried", idea=idea.id, attempt=len(attempts), problem=problem)
        if made.candidate is not None:
            return _keep(place, made, tuple(attempts), trials, coder.name)
        write_json(place / "attempts.json", {"of": _origin(idea, spec), "attempts": [_plain(a) for a in attempts]})
    raise ChangeRefused(
        f"no change of code for {idea.intervention.label!r} works after {len(attempts)} attempts; "
        f"the last: {attempts[-1].problem}",
        f"{place / 'attempts.json'} holds each attempt; another idea, or a stronger --model-code, may do",
    )


def read_change(folder: RunFolder, idea_id: str) -> Change | None:
    """The change that ``make_change`` kept for an idea, or None."""
    file = change_folder(folder, idea_id) / "change.json"
    return Change.model_validate(read_json(file)) if file.is_file() else None


def pin_change(plan: Plan, change: Change) -> Plan:
    """The plan with the hash of the changed code in every condition that runs it."""
    pinned = tuple(
        c.model_copy(update={"code_sha256": change.code_sha256}) if c.settings.get(CODE_CHANGE) is True else c
        for c in plan.conditions
    )
    return plan.model_copy(update={"conditions": pinned})


# ------------------------------------------------------------------------------------------- an attempt


class _Made(NamedTuple):
    """An attempt, and if it succeeded its candidate and what the trial measured."""

    attempt: CodeAttempt
    candidate: Candidate | None = None
    result: RunResult | None = None


def _attempt(coder: Coder, request: CodeRequest, rules: Rules, trials: Trials, events: EventLog) -> _Made:
    edit = Edit()
    try:
        edit = coder.code(request)
        candidate = apply(edit, trials.unchanged, rules, provenance=coder.name)
    except EditRefused as e:
        return _Made(CodeAttempt(edit=edit, problem=f"the edit was refused: {e.message}"))
    except ReplyInvalid as e:  # its words name a file of this run, which a prompt must not
        events.emit("change.no_edit", idea=request.idea.id, message=e.message)
        return _Made(CodeAttempt(edit=edit, problem="the replies did not have the requested fields"))
    result, log = trials.run(candidate)
    if result.run.status is not RunStatus.OK:
        told = result.run.reason.splitlines()[0] if result.run.reason else ""
        problem = f"the changed code failed in a short trial run: {result.run.status.value}: {told}"
        return _Made(CodeAttempt(edit=edit, problem=trials.steady(problem), log=log))
    if result.results == trials.usual().results:
        problem = (
            "the change has no effect: at the same seed the changed and the unchanged code give the same value of "
            "every metric on every data set; is the new code reached?"
        )
        return _Made(CodeAttempt(edit=edit, problem=problem, log=log))
    return _Made(CodeAttempt(edit=edit, problem=""), candidate, result)


# ------------------------------------------------------------------------------------------- what is kept


class _Remembered:
    """A coder whose last edit is on disk before it is tried: it was paid for, and a killed run asks no second time."""

    def __init__(self, coder: Coder, place: Path, origin: str) -> None:
        self.name = coder.name
        self._coder = coder
        self._file = place / "edit.json"
        self._origin = origin

    def code(self, request: CodeRequest) -> Edit:
        at = {"of": self._origin, "attempt": len(request.attempts)}
        record = read_json(self._file) if self._file.is_file() else {}
        if {key: record.get(key) for key in at} == at:
            return TypeAdapter(Edit).validate_python(record["edit"])
        edit = self._coder.code(request)
        write_json(self._file, {**at, "edit": asdict(edit)})
        return edit


def _keep(place: Path, made: _Made, attempts: tuple[CodeAttempt, ...], trials: Trials, coder: str) -> Change:
    """Write the code, then the difference, then ``change.json``, whose presence says that the rest is whole."""
    assert made.candidate is not None and made.result is not None and trials.idea.intervention is not None
    temporary, code = place / ".code", place / "code"
    write_code(made.candidate, trials.spec, temporary)
    remove_tree(code)
    temporary.rename(code)
    sync_folder(place)
    before, after = trials.unchanged.files, made.candidate.files
    text = difference(before, after)
    write_text(place / "change.diff", text)
    lines = [line for line in text.splitlines() if not line.startswith(("+++", "---"))]
    usual = trials.usual().results
    change = Change(
        idea_id=trials.idea.id,
        label=trials.idea.intervention.label,
        coder=coder,
        template_hash=template_hash(Path(trials.spec.path)),
        candidate=made.candidate.id,
        code_sha256=template_hash(code),
        files=tuple(sorted(path for path in after if after[path] != before[path])),
        added=sum(line.startswith("+") for line in lines),
        removed=sum(line.startswith("-") for line in lines),
        attempts=attempts,
        trial={
            dataset: {m: (usual[dataset].means[m], value) for m, value in sorted(result.means.items())}
            for dataset, result in sorted(made.result.results.items())
        },
    )
    write_json(place / "change.json", change)
    return change


def _verified(place: Path, template: Path) -> Change:
    change = Change.model_validate(read_json(place / "change.json"))
    if template_hash(place / "code") != change.code_sha256 or template_hash(template) != change.template_hash:
        raise RunInterrupted(
            f"the changed code in {place / 'code'}, or the template {template}, is not what it was when it was tried",
            f"restore it, or remove {place} to have the change made again; then: scientist resume",
        )
    return change


def _failed_attempts(place: Path, idea: Idea, spec: TemplateSpec) -> list[CodeAttempt]:
    """The attempts that an earlier call made at the same idea on the same template."""
    file = place / "attempts.json"
    record: dict[str, Any] = read_json(file) if file.is_file() else {}
    if record.get("of") != _origin(idea, spec):
        return []
    return [CodeAttempt.model_validate(a) for a in record["attempts"]]


def _origin(idea: Idea, spec: TemplateSpec) -> str:
    return sha256_text(f"{canonical_json(idea)} {template_hash(Path(spec.path))}")


def _plain(attempt: CodeAttempt) -> dict[str, Any]:
    return attempt.model_dump(mode="json")
