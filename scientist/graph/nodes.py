"""One node a stage. A node reads the run folder, asks the mind, lets the stage check and do, and writes the folder.

Every node may be started again from its first line after a kill: what is already on disk is kept or made again alike.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from langgraph.graph import END
from langgraph.runtime import Runtime
from langgraph.types import Command

from scientist.errors import CannotStudyError
from scientist.experiments.plan import amend, amended, check_plan, freeze, frozen
from scientist.experiments.stage import load_results, run_experiments
from scientist.experiments.template import template_hash
from scientist.graph.gate import decide
from scientist.graph.publish import publish_paper
from scientist.graph.services import studio_services
from scientist.graph.state import Services, State
from scientist.graph.write import dossier, read_reviews, save_draft
from scientist.ideation.archive import archived_ideas
from scientist.ideation.rank import acceptable, rank
from scientist.literature.survey import survey as search_literature
from scientist.mind.base import Brief, PlanRequest
from scientist.types import Action, RankedIdea, Reference
from scientist.workspace import disk_errors, read_json, write_json, write_text

REFERENCE_LIMIT = 24
SEED_STRIDE = 1000


def stage(node: Callable[[State, Services], Any]) -> Callable[[State, Runtime[Services]], Any]:
    """Make a graph node of a stage: report its begin, end and failure; disk trouble becomes an error to resume from."""
    name = node.__name__

    def wrapped(state: State, runtime: Runtime[Services]) -> Any:
        services = runtime.context or studio_services(state["topic"])
        began = time.monotonic()
        with disk_errors(f"stage {name}", services.folder.root):
            services.events.emit("stage.started", stage=name)
            try:
                result = node(state, services)
            except Exception as e:
                with suppress(OSError):  # on a full disk the failure itself cannot be recorded
                    services.events.emit("stage.failed", stage=name, error=type(e).__name__, message=str(e))
                raise
            services.events.emit("stage.finished", stage=name, seconds=round(time.monotonic() - began, 3))
        return result

    # Not functools.wraps: LangGraph reads the signature, and must see the runtime, not what __wrapped__ points to.
    wrapped.__name__, wrapped.__doc__ = name, node.__doc__
    return wrapped


@stage
def survey(state: State, s: Services) -> dict[str, Any]:
    """Search the literature for the topic and resolve the records that the template names."""
    queries = s.mind.queries(state["topic"], s.spec)
    found = search_literature(
        queries,
        sources=s.sources,
        related=s.spec.related,
        limit=REFERENCE_LIMIT,
        budget_s=s.config.search_seconds,
        report=lambda record: s.events.emit("search.finished", **record.model_dump()),
    )
    write_text(s.folder.literature, "".join(r.model_dump_json() + "\n" for r in found.references))
    write_json(
        s.folder.search_record,
        {"queries": queries, "searches": [r.model_dump() for r in found.searches],
         "unresolved": [r.id for r in found.unresolved]},
    )  # fmt: skip
    return {"rejected": (), "round": 0, "look": 1}


@stage
def ideate(state: State, s: Services) -> dict[str, Any]:
    """Propose ideas, rank them, and take the best; what may not be designed is refused and asked for again."""
    brief = Brief(
        topic=state["topic"],
        template=s.spec,
        preset=s.config.preset,
        references=read_references(s),
        budget_minutes=s.config.budget_minutes,
        workers=s.workers,
        seeds=s.config.seeds,
        rejected=state["rejected"],
    )
    archive = archived_ideas(s.folder, state["topic"])
    ranked = rank(s.mind.ideas(brief), brief, archive)
    if not ranked:
        raise _nothing_left(s, len(state["rejected"]))
    best = ranked[0]
    chosen = best.idea.id if acceptable(best) else ""
    refused = tuple(r.idea.id for r in ranked if not acceptable(r)) if not chosen else ()
    write_json(
        s.folder.ideas,
        {"chosen": best.idea.model_dump(mode="json"), "ranked": [r.model_dump(mode="json") for r in ranked],
         "archive": [a.model_dump() for a in archive]},
    )  # fmt: skip
    s.events.emit("ideas.ranked", count=len(ranked), best=best.idea.title, total=best.scores.total, chosen=bool(chosen))
    return {"chosen": chosen, "rejected": (*state["rejected"], *refused)}


def after_ideate(state: State) -> str:
    """Design the chosen idea; without one (not novel, or infeasible) ideate again."""
    return "design" if state["chosen"] else "ideate"


@stage
def design(state: State, s: Services) -> dict[str, Any]:
    """Pre-register the chosen idea: check the plan and freeze its hash."""
    if s.folder.plan_hash.exists():
        _, digest = frozen(s.folder)
    else:
        plan = s.mind.plan(
            PlanRequest(
                idea=read_ranked(s)[0].idea,
                template=s.spec,
                template_hash=template_hash(s.template_folder),
                preset=s.config.preset,
                seeds=s.config.seeds,
                first_seed=first_seed(s.config.seed),
                alpha=s.config.alpha,
                looks=2 if s.config.max_rounds > 0 else 1,
                workers=s.workers,
            )
        )
        check_plan(plan, s.spec, s.config.budget_minutes)
        digest = freeze(plan, s.folder)
    s.events.emit("plan.frozen", sha256=digest)
    return {}


@stage
def experiment(state: State, s: Services) -> dict[str, Any]:
    """Make every planned run that is not finished yet."""
    plan, _ = frozen(s.folder)
    run_experiments(
        plan=plan, seeds=_seeds(s, state["look"]), spec=s.spec, folder=s.folder, executor=s.executor, events=s.events
    )  # fmt: skip
    return {}


@stage
def analyse(state: State, s: Services) -> dict[str, Any]:
    """Test, estimate and draw: the ledger of what may be said."""
    from scientist.analysis.figures import draw_figures
    from scientist.analysis.ledger import build_evidence
    from scientist.analysis.tables import build_tables

    plan, digest = frozen(s.folder)
    results = load_results(plan=plan, seeds=_seeds(s, state["look"]), folder=s.folder)
    evidence = build_evidence(plan=plan, plan_sha256=digest, spec=s.spec, results=results, look=state["look"])
    write_json(s.folder.evidence, evidence)
    folder = s.folder.figures(state["look"])
    figures = draw_figures(
        plan=plan, spec=s.spec, results=results, evidence=evidence, run_root=s.folder.root, folder=folder
    )
    write_json(folder / "figures.json", figures)
    write_json(s.folder.root / "tables.json", build_tables(plan, s.spec, evidence))
    s.events.emit(
        "evidence.ready",
        quantities=len(evidence.quantities),
        claims={c.id: c.verdict.value for c in evidence.claims if c.confirmatory},
        warnings=list(evidence.warnings),
    )
    return {}


@stage
def write(state: State, s: Services) -> dict[str, Any]:
    """Write the draft from the dossier, check it, and typeset it."""
    from scientist.writeup.draft import compose

    material = dossier(s, state, references=read_references(s), ideas=read_ranked(s), seeds=_seeds(s, state["look"]))
    draft = compose(
        s.mind,
        material,
        report=lambda name, findings: s.events.emit(
            "section.refused", section=name, findings=[f.message for f in findings]
        ),
    )
    began = time.monotonic()
    pdf = save_draft(s, state["round"], draft, material)
    s.events.emit("draft.typeset", round=state["round"], pdf=str(pdf), seconds=round(time.monotonic() - began, 3))
    return {}


@stage
def review(state: State, s: Services) -> dict[str, Any]:
    """Read the typeset draft as a stranger would, score it, and decide where it goes."""
    from scientist.review.lookup import library_lookup
    from scientist.review.manuscript import read_manuscript
    from scientist.review.reviewer import review_manuscript
    from scientist.types import Evidence

    plan, _ = frozen(s.folder)
    manuscript = read_manuscript(s.folder.manuscript / "main.pdf")
    verdict = review_manuscript(manuscript, mind=s.mind, form=s.form, lookup=library_lookup())
    write_json(s.folder.reviews / f"round_{state['round']}.json", verdict)
    decision = decide(
        read_reviews(s.folder, state["round"] + 1),
        evidence=Evidence.model_validate(read_json(s.folder.evidence)),
        plan=plan,
        min_score=s.config.min_score,
        max_rounds=s.config.max_rounds,
        extended=state["look"] > 1,
    )
    update: dict[str, Any] = {"decision": decision}
    if decision.action in (Action.REVISE, Action.EXTEND):
        update["round"] = state["round"] + 1
    if decision.action is Action.EXTEND:
        amend(s.folder, update["round"], decision.reason)
        update["look"] = state["look"] + 1
    s.events.emit("review.finished", **decision.model_dump(mode="json"))
    return update


def after_review(state: State) -> str:
    """Where the gate sends the draft: more runs, another draft, or out (published or stopped, with its verdict)."""
    return {
        Action.EXTEND: "experiment",
        Action.REVISE: "write",
        Action.PUBLISH: "publish",
        Action.STOP: "publish",
    }[state["decision"].action]


@stage
def publish(state: State, s: Services) -> Command[str]:
    """Put the best draft with its verdict into the papers folder."""
    paper = publish_paper(s, state["decision"])
    s.events.emit("paper.published", paper=str(paper), action=state["decision"].action.value)
    return Command(update={"paper": str(paper)}, goto=END)


def first_seed(seed: int) -> int:
    """The first of a run's experiment seeds: far from the small ones that pilot runs use, and disjoint between runs."""
    return SEED_STRIDE * (seed + 1) + 1


def read_references(s: Services) -> tuple[Reference, ...]:
    lines = s.folder.literature.read_text(encoding="utf-8").splitlines()
    return tuple(Reference.model_validate_json(line) for line in lines)


def read_ranked(s: Services) -> tuple[RankedIdea, ...]:
    return tuple(RankedIdea.model_validate(r) for r in read_json(s.folder.ideas)["ranked"])


def _seeds(s: Services, look: int) -> tuple[int, ...]:
    """The seeds of a look: the planned ones, and from the second on the reserved ones that an amendment released."""
    plan, _ = frozen(s.folder)
    amendment = amended(s.folder) if look > 1 else None
    return plan.seeds + (amendment.seeds if amendment else ())


def _nothing_left(s: Services, refused: int) -> CannotStudyError:
    return CannotStudyError(
        f"no idea on template {s.spec.name!r} can be run: all {refused} were too long for the budget of "
        f"{s.config.budget_minutes:g} minutes or already known",
        "give a larger --budget-minutes, a smaller --preset or fewer --seeds; "
        f"{s.folder.ideas} lists each idea with its reason",
    )
