"""One node a stage. A node reads the run folder, asks the mind, lets the stage check and do, and writes the folder.

Every node may be started again from its first line after a kill: what is already on disk is kept or made again alike.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Literal

from langgraph.graph import END
from langgraph.runtime import Runtime
from langgraph.types import Command

from scientist.errors import BudgetSpent, CannotStudyError
from scientist.experiments.brought import bring
from scientist.experiments.change import Change, ChangeRefused, make_change, pin_change
from scientist.experiments.exploring import BUDGET_SHARE, Quest, explore, read_explored
from scientist.experiments.found import found_idea, found_levels, pin_found
from scientist.experiments.plan import amend, check_plan, freeze, frozen, seeds_of, shortfall_of, wall_minutes
from scientist.experiments.stage import load_results, run_experiments
from scientist.experiments.study import study_spec
from scientist.experiments.template import template_hash
from scientist.experiments.time_limit import cut_short, pays_for_extension, spent_s
from scientist.graph.gate import decide
from scientist.graph.given import kept_given, planned_for
from scientist.graph.publish import publish_paper
from scientist.graph.reading import read_ranked, read_references, studied
from scientist.graph.services import studio_services
from scientist.graph.state import Services, State
from scientist.graph.write import dossier, read_reviews, save_draft
from scientist.ideation.admit import admit
from scientist.ideation.archive import archived_ideas
from scientist.ideation.rank import Search, acceptable, rank
from scientist.literature.base import Source
from scientist.literature.fulltext import read
from scientist.literature.screening import screened
from scientist.literature.survey import Survey
from scientist.literature.survey import survey as search_literature
from scientist.literature.verify import citable, counts, verify
from scientist.mind.admissible import priced
from scientist.mind.base import Brief, PlanRequest
from scientist.search.candidate import read_candidate
from scientist.search.edit import Way
from scientist.types import Action, Explored, Idea, IdeaKind, RankedIdea, Reference, RefusedIdea
from scientist.workspace import disk_errors, read_json, write_json, write_text

REFERENCE_LIMIT = 24
VERIFYING_S = 30.0
"""Time in which the references are held against the records of online sources, seconds."""
READING_S = 60.0
"""Time in which open papers are fetched and read, seconds."""
NEAR_PAPERS = 20
"""Papers of the library that an idea is held against besides those of the survey."""
MORE_SEARCHES = 3
"""Searches that a mind may ask for after the first ones."""
MOST_FAILED_CHANGES = 2
"""Ideas with a change of code of which a run tries to make the change in vain before it asks for others."""
WAYS: dict[str, tuple[Way, ...]] = {
    "auto": ("slot", "patch"),
    "slot": ("slot",),
    "patch": ("patch", "slot"),
    "levels": (),
}
"""The ways of changing code that each setting of ``coding`` allows."""
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
    """Search the literature for the topic, resolve the records that the template names, and say who answered."""
    queries = s.mind.queries(state["topic"], s.spec)
    found = _search(s, state["topic"], queries, s.sources)
    s.events.emit("sources.answered", answered=found.answered, silent=found.silent, offline=s.config.offline)
    queries, found = _search_on(state, s, queries, found)
    judged = s.mind.screen(state["topic"], found.references, s.spec)
    relevant, table = screened(state["topic"], found.references, lambda question, references: judged)
    references = _verified(s, relevant)
    reading = read(references, state["topic"], online=not s.config.offline, budget_s=READING_S)
    write_json(s.folder.reading, [t.model_dump(mode="json") for t in reading.texts])
    write_text(s.folder.passages, "".join(p.model_dump_json() + "\n" for p in reading.passages))
    write_text(s.folder.literature, "".join(r.model_dump_json() + "\n" for r in references))
    write_json(
        s.folder.search_record,
        {"queries": queries, "searches": [r.model_dump() for r in found.searches],
         "unresolved": [r.id for r in found.unresolved], "set_aside": [r.model_dump() for r in found.set_aside]},
    )  # fmt: skip
    write_json(s.folder.root / "survey.json", [row.model_dump() for row in table])
    return {"rejected": (), "round": 0, "look": 1}


def _search(s: Services, topic: str, queries: tuple[str, ...], sources: Sequence[Source]) -> Survey:
    return search_literature(
        queries,
        sources=sources,
        related=s.spec.related,
        limit=REFERENCE_LIMIT,
        budget_s=s.config.search_seconds,
        question=topic,
        report=lambda record: s.events.emit("search.finished", **record.model_dump()),
    )


def _verified(s: Services, references: tuple[Reference, ...]) -> tuple[Reference, ...]:
    """The references that hold against other records; the others are set aside, each with its reason."""
    verdicts = verify([r.paper for r in references], s.finders, online=not s.config.offline, budget_s=VERIFYING_S)
    kept, refused = citable(references, verdicts)
    write_json(s.folder.citations, verdicts)
    s.events.emit("citations.verified", **counts(verdicts), refused=[f"{v.title}: {v.reason}" for v in refused])
    return kept


@stage
def ideate(state: State, s: Services) -> dict[str, Any]:
    """Propose ideas, rank them, and take the best; what may not be designed is refused and asked for again."""
    archive = archived_ideas(s.folder, state["topic"])
    earlier = read_json(s.folder.ideas)["refused"] if state["rejected"] else []
    brief = _brief(state, s, read_references(s)).model_copy(
        update={
            "rejected": state["rejected"],
            "refused": tuple(f"{r['idea']['title']}: {'; '.join(r['reasons'])}" for r in earlier),
            "archive": tuple(a.text for a in archive),
        }
    )
    given = kept_given(s.folder).idea
    admitted, refused = admit(s.mind.ideas(brief) if given is None else (given,), brief)
    ranked = rank(admitted, brief, archive, search=_search_of(s))
    if not ranked:
        raise _nothing_left(s, len(state["rejected"]))
    best = next((r for r in ranked if acceptable(r)), ranked[0])
    chosen = (
        best.idea.id if acceptable(best) or given is not None else ""
    )  # what the user asks for is not too well known
    unfit = [RefusedIdea(idea=r.idea, reasons=(_unfit(r),)) for r in ranked if not chosen]
    write_json(
        s.folder.ideas,
        {"chosen": best.idea.model_dump(mode="json"), "ranked": [r.model_dump(mode="json") for r in ranked],
         "refused": [*earlier, *(r.model_dump(mode="json") for r in (*refused, *unfit))],
         "archive": [a.model_dump() for a in archive]},
    )  # fmt: skip
    s.events.emit("ideas.ranked", count=len(ranked), refused=len(refused), best=best.idea.title,
                  total=best.scores.total, chosen=bool(chosen))  # fmt: skip
    return {"chosen": chosen, "rejected": (*state["rejected"], *(r.idea.id for r in unfit))}


def after_ideate(state: State) -> str:
    """Design the chosen idea; without one (not novel, or infeasible) ideate again."""
    return "design" if state["chosen"] else "ideate"


def after_design(state: State) -> str:
    """Run the plan; an idea whose change of code could not be made goes back for another."""
    return "experiment" if state["chosen"] else "ideate"


@stage
def design(state: State, s: Services) -> dict[str, Any]:
    """Search first if a strategy is set; make the change of code that the idea asks for, if any; pre-register the idea.

    What the search found better than the baseline is studied in the idea's place. An idea whose change cannot be made
    is refused, and another is asked for.
    """
    if s.folder.plan_hash.exists():
        plan, digest = frozen(s.folder)
    else:
        idea = next(r.idea for r in read_ranked(s) if r.idea.id == state["chosen"])
        explored = _explored(s, idea)
        if explored is not None and explored.found_id is not None:
            idea = _found(state, s, explored)
        try:
            change = _change(s, idea)
        except (ChangeRefused, BudgetSpent) as e:
            return _refuse_idea(state, s, idea, e.message)
        spec = study_spec(s.spec, idea)
        given = kept_given(s.folder)
        request = PlanRequest(
            idea=idea,
            template=spec,
            template_hash=template_hash(s.template_folder),
            preset=s.config.preset,
            seeds=s.config.seeds,
            first_seed=first_seed(s.config.seed),
            alpha=s.config.alpha,
            looks=2 if s.config.max_rounds > 0 and given.results is None else 1,
            found=found_levels(explored) if explored is not None and idea.kind is IdeaKind.SEARCH else {},
        )
        plan = given.plan or s.mind.plan(request)
        if given.plan is None and wall_minutes(plan, s.workers) > s.config.budget_minutes:
            plan = s.mind.plan(request.model_copy(update={"looks": 1}))  # seeds that could not be paid for
        if given.results is not None and given.plan is None:
            plan = planned_for(plan, given.seeds)
        plan = pin_change(plan, change) if change is not None else plan
        plan = pin_found(plan, explored) if explored is not None else plan
        check_plan(plan, spec, s.config.budget_minutes if given.results is None else math.inf, s.workers)
        digest = freeze(plan, s.folder)
    minutes = wall_minutes(plan, s.workers) if kept_given(s.folder).results is None else 0.0
    s.events.emit("plan.frozen", sha256=digest, minutes=round(minutes, 1))
    return {}


def _explored(s: Services, idea: Idea) -> Explored | None:
    """What the search over experiments found, made or gone on with now; None if the run has no strategy."""
    if s.config.strategy is None:
        return None
    quest = Quest(
        idea=idea,
        spec=s.spec,
        preset=s.config.preset,
        strategy=s.config.strategy,
        nodes=s.config.nodes,
        seed=s.config.seed,
        ways=() if s.config.model is None else WAYS[s.config.coding],
    )
    budget = s.config.budget_minutes
    return explore(
        quest,
        mind=s.mind,
        executor=s.executor,
        workers=s.workers,
        minutes=max(0.0, min(BUDGET_SHARE * budget, budget - idea.minutes)),
        folder=s.folder,
        events=s.events,
    )


def _found(state: State, s: Services, explored: Explored) -> Idea:
    """The idea that tests what the search found, put first among the run's ideas."""
    record, ranked = read_json(s.folder.ideas), read_ranked(s)
    earlier = next((r.idea for r in ranked if r.idea.id == explored.found_id), None)
    if earlier is not None:
        return earlier
    served = next(r for r in ranked if r.idea.id == explored.idea_id)
    idea = priced(found_idea(explored, served.idea, s.spec), _brief(state, s, ()))
    first = served.model_copy(update={"idea": idea}).model_dump(mode="json")
    write_json(s.folder.ideas, {**record, "ranked": [first, *record["ranked"]]})
    return idea


def _change(s: Services, idea: Idea) -> Change | None:
    """The change of code that an idea asks for, made by the outside coder if one is named, else by the mind."""
    if idea.intervention is None:
        return None
    return make_change(
        idea=idea,
        spec=s.spec,
        coder=s.coder,
        executor=s.executor,
        folder=s.folder,
        events=s.events,
        ways=("patch",) if s.config.coder else WAYS[s.config.coding],
    )


def _refuse_idea(state: State, s: Services, idea: Idea, reason: str) -> dict[str, Any]:
    record = read_json(s.folder.ideas)
    refused = RefusedIdea(idea=idea, reasons=(reason,)).model_dump(mode="json")
    if refused not in record["refused"]:
        write_json(s.folder.ideas, {**record, "refused": [*record["refused"], refused]})
    s.events.emit("idea.refused", idea=idea.id, reason=reason)
    return {"chosen": "", "rejected": (*state["rejected"], idea.id)}


@stage
def experiment(state: State, s: Services) -> dict[str, Any]:
    """Make every planned run that is not finished yet, within the time budget of all experiments of the run.

    Results that the user brought are taken over instead.
    """
    plan, _ = frozen(s.folder)
    given = kept_given(s.folder)
    if given.results is not None:
        bring(given.results, plan=plan, spec=studied(s), run=s.folder, events=s.events)
        return {}
    seeds, minutes = seeds_of(s.folder, state["look"]), s.config.budget_minutes
    results = run_experiments(
        plan=plan,
        seeds=seeds,
        spec=studied(s),
        folder=s.folder,
        executor=s.executor,
        events=s.events,
        seconds=60 * minutes - spent_s(s.folder.events),
    )
    made = {r.run.seed for r in results}
    if len(made) < len(seeds):
        complete = [seed for seed in seeds if seed in made]
        amendment = cut_short(
            s.folder, look=state["look"], round_=state["round"], seeds=seeds, complete=complete, budget_minutes=minutes
        )
        s.events.emit("budget.time_spent", reason=amendment.reason, seeds=complete)
    return {}


@stage
def analyse(state: State, s: Services) -> dict[str, Any]:
    """Test, estimate and draw: the ledger of what may be said."""
    from scientist.analysis.figures import draw_figures
    from scientist.analysis.ledger import build_evidence
    from scientist.analysis.tables import build_tables

    plan, digest = frozen(s.folder)
    results = load_results(plan=plan, seeds=seeds_of(s.folder, state["look"]), folder=s.folder)
    spec = studied(s)
    explored = read_explored(s.folder)
    evidence = build_evidence(
        plan=plan,
        plan_sha256=digest,
        spec=spec,
        results=results,
        look=state["look"],
        shortfall=shortfall_of(s.folder, state["look"]),
        explored=explored,
    )
    write_json(s.folder.evidence, evidence)
    folder = s.folder.figures(state["look"])
    figures = draw_figures(
        plan=plan, spec=spec, results=results, evidence=evidence, run_root=s.folder.root, folder=folder
    )
    write_json(folder / "figures.json", figures)
    write_json(s.folder.root / "tables.json", build_tables(plan, spec, evidence, explored))
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

    material = dossier(s, state)
    draft = compose(
        s.mind,
        material,
        report=lambda name, findings: s.events.emit(
            "section.refused", section=name, findings=[f.message for f in findings]
        ),
        stand_in=None if s.config.model is None else s.stand_in,
        note=lambda n: s.events.emit("text.mended", what=n.kind, part=n.part, reason=n.reason, text=n.text),
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
    from scientist.review.pages import with_pictures
    from scientist.review.reviewer import review_manuscript
    from scientist.types import Evidence

    plan, _ = frozen(s.folder)
    pdf = s.folder.manuscript / "main.pdf"
    manuscript = read_manuscript(pdf)
    if s.sees:
        manuscript = with_pictures(manuscript, pdf, s.folder.reviews / f"pages_{state['round']}")
    verdict = review_manuscript(manuscript, mind=s.mind, form=s.form, lookup=library_lookup())
    write_json(s.folder.reviews / f"round_{state['round']}.json", verdict)
    decision = decide(
        read_reviews(s.folder, state["round"] + 1),
        evidence=Evidence.model_validate(read_json(s.folder.evidence)),
        plan=plan,
        min_score=s.config.min_score,
        max_rounds=s.config.max_rounds,
        extended=state["look"] > 1 or s.config.results is not None,  # brought results cannot be added to
        affordable=pays_for_extension(s.folder, plan, s.config.budget_minutes),
    )
    update: dict[str, Any] = {"decision": decision}
    if decision.action in (Action.REVISE, Action.EXTEND):
        update["round"] = state["round"] + 1
    if decision.action is Action.EXTEND:
        amend(s.folder, update["round"], decision.reason, decision.cause)
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


def _brief(state: State, s: Services, references: tuple[Reference, ...]) -> Brief:
    """What ideation knows, before anything was refused."""
    measuring = (path for path in s.spec.locked if path.endswith(".py"))
    return Brief(
        topic=state["topic"],
        template=s.spec,
        preset=s.config.preset,
        references=references,
        budget_minutes=s.config.budget_minutes,
        workers=s.workers,
        seeds=s.config.seeds,
        coding=_coding(state, s),
        code=read_candidate(s.template_folder, (*s.spec.editable, *measuring)).files,
    )


def _coding(state: State, s: Services) -> Literal["auto", "levels", "slot", "patch"]:
    """How much code an idea may change: no more after MOST_FAILED_CHANGES of this run could not be made."""
    tried = [place.parent for place in s.folder.root.glob("change/*/attempts.json")]
    failed = sum(not (place / "change.json").exists() for place in tried)
    if s.config.coding == "levels" or failed >= MOST_FAILED_CHANGES:
        return "levels"
    return "patch" if s.config.coder else s.config.coding


def _search_on(state: State, s: Services, queries: tuple[str, ...], found: Survey) -> tuple[tuple[str, ...], Survey]:
    """Further searches that the mind asks for after reading what was found; only of sources that have answered."""
    answering = [source for source in s.sources if source.name in found.answered]
    for _ in range(MORE_SEARCHES):
        brief = _brief(state, s, found.references).model_copy(update={"queries": queries})
        query = s.mind.next_query(brief)
        if query is None or query in queries:
            break
        queries = (*queries, query)
        again = _search(s, state["topic"], queries, answering)
        found = again.model_copy(
            update={"searches": (*found.searches, *(r for r in again.searches if r.query == query))}
        )
    return queries, found


def _search_of(s: Services) -> Search | None:
    """A search of the sources by an idea's own words, to look for work that is near to it."""
    local = [source for source in s.sources if source.name == "library"]
    return (lambda text: [hit.paper for source in local for hit in source.search(text, NEAR_PAPERS)]) if local else None


def _unfit(ranked: RankedIdea) -> str:
    """Why a ranked idea may not be designed."""
    if not ranked.feasible:
        return f"about {ranked.idea.minutes:.1f} minutes are over the budget"
    return f"already known: {ranked.novelty.reason}"


def _nothing_left(s: Services, refused: int) -> CannotStudyError:
    return CannotStudyError(
        f"no idea on template {s.spec.name!r} can be run: all {refused} were too long for the budget of "
        f"{s.config.budget_minutes:g} minutes or already known",
        "give a larger --budget-minutes, a smaller --preset or fewer --seeds; "
        f"{s.folder.ideas} lists each idea with its reason",
    )
