"""A language model's moves in a search over experiments: it picks levels from a list, or changes code."""

from __future__ import annotations

from typing import Any

from pydantic import create_model

from scientist.mind.base import Exploration
from scientist.mind.configuration import SETTINGS, Levels, levels_of, moved, neighbours, settings_text
from scientist.mind.llm.choices import many, one_of
from scientist.mind.llm.coding import ask_for_edit, filled
from scientist.mind.llm.proposal import level_tokens
from scientist.mind.offline.wording import level_text
from scientist.models.base import Asker, Strength
from scientist.prompts import Material, Prompt, render
from scientist.search.candidate import Candidate, difference
from scientist.search.edit import Edit
from scientist.search.loop import Known, ProposalFailed
from scientist.search.step import FAILED
from scientist.types import FactorSpec, Setting, SlotSpec

LEVELS_TOKENS = 512
CODE_SHARE = 0.5
"""How often an improvement is one of code, where code may be changed."""
SHOWN = 12
"""Steps that a prompt lists: the best, for the rest cannot be told from what came of them."""
Tokens = dict[str, tuple[FactorSpec, Setting]]


def propose(asker: Asker, asked: Exploration) -> Edit:
    """The change by the operator that is asked for; levels come from a list, code from the template's open parts."""
    ways = _ways(asker, asked)
    if ways and _about_code(asked):
        slots = asked.template.slots if "slot" in ways and "patch" not in ways else ()
        paths = tuple(asked.template.editable)
        return _fill(asker, asked, slots) if slots else ask_for_edit(asker, task(asked, "explore/patch"), paths)
    return _move(asker, asked)


def task(asked: Exploration, name: str, **values: Any) -> Prompt:
    """A prompt that shows the parent, what came of it, and the best of what was tried."""
    request, spec = asked.request, asked.template
    parent, usual = request.parents[0], levels_of(asked.first)
    code = {p: t for p, t in parent.candidate.files.items() if p != SETTINGS}
    change = difference({p: asked.first.files[p] for p in code}, code)
    log = parent.step.artefacts.get("log", "")
    materials = [
        *(Material(name=path, items=(text,), essential=True) for path, text in code.items()),
        Material(name="what it printed", items=(log,) if log else ()),
        Material(name="change of code", items=(change,) if change else ()),
    ]
    return render(
        name,
        materials=tuple(materials),
        label=f"step-{request.number}" + (f"/mend-{len(request.refused)}" if request.refused else ""),
        spec=spec,
        idea=asked.idea,
        metric=spec.metric(asked.idea.metric),
        operator=request.operator,
        levels=[(f, level_text(levels_of(parent.candidate)[f.name]), level_text(usual[f.name])) for f in spec.factors],
        outcome=_outcome(parent),
        failed=parent.step.status in FAILED,
        printed=bool(log),
        changed=bool(change),
        tried=[_told(k, usual) for k in _best(asked.tried)],
        refused=request.refused,
        editable=tuple(code),
        **values,
    )


# ------------------------------------------------------------------------------------------- levels


def _move(asker: Asker, asked: Exploration) -> Edit:
    parent = asked.request.parents[0].candidate
    tokens, levels = _choices(asked), levels_of(parent)
    if not tokens:
        raise ProposalFailed(f"there is no level for {asked.request.operator} to move to")
    reply_model = create_model("Move", why=(str, ...), levels=(many(one_of(tokens)), ...))
    tried = {k.candidate.id for k in asked.tried}

    def objection(reply: Any) -> str | None:
        factors = [tokens[t][0].name for t in reply.levels]
        if not factors:
            return "levels is empty: choose one level at least"
        if len(set(factors)) != len(factors):
            return "levels names a factor twice"
        if _moved(parent, levels, reply.levels, tokens).id in tried:
            return "this configuration was tried already; choose another"
        return None

    hint = asked.request.rng.choice(sorted({f.name for f, _ in tokens.values()}))
    prompt = task(asked, "explore/levels", choices=list(tokens), hint=asked.template.factor(hint))
    reply: Any = asker.ask(prompt, reply_model, check=objection, max_tokens=LEVELS_TOKENS)
    made = _moved(parent, levels, reply.levels, tokens)
    return Edit(why=" ".join(reply.why.split()), files={SETTINGS: made.files[SETTINGS]})


def _choices(asked: Exploration) -> Tokens:
    """The levels to which the operator may move the parent, none of them its own."""
    levels, usual = levels_of(asked.request.parents[0].candidate), levels_of(asked.first)
    every = {t: (f, x) for t, (f, x) in level_tokens(asked.template).items() if x != levels[f.name]}
    if asked.request.operator == "tune":
        near = {t: (f, x) for t, (f, x) in every.items() if x in neighbours(f, levels[f.name])}
        return near or every
    if asked.request.operator == "ablate":
        back = moved(levels, usual)
        return {t: (f, x) for t, (f, x) in every.items() if f.name in back and x == usual[f.name]} or every
    return every


def _moved(parent: Candidate, levels: Levels, chosen: list[str], tokens: Tokens) -> Candidate:
    new = levels | {tokens[t][0].name: tokens[t][1] for t in chosen}
    return Candidate(files={**parent.files, SETTINGS: settings_text(new)})


# ------------------------------------------------------------------------------------------- code


def _about_code(asked: Exploration) -> bool:
    """Whether this step changes code: to mend code that failed, and every other improvement."""
    parent = asked.request.parents[0]
    changed = any(t != asked.first.files[p] for p, t in parent.candidate.files.items() if p != SETTINGS)
    if asked.request.operator == "debug":
        return changed
    return asked.request.operator == "improve" and asked.request.rng.random() < CODE_SHARE


def _ways(asker: Asker, asked: Exploration) -> tuple[str, ...]:
    """The ways that the user allows and the model is strong enough for."""
    strength = asker.strength("explore")
    if strength is Strength.WEAK:
        return ()
    slots = "slot" in asked.ways and bool(asked.template.slots)
    files = "patch" in asked.ways and bool(asked.template.editable) and strength is Strength.STRONG
    return (("slot",) if slots else ()) + (("patch",) if files else ())


def _fill(asker: Asker, asked: Exploration, slots: tuple[SlotSpec, ...]) -> Edit:
    return filled(asker, task(asked, "explore/slot", slots=slots), slots)


# ------------------------------------------------------------------------------------------- what was tried


def _best(tried: tuple[Known, ...]) -> list[Known]:
    """Each configuration once, the best first, failures last."""
    once = {k.candidate.id: k for k in reversed(tried)}
    ranked = sorted(once.values(), key=lambda k: (k.score is None, -(k.score or 0.0), k.step.number))
    return ranked[:SHOWN]


def _told(known: Known, usual: Levels) -> str:
    change = ", ".join(f"{n}={level_text(x)}" for n, x in moved(levels_of(known.candidate), usual).items())
    return f"{change or 'the baseline'}: {_outcome(known)}"


def _outcome(known: Known) -> str:
    step = known.step
    return f"score {step.score:.6g}" if step.score is not None else f"{step.status}: {step.reason}"
