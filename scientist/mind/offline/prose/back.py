"""Limitations, conclusion, reproducibility and disclosure: what bounds the result, and how to check it."""

from __future__ import annotations

from scientist.literature.latex_text import latex_text
from scientist.literature.verify import statement
from scientist.mind.offline.prose import across, searched
from scientist.mind.offline.prose.facts import Facts, join, say, upper_first
from scientist.types import IdeaKind, Sentence, Verdict

Paragraphs = tuple[tuple[Sentence, ...], ...]


def limitations(f: Facts) -> Paragraphs:
    if f.replication:
        return (
            (
                say(
                    "Agreement between repeats says nothing about whether the numbers are right, nor about other machines, "
                    "library versions or seeds; and the meaning of each metric is the template's own, which this report has "
                    "not checked."
                ),
                *((_given(),) if f.brought else ()),
            ),
        )
    return (f.authored(f.spec.text.limitations), _of_this_design(f), _mended(f))


def _of_this_design(f: Facts) -> tuple[Sentence, ...]:
    sentences = [_seeds(f), *_shortfall(f), *(() if f.searched else (_levels(f),)), *searched.limits(f)]
    if f.brought:
        sentences += [_given(), say("Since they were there before the plan, its tests are confirmatory in name only.")]
    others = [d.label for d in f.spec.datasets if d.name not in f.plan.datasets]
    if others:
        sentences.append(
            say(
                f"Nothing was run beyond {f.datasets}; the template also offers {join(others)}, which this study leaves aside."
            )
        )
    if _leaves_range(f):
        sentences.append(
            say(
                "Where one seed stands far from the others, a Student interval, being symmetric, takes in values that the metric "
                "cannot have; it then says that the mean is poorly known, not where it may lie."
            )
        )
    if f.plan.preset != "gpu" and any(p.name == "gpu" for p in f.spec.presets):
        sentences.append(
            say(
                "The experiment runs at a scale chosen to finish on a laptop's processor. Whether the effect keeps its size in "
                "larger models is a question for the template's larger preset, not for these data."
            )
        )
    if f.count("runs.failed"):
        sentences.append(
            say("Runs failed, and if failure depends on the condition, the comparison of those that remain is biased.")
        )
    return tuple(sentences)


def _given() -> Sentence:
    return say(
        "The results were brought by whoever asked and not run here. That they follow from the conditions and seeds that "
        "they are named for is taken on trust."
    )


def _leaves_range(f: Facts) -> bool:
    """Whether an interval of a mean reaches below zero although no run measured a negative value."""
    negative = {(d, m) for r in f.d.runs for d, result in r.results.items() for m, v in result.means.items() if v < 0}
    means = (q for q in f.quantities.values() if q.kind == "mean" and q.low is not None and q.low < 0)
    return any((q.dataset, q.metric) not in negative for q in means)


def _seeds(f: Facts) -> Sentence:
    n = f.count("runs.seeds") if f.short else len(f.plan.seeds)
    if n < 8:
        return say(
            rf"With {f.seeds} seeds the intervals lean on the assumption that per-seed differences are roughly normal, "
            "which so few values cannot check, and the exact tests, which do not need it, have little power."
        )
    return say(
        rf"The intervals describe variation over {f.seeds} seeds of one implementation; variation between "
        "implementations, which is often larger, is not in them."
    )


def _shortfall(f: Facts) -> tuple[Sentence, ...]:
    if not f.short:
        return ()
    return (
        say(
            "The study has fewer seeds than were planned, so an effect of a given size is more easily missed; that time ended "
            "the runs, and not what they gave, was recorded before any result was read."
        ),
    )


def _levels(f: Facts) -> Sentence:
    low, high = f.plan.conditions[0].id, f.plan.conditions[-1].id
    if f.idea.kind is IdeaKind.INTERACTION:
        return say(
            f"Each factor has only two levels here, so the design can show that {f.factor.label} and {f.moderator.label} "
            "interact but not the form of the dependence."
        )
    if f.idea.kind is IdeaKind.INTERVENTION:
        return say(f"One implementation of {f.factor.label} was tried, untuned; another might do otherwise.")
    if not f.factor.ordered:
        return say(f"Other choices of {f.factor.label} than those compared may behave differently.")
    if len(f.plan.conditions) == 2:
        return say(
            f"Two levels of {f.factor.label} ({f.value_of(low)} and {f.value_of(high)}) cannot show where between or beyond "
            "them the response changes."
        )
    return say(
        f"Nothing is known of {f.factor.label} outside the range from {f.value_of(low)} to {f.value_of(high)}, and all other "
        "hyper-parameters were kept at a single value, so an interplay with them would go unseen."
    )


def _mended(f: Facts) -> tuple[Sentence, ...]:
    """What the last review found and no rewriting can mend is said instead."""
    told = [x.message for x in f.d.findings if x.severity.value != "note" and not any(c.isdigit() for c in x.message)]
    if not told:
        return ()
    listed = "; ".join(dict.fromkeys(m.rstrip(".") for m in told[:3]))
    safe = "".join(c for c in listed if c.isascii() and c not in "\\{}^~$%&#_")
    return (
        say(
            f"An automated review of an earlier draft remarked the following, which the data at hand cannot change: {safe}."
        ),
    )


# ------------------------------------------------------------------------------------------- conclusion


def conclusion(f: Facts) -> Paragraphs:
    if f.replication:
        return (
            (
                say(
                    "The results were described as they were given, with their spread; no experiment was run for this report."
                )
                if f.brought
                else say(
                    "The baseline was executed as published, and what it measures, with its spread over repeats, is written down."
                ),
            ),
        )
    return ((_verdict(f), _next(f)),)


def _under(f: Facts) -> str:
    return "In results that were there before the plan" if f.brought else "Under a plan fixed in advance"


def _verdict(f: Facts) -> Sentence:
    subject = f"the effect of {f.factor.label} on {f.metric.label}"
    if f.idea.kind is IdeaKind.INTERACTION:
        subject = f"the dependence of the effect of {f.factor.label} on {f.moderator.label}"
    if f.idea.kind is IdeaKind.ROBUSTNESS:
        return across.conclusion(f, _under(f), subject)
    main = f.main.id
    told = {
        Verdict.SUPPORTED: f"{_under(f)}, {subject} was significant"
        + (f" and had the predicted sign ({_signed(f)})." if f.main.direction != "none" else f" ({_signed(f)})."),
        Verdict.REFUTED: f"{_under(f)}, {subject} was significant and had the sign opposite to the "
        f"prediction ({_signed(f)}).",
        Verdict.EQUIVALENT: f"{_under(f)}, {subject} was equivalent to none within the smallest effect of "
        f"interest ({_signed(f)}).",
        Verdict.INCONCLUSIVE: f"{_under(f)}, {subject} was not significant ({_signed(f)}), and the data do not "
        "exclude an effect that would matter.",
    }[f.verdict(main)]
    return say(told, main)


def _signed(f: Facts) -> str:
    if not f.has(f"effect.{f.main.id}"):
        return "no estimate"
    q = f.quantity(f"effect.{f.main.id}")
    return f.with_unit(q.id) + (rf", \ci{{{q.id}}}" if q.low is not None else "")


def _next(f: Facts) -> Sentence:
    """The one experiment that would teach most after this result."""
    verdict = f.verdict(f.main.id)
    if verdict is Verdict.INCONCLUSIVE:
        return say("More seeds at the same conditions, rather than more conditions, are what would settle it.")
    if f.idea.kind is IdeaKind.DOSE_RESPONSE:
        moderators = [h.moderator for h in f.spec.hypotheses if h.factor == f.idea.factor and h.moderator]
        if moderators:
            other = f.spec.factor(str(moderators[0])).label
            return say(
                f"The natural next step is to ask whether the response keeps its shape when {other} is varied as well."
            )
    if f.idea.kind is IdeaKind.INTERACTION:
        return say("Intermediate levels of both factors would show what form the joint response takes.")
    if f.searched and f.d.explored is not None and len(f.d.explored.moved) > 1:
        return say("A factorial study of the changes that were found would show which of them make the difference.")
    return say("The same plan at a larger scale would show whether the answer carries.")


# ------------------------------------------------------------------------------------------- statements


def reproducibility(f: Facts) -> Paragraphs:
    return (
        (
            say(
                "Each number in this paper is a link to its row in the provenance appendix, which names the result files and "
                "the place in them from which it was computed. "
                + (
                    "The results themselves were given to us; what is kept is the files as they were brought, with their hashes."
                    if f.brought
                    else "Configuration, code and log of every run are kept with the results, failed runs included."
                )
            ),
            *_deviation(f),
            say("How long the runs took, and on which machine, is not known.")
            if f.brought
            else say(
                r"The runs took \val{time.total} seconds of wall time in total, \val{time.run} seconds in the median, on the "
                "machine described in the appendix."
                if f.has("time.total", "time.run")
                else "The machine is described in the appendix."
            ),
            *_exactness(f),
            *(say(latex_text(sentence)) for sentence in statement(f.cited_verifications)),
        ),
    )


def _exactness(f: Facts) -> tuple[Sentence, ...]:
    """What running again gives; nothing is known of a folder that sets its own seeds, or of results that were brought."""
    if f.replication or f.brought:
        return ()
    return (
        say(
            "On the same machine and library versions, the same seeds give the same results; on another processor, "
            "floating-point arithmetic may differ in the last digits and training may amplify the difference."
        ),
    )


def _deviation(f: Facts) -> tuple[Sentence, ...]:
    """Said by rule, whoever writes the rest of the paper."""
    if not f.short:
        return ()
    return (
        say(
            r"The study deviates from its plan in one point. The experiments had \val{time.budget} minutes of wall time, and "
            r"were ended after \val{time.spent} minutes, when \val{runs.seeds} of \val{plan.seeds} seeds had been run under "
            r"every condition; \val{runs.unused} finished runs at other seeds are kept but not analysed. Seeds are run in the "
            "order of the plan, and which of them are analysed was fixed in the plan: those that are complete."
        ),
    )


def disclosure(f: Facts) -> Paragraphs:
    return (
        (
            say(
                "This paper was produced by an automated system without human intervention between the question and the "
                "typeset page: it "
                + (
                    "was given the results of experiments, which it did not run and cannot vouch for, planned their analysis, "
                    "computed the statistics and wrote the text."
                    if f.brought
                    else "chose the template, designed and pre-registered the experiment, ran it, computed the statistics and "
                    "wrote the text."
                )
            ),
            say(
                f"{upper_first(_mind(f))} No language model was involved in measuring, testing or reporting any number. "
                f"Experiment code and domain background were written beforehand by the authors of the template{_except(f)}; "
                "the text was checked by machine against the ledger, and by nobody else."
            ),
        ),
    )


def _except(f: Facts) -> str:
    changed = f.idea.intervention or (f.searched and f.d.explored is not None and f.d.explored.code_files)
    return ", but for the change under study, which was written by machine" if changed else ""


def _mind(f: Facts) -> str:
    if f.d.mind == "offline":
        return "the design and the prose come from a rule-based planner and writer that uses no language model."
    return f"the design and the prose come from the language model ``{f.d.mind}''."
