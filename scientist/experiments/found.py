"""What a search found: its winner, the idea that puts it to a test, and the code that the test runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from scientist.experiments.change import change_folder
from scientist.experiments.study import study_spec
from scientist.experiments.template import template_hash
from scientist.experiments.trial import write_code
from scientist.mind.admissible import FOUND
from scientist.mind.configuration import SETTINGS, levels_of, moved
from scientist.mind.offline.wording import hypothesis_of, question_of, title_of
from scientist.search.candidate import Candidate, difference
from scientist.search.loop import Ending
from scientist.search.step import FAILED, Step
from scientist.types import Explored, Idea, IdeaKind, Moved, Piloted, Plan, Setting, TemplateSpec
from scientist.workspace import RunFolder, write_text


def summary(
    ending: Ending,
    candidate: Callable[[str], Candidate],
    first: Candidate,
    idea: Idea,
    spec: TemplateSpec,
    strategy: str,
    *,
    preset: str,
    asked: int,
    folder: RunFolder,
) -> Explored:
    """The search in numbers, and what scored best; its code is written where it was changed.

    The winner has the best mean score over its pilot runs; of equals the one with fewer changes, so that where nothing
    is better than the baseline, the baseline wins.
    """
    steps = ending.view.steps
    piloted = _piloted(steps, idea)
    files = {p.candidate: candidate(p.candidate) for p in piloted}
    best = min(piloted, key=lambda p: (-p.score, _changes(files[p.candidate], first), p.node))
    winner, found = files[best.candidate], best.candidate != first.id
    found_id = f"search.{idea.metric}" if found else None
    usual = levels_of(first)
    code = tuple(sorted(p for p, t in winner.files.items() if p != SETTINGS and t != first.files[p]))
    digest = _write_code(winner, first, spec, change_folder(folder, found_id)) if found_id and code else None
    return Explored(
        strategy=strategy, idea_id=idea.id, found_id=found_id, metric=idea.metric, datasets=idea.datasets,
        preset=preset, asked=asked, nodes=len(steps),
        candidates=len({s.candidate for s in steps if s.candidate is not None}),
        failed=sum(s.status in FAILED for s in steps),
        refused=sum(s.status == "refused" for s in steps),
        duplicates=sum(s.status == "duplicate" for s in steps),
        replications=sum(s.operator == "replicate" for s in steps),
        ending=ending.reason,
        baseline=next(p for p in piloted if p.candidate == first.id),
        best=best,
        moved=tuple(Moved(factor=n, baseline=usual[n], found=v) for n, v in moved(levels_of(winner), usual).items()),
        code_files=code,
        code_sha256=digest,
    )  # fmt: skip


def found_idea(explored: Explored, idea: Idea, spec: TemplateSpec) -> Idea:
    """The idea that tests the found configuration against the baseline; ``spec`` is the template's."""
    assert explored.found_id is not None
    bare = Idea(
        id=explored.found_id,
        template=idea.template,
        kind=IdeaKind.SEARCH,
        title="",
        question="",
        hypothesis="",
        factor=FOUND,
        control=False,
        treatment=True,
        levels=(False, True),
        datasets=idea.datasets,
        metric=idea.metric,
        direction="increase" if spec.metric(idea.metric).goal == "max" else "decrease",
        because="",
        cites=idea.cites,
    )
    spec = study_spec(spec, bare)
    words = {
        "title": title_of(bare, spec),
        "question": question_of(bare, spec),
        "hypothesis": hypothesis_of(bare, spec),
    }
    return bare.model_copy(update=words)


def found_levels(explored: Explored) -> dict[str, Setting]:
    """The levels by which the found configuration differs from the baseline."""
    return {m.factor: m.found for m in explored.moved}


def pin_found(plan: Plan, explored: Explored) -> Plan:
    """The plan with the hash of the found code in the condition that runs it, if the search changed code."""
    if explored.code_sha256 is None:
        return plan
    pinned = tuple(
        c.model_copy(update={"code_sha256": explored.code_sha256}) if c.settings.get(FOUND) is True else c
        for c in plan.conditions
    )
    return plan.model_copy(update={"conditions": pinned})


# ------------------------------------------------------------------------------------------- the winner


def _piloted(steps: list[Step], idea: Idea) -> list[Piloted]:
    """Every candidate that a pilot could be made of, with the means over its seeds."""
    runs: dict[str, list[Step]] = {}
    for step in steps:
        if step.scored and step.candidate is not None:
            runs.setdefault(step.candidate, []).append(step)
    return [
        Piloted(
            node=made[0].number,
            candidate=id,
            score=sum(float(s.score or 0.0) for s in made) / len(made),
            seeds=tuple(s.seed for s in made),
            values={d: sum(s.metrics[f"{d}.{idea.metric}"] for s in made) / len(made) for d in idea.datasets},
        )
        for id, made in runs.items()
    ]


def _changes(candidate: Candidate, first: Candidate) -> int:
    levels = len(moved(levels_of(candidate), levels_of(first)))
    return levels + sum(t != first.files[p] for p, t in candidate.files.items() if p != SETTINGS)


def _write_code(winner: Candidate, first: Candidate, spec: TemplateSpec, place: Path) -> str:
    """Write the found code where a change of code lies, and return its hash."""
    code = place / "code"
    write_code(winner, spec, code)
    before, after = ({p: t for p, t in c.files.items() if p != SETTINGS} for c in (first, winner))
    write_text(place / "change.diff", difference(before, after))
    return template_hash(code)
