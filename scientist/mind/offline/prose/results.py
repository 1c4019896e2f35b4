"""Results and discussion: what was seen, in the order of the questions, and what it does and does not mean."""

from __future__ import annotations

from collections.abc import Mapping

from scientist.mind.offline.prose import across, searched
from scientist.mind.offline.prose.facts import Facts, join, say
from scientist.types import Claim, Contrast, IdeaKind, Sentence, Verdict

Paragraphs = tuple[tuple[Sentence, ...], ...]


def results(f: Facts) -> Paragraphs:
    if f.replication:
        return (_completed(f), _repeat_agreement(f), _figures(f, {"effect", "runs", "curves", "samples"}))
    return (_completed(f), *_answers(f), _exploratory(f))


def _completed(f: Facts) -> tuple[Sentence, ...]:
    if f.short:
        told = (
            r"The time budget ended the experiments before the plan: of \val{runs.planned} planned runs \val{runs.made}, at "
            r"\val{runs.seeds} complete seeds, are analysed; "
        )
        told += (
            r"of these \val{runs.ok} completed and \val{runs.failed} failed."
            if f.count("runs.failed")
            else "all of these completed."
        )
    elif f.count("runs.failed"):
        told = (
            r"Of \val{runs.planned} planned runs \val{runs.ok} completed and \val{runs.failed} failed; the failed ones are "
            "missing from the means, and a seed that lacks a condition is left out of the comparisons that need it."
        )
    else:
        told = r"All \val{runs.planned} planned runs completed."
    sentences = [say(told)]
    if "main" in f.table_ids:
        sentences.append(say(r"Table~\ref{tab:main} gives the mean of each condition with its interval over seeds."))
    if "tests" in f.table_ids and f.plan.contrasts:
        sentences.append(say(r"Table~\ref{tab:tests} holds every comparison, the exploratory ones included."))
    return tuple(sentences)


def _answers(f: Facts) -> Paragraphs:
    if f.idea.kind is IdeaKind.INTERACTION:
        return ((*_interaction(f), *_curves(f)),)
    if f.idea.kind is IdeaKind.ROBUSTNESS:
        untested = (s for c in f.primary if not f.tested(c.id) for s in _tested(f, c))
        return (_means_across(f), (*across.verdicts(f), *across.sizes(f), *untested), across.agreement(f), _curves(f))
    others = [c for c in f.plan.contrasts if f.searched and c.confirmatory and c != f.main]
    tested = [s for c in (f.main, *others) for s in (*_means(f, c), *_tested(f, c))]
    paragraphs = [(*tested, *searched.held(f)), (*_shape(f), *_curves(f))]
    if f.idea.kind is IdeaKind.TRADE_OFF and "second" in f.contrasts:
        second = f.contrasts["second"]
        paragraphs.append((*_means(f, second), *_tested(f, second), *_figure(f, "trade_off", _TRADE_OFF)))
    return tuple(paragraphs)


_TRADE_OFF = r"Figure~\ref{fig:trade_off} sets the two metrics against each other."


def _means(f: Facts, c: Contrast) -> tuple[Sentence, ...]:
    """Where the compared conditions stand, before the comparison."""
    control, treatment = f.ends(c)
    low, high = f.mean(control, c.metric, c.dataset), f.mean(treatment, c.metric, c.dataset)
    if not f.has(low, high):
        return ()
    metric = f.metric_of(c)
    censored = {i for i in _censored(f, c) if f.quantity(i).condition in c.weights}
    verb = "had a restricted mean of" if censored else "averaged"
    text = (
        f"At {f.level(control)}, {metric.label} on {f.dataset(c.dataset)} {verb} {_estimate(f, low)}; "
        f"at {f.level(treatment)}, {_estimate(f, high)}."
    )
    sentences = [say(text, c.id)]
    sentences += _censoring(f, c)
    return tuple(sentences)


def _means_across(f: Facts) -> tuple[Sentence, ...]:
    """The same for one comparison on several data sets: each data set by itself only where runs missed the mark."""
    cells = [
        (c, f.mean(f.ends(c)[0], c.metric, c.dataset), f.mean(f.ends(c)[1], c.metric, c.dataset)) for c in f.primary
    ]
    cells = [cell for cell in cells if f.has(cell[1], cell[2])]
    if not cells or any(_censored(f, c) for c in f.primary):
        return tuple(s for c in f.primary for s in _means(f, c))
    control, treatment = f.ends(f.main)
    before = join([f"{_estimate(f, low)} on {f.dataset(c.dataset)}" for c, low, _ in cells])
    after = join([_estimate(f, high) for _, _, high in cells])
    text = f"At {f.level(control)}, {f.metric.label} averaged {before}; at {f.level(treatment)}, {after}, in the same order."
    return (say(text, *(c.id for c, _, _ in cells)),)


def _estimate(f: Facts, id: str) -> str:
    return f.with_unit(id) + (rf" \ci{{{id}}}" if f.quantity(id).low is not None else "")


def _censored(f: Facts, c: Contrast) -> list[str]:
    """Counts of runs that did not reach the mark, in the conditions of a comparison (of a dose response, in all)."""
    compared = c.weights if f.idea.kind is not IdeaKind.DOSE_RESPONSE else [cell.id for cell in f.plan.conditions]
    ids = [f"censored.{cond}.{c.dataset}.{c.metric}" for cond in compared]
    return [i for i in ids if f.count(i) > 0]


def _censoring(f: Facts, c: Contrast) -> list[Sentence]:
    """How many runs did not reach the mark, and what that does to the comparison."""
    ids = _censored(f, c)
    if not ids:
        return []
    cells = [str(f.quantity(i).condition) for i in ids]
    told = join(
        [rf"\val{{{i}}} of \val{{runs.ok.{cell}}} runs at {_cell(f, cell)}" for i, cell in zip(ids, cells, strict=True)]
    )
    compared = [cell for cell in cells if cell in c.weights]
    so = {
        0: "",
        1: f", so the difference, of which only {_cell(f, compared[0])} is concerned, is a lower bound in size"
        if compared
        else "",
    }.get(len(compared), ", so the size of the difference between them is not identified")
    where = f" on {f.dataset(c.dataset)}" if len(f.plan.datasets) > 1 else ""
    return [
        say(
            f"Within the budget the mark{where} was not reached by {told}; such a run enters with its whole budget{so}.",
            c.id,
        )
    ]


def _cell(f: Facts, condition: str) -> str:
    """A condition by its levels: of the factor, and of the moderator where there is one."""
    moderated = f", {f.level(condition, f.moderator)}" if f.idea.moderator else ""
    return f.level(condition) + moderated


def _tested(f: Facts, c: Contrast) -> tuple[Sentence, ...]:
    """The comparison, its verdict, and how robust the verdict is."""
    if not f.tested(c.id):
        what = "the interaction" if f.idea.kind is IdeaKind.INTERACTION else "the difference"
        return (
            say(
                f"No test of {what} in {f.metric_of(c).label} on {f.dataset(c.dataset)} is possible: {_reason(f, c)}.",
                c.id,
            ),
        )
    claim, where = f.claim(c.id), ""
    if f.idea.kind is IdeaKind.ROBUSTNESS or (f.searched and len(f.plan.datasets) > 1):
        where = f" on {f.dataset(c.dataset)}"
    verdict = {
        Verdict.SUPPORTED: "the plan's criterion is met"
        + (" in the hypothesised direction" if c.direction != "none" else ""),
        Verdict.REFUTED: "the plan's criterion is met, but against the hypothesised direction",
        Verdict.EQUIVALENT: "both one-sided tests are passed, so the difference is smaller than what was declared worth having",
        Verdict.INCONCLUSIVE: "the criterion is not met, nor are the bounds of equivalence, so the comparison stays open",
    }[claim.verdict]
    what = "interaction" if c.id == "interaction" else "paired difference"
    sentences = [say(f"The {what}{where} is {f.estimate(c.id)}: {verdict}.", c.id)]
    checks = _checks(f, c)
    if checks:
        sentences.append(checks)
    return tuple(sentences)


def _reason(f: Facts, c: Contrast) -> str:
    if _censored(f, c):
        return "no run that it compares reached the mark within its budget"
    return "fewer than two seeds are complete in the conditions that it compares"


def _checks(f: Facts, c: Contrast) -> Sentence | None:
    """The standardised size, and whether the test without a normal assumption says the same."""
    if not f.has(f"g.{c.id}", f"perm.{c.id}"):
        return None
    perm = float(f.quantity(f"perm.{c.id}").value)
    smallest = 2.0 / 2 ** int(f.quantity(f"n.{c.id}").value)
    if perm <= smallest * 1.001:
        told = "the exact sign-flip test, which assumes no normality, gives the smallest $p$ that this many seeds allow"
        if perm > f.count("plan.alpha_look"):
            told += ", though with so few it could not have reached the level of the plan"
    else:
        told = "the exact sign-flip test, which assumes no normality, gives"
        return say(
            f"The size of the difference is \\val{{g.{c.id}}} in standard deviations of its per-seed values, and {told} "
            f"{f.p(f'perm.{c.id}')}.",
            c.id,
        )
    return say(
        rf"In standard deviations of the per-seed differences this is \val{{g.{c.id}}}, and {told} ({f.p(f'perm.{c.id}')}).",
        c.id,
    )


# ------------------------------------------------------------------------------------------- shape of the response


def _shape(f: Facts) -> tuple[Sentence, ...]:
    """Trend and steps between neighbouring levels, with the figure that shows them."""
    sentences: list[Sentence] = []
    for figure in ("dose", "effect"):
        sentences += _figure(f, figure, _SHOWN[figure])
    if "trend" in f.contrasts and f.tested("trend"):
        told = {
            Verdict.SUPPORTED: "which meets the criterion with the hypothesised sign",
            Verdict.REFUTED: "which meets the criterion with the opposite sign",
            Verdict.EQUIVALENT: "which lies within the smallest effect of interest",
            Verdict.INCONCLUSIVE: "which meets neither criterion",
        }[f.verdict("trend")]
        sentences.append(say(f"Across all levels the trend amounts to {f.estimate('trend')}, {told}.", "trend"))
    steps = [c for c in f.plan.contrasts if c.id.startswith("step.") and f.tested(c.id)]
    if len(steps) > 1:
        sentences.append(_planned_steps(f, steps) if steps[0].confirmatory else _steps(f, steps))
    return tuple(sentences)


def _planned_steps(f: Facts, steps: list[Contrast]) -> Sentence:
    """Each step with its verdict: where along the ladder the response lies."""
    told = [f"from {_from_to(f, c)}, {f.estimate(c.id)}, {_STEP[f.verdict(c.id)]}" for c in steps]
    return say(
        f"Step by step, the change in {f.metric.label} is as follows: {'; '.join(told)}.", *(c.id for c in steps)
    )


_STEP = {
    Verdict.SUPPORTED: "which meets the criterion as hypothesised",
    Verdict.REFUTED: "which meets the criterion against the hypothesis",
    Verdict.EQUIVALENT: "which lies within the smallest effect of interest",
    Verdict.INCONCLUSIVE: "which is inconclusive",
}


_SHOWN = {
    "dose": r"Figure~\ref{fig:dose} shows the response level by level.",
    "effect": r"Figure~\ref{fig:effect} shows each seed beside the mean of its condition.",
    "curves": r"Figure~\ref{fig:curves} shows how the runs arrive there.",
}


def _steps(f: Facts, steps: list[Contrast]) -> Sentence:
    """Where along the ladder the response is steepest, and whether it turns: exploratory."""
    cells = [cell.id for cell in f.plan.conditions]
    if any(f.censored(cell, steps[0].metric, steps[0].dataset) for cell in cells):
        told = join([f"{f.estimate(c.id)} from {_from_to(f, c)}" for c in steps])
        return say(
            f"Step by step (exploratory), the estimates are {told}; where a step has runs that did not reach the mark its size "
            "is not identified, so the steps are not ranked.",
            *(c.id for c in steps),
        )
    largest = max(steps, key=lambda c: (abs(float(f.quantity(f"effect.{c.id}").value)), c.id))
    control, treatment = f.ends(largest)
    signs = {f.claim(c.id).observed for c in steps} - {"none"}
    text = (
        f"Step by step (exploratory), the largest change of all the steps falls between {f.level(control)} and {f.value_of(treatment)}: "
        f"{f.estimate(largest.id)}."
    )
    others = [c for c in steps if c.id != largest.id]
    if len(signs) == 2:
        against = [c for c in others if f.claim(c.id).observed != f.claim(largest.id).observed]
        told = join([f"{f.with_unit(f'effect.{c.id}')} from {_from_to(f, c)}" for c in against])
        clear = any(f.claim(c.id).significant for c in against)
        turn = (
            "so the response is not monotone"
            if clear
            else "though not clearly enough to call the response non-monotone"
        )
        text += f" The sign is the other one for the step of {told}, {turn}."
        return say(text, largest.id, *(c.id for c in against))
    return say(text, largest.id)


def _from_to(f: Facts, c: Contrast) -> str:
    control, treatment = f.ends(c)
    return f"{f.value_of(control)} to {f.value_of(treatment)}"


def _curves(f: Facts) -> tuple[Sentence, ...]:
    """Pointers to the figures that no other paragraph has named."""
    sentences = list(_figure(f, "curves", _SHOWN["curves"]))
    if "samples" in f.figure_ids:
        sentences.append(say(r"Figure~\ref{fig:samples} shows generated points next to held-out ones."))
    if f.idea.kind is IdeaKind.ROBUSTNESS:
        for figure in ("effect", "dose"):
            sentences = [*_figure(f, figure, _SHOWN[figure]), *sentences]
    if "reached" in f.figure_ids:
        sentences.append(say(r"Which runs reached the mark, and when, is drawn in Figure~\ref{fig:reached}."))
    return tuple(sentences)


def _figures(f: Facts, known: set[str]) -> tuple[Sentence, ...]:
    return tuple(say(rf"Figure~\ref{{fig:{i}}} shows the single executions.") for i in sorted(known & f.figure_ids))


def _figure(f: Facts, figure: str, text: str) -> tuple[Sentence, ...]:
    return (say(text),) if figure in f.figure_ids else ()


# ------------------------------------------------------------------------------------------- interaction, robustness


def _interaction(f: Facts) -> tuple[Sentence, ...]:
    sentences: list[Sentence] = []
    for name in ("simple.base", "simple.other"):
        c = f.contrasts[name]
        control, _ = f.ends(c)
        at = f.level(control, f.moderator)
        if f.tested(name):
            sentences.append(say(f"With {at}, changing {f.factor.label} from {_from_to(f, c)} moves {f.metric.label} by "
                                 f"{f.estimate(name)}.", name))  # fmt: skip
        else:
            sentences.append(say(f"With {at}, the effect of {f.factor.label} cannot be tested: {_reason(f, c)}.", name))
        sentences += _censoring(f, c)
    sentences += _tested(f, f.main)
    sentences += _figure(f, "interaction", r"Figure~\ref{fig:interaction} draws the cells; parallel lines would mean that "
                         "the factors do not interact.")  # fmt: skip
    sentences += _figure(f, "effect", _SHOWN["effect"])
    return tuple(sentences)


def _repeat_agreement(f: Facts) -> tuple[Sentence, ...]:
    sds = [q for q in f.quantities.values() if q.kind == "sd"]
    still = [q for q in sds if float(q.value) == 0.0]
    if not sds:
        return (say("With fewer than two completed repeats, nothing can be said of their agreement."),)
    if len(still) == len(sds):
        return (
            say(
                "Every metric came out the same in every repeat: the template fixes its seeds, and its results are reproducible to the last digit on this machine."
            ),
        )
    moving = max((q for q in sds if q not in still), key=lambda q: float(q.value))
    # Metrics of such a folder are named by its author ("best_val_loss"): a name that asserts is not put into a sentence.
    return (
        say(
            f"Not every metric repeats exactly; the largest standard deviation over repeats is \\val{{{moving.id}}}, and its "
            "row in the provenance appendix names the metric."
        ),
    )


# ------------------------------------------------------------------------------------------- exploratory


def _exploratory(f: Facts) -> tuple[Sentence, ...]:
    """The other metrics of the same comparison: what stands out, marked as outside the plan."""
    others = [c for c in f.exploratory if c.id.startswith("also.") and f.tested(c.id)]
    if not others:
        return ()
    notable = [c for c in others if f.claim(c.id).significant]
    level = [c for c in others if f.verdict(c.id) is Verdict.EQUIVALENT]
    quiet = [c for c in others if f.verdict(c.id) is Verdict.INCONCLUSIVE]
    where = r" (Table~\ref{tab:tests})" if "tests" in f.table_ids else ""
    on = f", on {f.dataset(others[0].dataset)}" if len(f.plan.datasets) > 1 else ""
    sentences = []
    if notable:
        told = join([f"{f.metric_of(c).label} by {f.estimate(c.id)}" for c in notable])
        sentences.append(
            say(
                f"In comparisons that the plan calls exploratory, the same change moves {told}{on}.",
                *(c.id for c in notable),
            )
        )
        sentences += _slight(f, notable)
    if level:
        names = join([f"{f.metric_of(c).label} ({f.with_unit(f'sesoi.{c.metric}')})" for c in level])
        told = f"the two conditions are equivalent within the smallest effect of interest in {names}{on}"
        begin = "By the same comparisons" if notable else "In comparisons that the plan calls exploratory"
        sentences.append(say(f"{begin}, {told}{where}.", *(c.id for c in level)))
    if quiet:
        names = join([f.metric_of(c).label for c in quiet])
        which = "it" if notable else "the same comparison, exploratory here,"
        sentences.append(say(f"For {names} {which} is inconclusive{where}.", *(c.id for c in quiet)))
    return tuple(sentences)


def _slight(f: Facts, notable: list[Contrast]) -> list[Sentence]:
    """That a difference which is significant is small all the same."""
    slight = [c for c in notable if f.negligible(c.id)]
    if not slight:
        return []
    names = join([f.metric_of(c).label for c in slight])
    lie = "lies" if len(slight) == 1 else "lie"
    whose = "that metric" if len(slight) == 1 else "each metric"
    return [
        say(
            f"The change{'' if len(slight) == 1 else 's'} in {names}, though significant, {lie} within the smallest effect of interest of {whose}.",
            *(c.id for c in slight),
        )
    ]


# ------------------------------------------------------------------------------------------- discussion


def discussion(f: Facts) -> Paragraphs:
    if f.replication:
        return ()
    answer = across.answer(f) if f.idea.kind is IdeaKind.ROBUSTNESS else _answer(f)
    return ((*answer, *_meaning(f)), _precision(f))


def _answer(f: Facts) -> tuple[Sentence, ...]:
    """The question, answered in words."""
    if f.idea.kind is IdeaKind.INTERACTION:
        said = {
            Verdict.SUPPORTED: f"The answer is that it does: in these runs {f.moderator.label} changed the effect of "
            f"{f.factor.label}.",
            Verdict.REFUTED: f"In these runs {f.moderator.label} changed the effect of {f.factor.label}.",
            Verdict.EQUIVALENT: f"Within the declared bounds, {f.moderator.label} leaves the effect of {f.factor.label} "
            "equivalent at both of its levels.",
            Verdict.INCONCLUSIVE: "The question is not settled: the interaction is estimated too loosely to call it present or "
            "negligible.",
        }
        return (say(said[f.verdict(f.main.id)], f.main.id), *_form_of_dependence(f))
    said = {
        Verdict.SUPPORTED: f"The hypothesis survives its test: {_between(f)}, {f.metric.label} moved the way that was predicted.",
        Verdict.REFUTED: f"The hypothesis fails its test: {_between(f)}, {f.metric.label} moved in the direction opposite to the "
        "one predicted.",
        Verdict.EQUIVALENT: f"For practical purposes the answer is no: the effect of {f.factor.label} on {f.metric.label} over "
        "this range is smaller than the effect that we declared worth having, and the two settings are equivalent in that "
        "sense."
        if not f.searched
        else f"For practical purposes the answer is no: what the found configuration changes in {f.metric.label} is smaller "
        "than the effect that we declared worth having.",
        Verdict.INCONCLUSIVE: f"The question remains open: these runs neither establish that {f.factor.label} moves "
        f"{f.metric.label} nor that its influence is negligible.",
    }
    return (say(said[f.verdict(f.main.id)], f.main.id), *_monotone(f))


def _between(f: Facts) -> str:
    control, treatment = f.ends(f.main)
    return f"between {f.level(control)} and {f.value_of(treatment)}"


def _monotone(f: Facts) -> tuple[Sentence, ...]:
    """Whether the steps of a dose response agree in sign, as far as their tests allow it to be said."""
    steps = [c for c in f.plan.contrasts if c.id.startswith("step.") and f.tested(c.id)]
    if f.idea.kind is not IdeaKind.DOSE_RESPONSE or len(steps) < 2:
        return ()
    clear = [c for c in steps if f.claim(c.id).significant]
    signs = {f.claim(c.id).observed for c in clear}
    vague = [c for c in steps if c not in clear]
    ids = tuple(c.id for c in steps)
    if len(signs) == 2:
        return (say("The response is not monotone: single steps are significant in either direction.", *ids),)
    if not vague:
        return (say("Every single step has the same sign and is significant, as a monotone response requires.", *ids),)
    where = join([_from_to(f, c) for c in vague])
    return (
        say(
            f"Whether the response is monotone stays open, since the step from {where} leaves its sign undecided.", *ids
        ),
    )


def _form_of_dependence(f: Facts) -> tuple[Sentence, ...]:
    """Whether a significant interaction reverses the effect, removes it, or changes its size."""
    if f.verdict(f.main.id) is not Verdict.SUPPORTED:
        return ()
    simple = {name: f.claims[name] for name in ("simple.base", "simple.other")}
    at = {name: f.level(f.ends(f.contrasts[name])[0], f.moderator) for name in simple}
    base, other = simple.values()
    slight = [name for name in simple if f.negligible(name)]
    if len(slight) == 1:
        large = next(name for name in simple if name not in slight)
        told = (
            f"What {f.factor.label} does, it does with {at[large]}; with {at[slight[0]]} the change lies within the smallest "
            f"effect of interest ({f.with_unit(f'sesoi.{f.plan.metric}')})"
        )
    elif base.significant and other.significant:
        same = base.observed == other.observed
        told = (
            f"The dependence is one of size: the effect has the same sign at both levels, {_larger(f, simple)}"
            if same
            else f"The dependence goes as far as a reversal: with {at['simple.base']} the change {f.verb('simple.base')} "
            f"{f.metric.label}, with {at['simple.other']} it {f.verb('simple.other')} it"
        )
    elif base.significant or other.significant:
        shown, hidden = ("simple.base", "simple.other") if base.significant else ("simple.other", "simple.base")
        told = f"An effect is shown with {at[shown]} and not with {at[hidden]}, where its test leaves the sign open"
        if simple[hidden].verdict is Verdict.EQUIVALENT:
            told = f"An effect is shown with {at[shown]}; with {at[hidden]} it is equivalent to none within the smallest effect of interest"
    else:
        told = "Neither simple effect is shown by itself, so the dependence is known better than what it consists of"
    return (say(f"{told}.", "simple.base", "simple.other"),)


def _larger(f: Facts, simple: Mapping[str, Claim]) -> str:
    """Which of two effects of one sign, whose difference is significant, is the larger one."""
    ranked = sorted(simple, key=lambda name: abs(float(f.quantity(f"effect.{name}").value)))
    at = [f"{f.level(f.ends(f.contrasts[n])[0], f.moderator)} ({f.with_unit(f'effect.{n}')})" for n in reversed(ranked)]
    return f"and is larger in size with {at[0]} than with {at[1]}"


def _meaning(f: Facts) -> tuple[Sentence, ...]:
    text = f.implication()
    sentences = [s.model_copy(update={"claims": (f"claim.{f.main.id}",)}) for s in f.authored((text,) if text else ())]
    if f.idea.kind is IdeaKind.DOSE_RESPONSE and "trend" in f.claims and f.verdict("trend") != f.verdict(f.main.id):
        sentences.append(
            say(
                "End-to-end comparison and trend do not agree in verdict, which points to a response that is not a straight "
                "line in the rank of the levels; the single steps are the better guide here.",
                f.main.id,
                "trend",
            )
        )
    return tuple(sentences)


def _precision(f: Facts) -> tuple[Sentence, ...]:
    """How the intervals compare with what would have mattered."""
    asked = f.primary if f.idea.kind is IdeaKind.ROBUSTNESS else (f.main,)
    open_or_null = [c for c in asked if f.verdict(c.id) in (Verdict.INCONCLUSIVE, Verdict.EQUIVALENT)]
    sized = {c.id: wide for c in open_or_null if (wide := _wide(f, c)) is not None}
    groups = [(wide, [c for c in open_or_null if sized.get(c.id) is wide]) for wide in (False, True)]
    return tuple(_width(f, found, wide=wide) for wide, found in groups if found)


def _wide(f: Facts, c: Contrast) -> bool | None:
    """Whether the interval reaches further on either side than the smallest effect of interest; None without either."""
    effect = f.quantities.get(f"effect.{c.id}")
    if effect is None or effect.low is None or effect.high is None or not f.has(f"sesoi.{c.metric}"):
        return None
    return (effect.high - effect.low) / 2 > float(f.quantity(f"sesoi.{c.metric}").value)


def _width(f: Facts, found: list[Contrast], *, wide: bool) -> Sentence:
    named = f.with_unit(f"sesoi.{found[0].metric}")
    subject = "the interaction" if f.idea.kind is IdeaKind.INTERACTION else "the primary comparison"
    interval, reaches = f"The interval of {subject}", "reaches" if wide else "is"
    if f.idea.kind is IdeaKind.ROBUSTNESS:
        on = join([f.dataset(c.dataset) for c in found])
        several = len(found) > 1
        interval = f"The interval{'s' if several else ''} on {on}"
        reaches = {(True, True): "reach", (True, False): "are"}.get((several, wide), reaches)
    if wide:
        told = (
            f"{interval} {reaches} further on either side than the smallest effect of interest ({named}), so a null "
            "result of this study would not have excluded an effect that matters."
        )
    else:
        told = (
            f"{interval} {reaches} narrower on either side than the smallest effect of interest ({named}), so the study "
            "could have told an effect of that size from none."
        )
    return say(told, *(c.id for c in found))
