"""Reviews a manuscript with a model: a panel of stances, second looks, a meta-review, and an eye on the figures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from scientist.errors import BudgetSpent, ReplyInvalid
from scientist.mind.llm import figures
from scientist.mind.llm.opinion import Opinion, objection, opinion_type, read_opinion, scales
from scientist.mind.llm.panel import dispersion, median_opinion, spread, told_scores
from scientist.mind.reading import squeeze
from scientist.mind.rubric import judge
from scientist.mind.scales import filled
from scientist.models.base import Asker, Strength
from scientist.prompts import Material, Prompt, render
from scientist.types import Finding, Manuscript, PanelMember, Point, Review, ReviewForm, Severity

STANCES = ("rigour", "novelty", "clarity", "balance")
"""What the members of a panel look at hardest, in the order in which they are seated; one alone weighs all alike."""

APPENDIX_CHARACTERS = 6000
"""What a reviewer is shown of an appendix: tables of raw results can be longer than the paper."""

_REPLY_TOKENS = {Strength.WEAK: 900}
"""Room for a reply where it is not the usual 3000: a weak model that has not ended by then repeats itself."""


class Seat(NamedTuple):
    """A member's place: its stance, which draw of that stance it is, and the name that tells its prompts apart."""

    stance: str
    sample: int
    label: str


def review(asker: Asker, manuscript: Manuscript, form: ReviewForm, findings: tuple[Finding, ...]) -> Review:
    """The panel's review. A member whose replies stay invalid is missed, and the review says so.

    Where a weak model fills no form at all, the rubric stands in for it, and is named as the reviewer. Raises
    ReplyInvalid when no member of another model could judge, BudgetSpent when none could be asked.
    """
    try:
        opinions, notes = _panel(asker, manuscript, form, findings)
    except ReplyInvalid:
        if asker.strength("review") is not Strength.WEAK:
            raise
        standing = judge(manuscript, form, findings)
        instead = f"{standing.reviewer}, in place of {asker.name('review')}, which filled no form"
        return standing.model_copy(update={"reviewer": instead})
    judged = [opinion for _, opinion in opinions]
    verdict = judged[0] if len(judged) == 1 else _weighed(asker, manuscript, form, findings, judged, notes)
    seen = figures.look(asker, manuscript, form, notes)
    members = tuple(
        PanelMember(stance=seat.label, scores=o.scores, summary=o.summary, dropped=len(o.lost)) for seat, o in opinions
    )
    errors = [f for f in findings if f.severity is Severity.ERROR]
    return Review(
        summary=verdict.summary,
        strengths=verdict.strengths,
        weaknesses=(*verdict.weaknesses, *seen),
        questions=verdict.questions,
        limitations=verdict.limitations,
        ethical_concerns=verdict.ethical_concerns or any(f.check == "hidden_instructions" for f in errors),
        **filled(form, verdict.scores),
        decision="accept" if verdict.scores["overall"] >= form.accept_at and not errors else "reject",
        reviewer=_reviewer(asker, form, members),
        findings=findings,
        rationale=_rationale(verdict, form, errors, members, notes),
        panel=members,
        dispersion=dispersion(judged),
        dropped=sum(m.dropped for m in members),
    )


def seats(count: int) -> tuple[Seat, ...]:
    """Where each member of a panel sits; a stance that is needed twice is drawn anew."""
    if count == 1:
        return (Seat("balance", 0, "balance"),)
    taken = [(STANCES[i % len(STANCES)], i // len(STANCES)) for i in range(count)]
    return tuple(Seat(stance, n, f"{stance}-{n + 1}" if n else stance) for stance, n in taken)


def _panel(
    asker: Asker, manuscript: Manuscript, form: ReviewForm, findings: tuple[Finding, ...]
) -> tuple[list[tuple[Seat, Opinion]], list[str]]:
    """Each member's last word, and what went wrong on the way; at least one member."""
    opinions: list[tuple[Seat, Opinion]] = []
    notes: list[str] = []
    invalid: ReplyInvalid | None = None
    for seat in seats(form.reviewers):
        try:
            opinions.append((seat, _judged(asker, manuscript, form, findings, seat, notes)))
        except ReplyInvalid as e:
            invalid = e
            notes.append(f"The {seat.label} reviewer is missing: its replies stayed invalid.")
        except BudgetSpent:
            if not opinions:
                raise
            notes.append(f"The budget ended before the {seat.label} reviewer, so the panel is smaller than asked for.")
            break
    if not opinions and invalid is not None:
        raise invalid
    return opinions, notes


def _judged(
    asker: Asker,
    manuscript: Manuscript,
    form: ReviewForm,
    findings: tuple[Finding, ...],
    seat: Seat,
    notes: list[str],
) -> Opinion:
    """One member's opinion, after its second looks; a second look that fails leaves the first."""
    opinion = _asked(asker, judge_prompt(manuscript, form, findings, seat), form, manuscript, seat)
    for round_ in range(1, form.reflections + 1):
        prompt = judge_prompt(manuscript, form, findings, seat, earlier=opinion, round_=round_)
        try:
            later = _asked(asker, prompt, form, manuscript, seat)
        except (ReplyInvalid, BudgetSpent) as e:
            why = "the budget ended" if isinstance(e, BudgetSpent) else "its replies stayed invalid"
            notes.append(f"The {seat.label} reviewer did not look again: {why}.")
            break
        if later == opinion:
            break
        opinion = later
    return opinion


def _asked(asker: Asker, prompt: Prompt, form: ReviewForm, manuscript: Manuscript, seat: Seat) -> Opinion:
    reply = asker.ask(
        prompt,
        opinion_type(form),
        check=lambda r: objection(r, form),
        sample=seat.sample,
        max_tokens=_REPLY_TOKENS.get(asker.strength("review"), 3000),
    )
    return read_opinion(reply, form, manuscript)


def judge_prompt(
    manuscript: Manuscript,
    form: ReviewForm,
    findings: tuple[Finding, ...],
    seat: Seat,
    *,
    earlier: Opinion | None = None,
    round_: int = 0,
) -> Prompt:
    """The prompt of one member; all of a panel, and their second looks, share everything before the stance."""
    lost = earlier.lost if earlier else ()
    materials = (
        _front(manuscript),
        _found(findings),
        Material(name="earlier", items=(as_reply(earlier),) if earlier else (), essential=True),
        Material(name="lost", items=("\n".join(lost),) if lost else (), essential=True),
        Material(name="sections", items=_sections(manuscript)),
        Material(name="captions", items=_joined(f"{f.label}: {squeeze(f.caption)}" for f in manuscript.floats)),
        Material(name="references", items=_joined(squeeze(r.title or r.raw) for r in manuscript.references)),
        Material(name="appendix", items=_appendix(manuscript)),
        Material(name="examples", items=tuple(f"{e.manuscript}\n\nThe form:\n{e.review}" for e in form.examples)),
    )
    return render(
        "review/judge",
        materials=materials,
        label=f"{seat.label}-again-{round_}" if earlier else seat.label,
        venue=form.venue,
        scales=scales(form),
        accept_at=f"{form.accept_at:g}",
        stance=seat.stance,
        earlier=earlier is not None,
        has_lost=bool(lost),
        has_examples=bool(form.examples),
        has_captions=bool(manuscript.floats),
        has_references=bool(manuscript.references),
        has_appendix=bool(manuscript.appendix),
        size=f" ({manuscript.pages} pages)" if manuscript.pages else "",
    )


def weigh_prompt(
    manuscript: Manuscript, form: ReviewForm, findings: tuple[Finding, ...], opinions: Sequence[Opinion]
) -> Prompt:
    """The prompt of the meta-review."""
    return render(
        "review/weigh",
        materials=(
            _front(manuscript),
            _found(findings),
            Material(name="forms", items=tuple(as_reply(o) for o in opinions), essential=True),
        ),
        venue=form.venue,
        scales=scales(form),
        accept_at=f"{form.accept_at:g}",
        given=told_scores(opinions),
    )


def as_reply(opinion: Opinion) -> str:
    """An opinion in the shape in which a model gives it."""

    def points(given: tuple[Point, ...]) -> list[dict[str, str]]:
        return [{"text": p.text, "quote": p.span.text if p.span else ""} for p in given]

    filled: dict[str, Any] = {
        "summary": opinion.summary,
        "strengths": points(opinion.strengths),
        "weaknesses": points(opinion.weaknesses),
        "questions": list(opinion.questions),
        "limitations": opinion.limitations,
        "ethical_concerns": opinion.ethical_concerns,
    }
    for name, score in opinion.scores.items():
        filled |= {f"{name}_reason": opinion.reasons[name], name: score}
    return json.dumps(filled, ensure_ascii=False, indent=1)


def _weighed(
    asker: Asker,
    manuscript: Manuscript,
    form: ReviewForm,
    findings: tuple[Finding, ...],
    opinions: list[Opinion],
    notes: list[str],
) -> Opinion:
    """The meta-review, its scores within the panel's; the panel's medians where no valid one can be had."""
    prompt = weigh_prompt(manuscript, form, findings, opinions)
    try:
        reply = asker.ask(
            prompt,
            opinion_type(form, spread(opinions)),
            check=lambda r: objection(r, form),
            max_tokens=_REPLY_TOKENS.get(asker.strength("review"), 3000),
        )
    except (ReplyInvalid, BudgetSpent) as e:
        why = "the budget ended" if isinstance(e, BudgetSpent) else "the replies stayed invalid"
        notes.append(f"There is no meta-review ({why}): scores are the panel's medians, points those of all members.")
        return median_opinion(opinions)
    verdict = read_opinion(reply, form, manuscript)
    if not verdict.strengths and not verdict.weaknesses:
        notes.append("The meta-review quoted nothing that stands in the manuscript; its points are those of all.")
        everyone = median_opinion(opinions)
        return verdict.model_copy(update={"strengths": everyone.strengths, "weaknesses": everyone.weaknesses})
    return verdict


# ------------------------------------------------------------------------------------------- material


def _front(manuscript: Manuscript) -> Material:
    abstract = manuscript.abstract or "(no abstract could be read)"
    return Material(name="front", items=(f"{manuscript.title}\n\nAbstract\n{abstract}",), essential=True)


def _found(findings: tuple[Finding, ...]) -> Material:
    """What the checks found, as quoted data: its spans are the manuscript's words."""
    lines = [f"{f.severity}: {f.message}" + (f" (“{f.span.text}”)" if f.span else "") for f in findings]
    return Material(name="findings", items=("\n".join(lines) or "nothing",), essential=True)


def _sections(manuscript: Manuscript) -> tuple[str, ...]:
    """The sections in order, so that the last are left out first where a model's context is short."""
    return tuple(f"{s.heading}\n{s.text}" for s in manuscript.sections if s.text.strip())


def _appendix(manuscript: Manuscript) -> tuple[str, ...]:
    room = APPENDIX_CHARACTERS
    items: list[str] = []
    for section in manuscript.appendix:
        text = section.text if len(section.text) <= room else section.text[:room] + " (the rest is not shown)"
        items.append(f"{section.heading}\n{text}")
        room = max(room - len(section.text), 0)
    return tuple(items)


def _joined(lines: Any) -> tuple[str, ...]:
    text = "\n".join(lines)
    return (text,) if text else ()


def _rationale(
    verdict: Opinion,
    form: ReviewForm,
    errors: list[Finding],
    members: tuple[PanelMember, ...],
    notes: list[str],
) -> dict[str, str]:
    overall = verdict.scores["overall"]
    relation = "reaches" if overall >= form.accept_at else "does not reach"
    decision = f"Overall {overall} {relation} the {form.accept_at:g} at which the form accepts."
    if errors:
        decision = f"Rejected: a check found an error ({errors[0].message})."
    rationale = {**verdict.reasons, "decision": decision}
    dropped = sum(m.dropped for m in members)
    if dropped:
        word = "points were" if dropped > 1 else "point was"
        notes = [*notes, f"{dropped} {word} left out, because the quoted words do not stand in the manuscript."]
    return rationale | ({"panel": " ".join(notes)} if notes else {})


def _reviewer(asker: Asker, form: ReviewForm, members: tuple[PanelMember, ...]) -> str:
    looks = f", {form.reflections} second look{'s' * (form.reflections > 1)} each" if form.reflections else ""
    if len(members) == 1:
        return f"{asker.name('review')} (one reviewer{looks.removesuffix(' each')})"
    return f"{asker.name('review')} (panel of {len(members)}: {', '.join(m.stance for m in members)}{looks})"
