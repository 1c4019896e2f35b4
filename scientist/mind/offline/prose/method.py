"""Method and experimental setup: what was done, how it was measured, and how it was to be judged."""

from __future__ import annotations

from scientist.mind.offline.prose import searched
from scientist.mind.offline.prose.facts import Facts, join, plain, say
from scientist.types import IdeaKind, Sentence

Paragraphs = tuple[tuple[Sentence, ...], ...]


def method(f: Facts) -> Paragraphs:
    if f.replication:
        return (
            (
                say(
                    "The results were given to us. Which command, code, seeds, data and budget they come from is not known "
                    "to us, nor whether they are repeats of one condition, as which they were handed in."
                )
                if f.brought
                else say(
                    "The template's own command is executed without any change to its code, each time in a fresh copy of "
                    "its folder; its results are taken from the file that it leaves. Seeds, data and budget are its own."
                ),
                say(
                    "For each metric that every repeat reports we give the mean and the standard deviation over repeats. "
                    "Both describe these results; neither is an estimate for a population of seeds unless the template "
                    "itself draws a new seed on each execution."
                ),
            ),
        )
    return (f.authored(f.spec.text.method), searched.made(f), _change(f), _estimand(f), _decision(f))


def _change(f: Facts) -> tuple[Sentence, ...]:
    """What an intervention changes, and what it cannot."""
    change = f.idea.intervention
    if change is None:
        return ()
    slot = next((s for s in f.spec.slots if s.name == change.slot), None)
    what = (
        rf"the function \texttt{{{plain(slot.function)}}}"
        if slot
        else "files that the template declares open to change"
    )
    return (
        say(
            f"The intervention is a change of code: in the treated condition {change.label} is written into {what}, in the "
            "control the code is that of the template, and the difference between the two is kept with the results."
        ),
        say(
            "Before it was compared, the changed code had to run to its end on a seed outside the study and to measure "
            "something else than the unchanged code does; what it measured there is in no result."
        ),
    )


def _estimand(f: Facts) -> tuple[Sentence, ...]:
    sentences = [
        say(
            "All comparisons are made within seeds, so that what a seed brings to every condition alike drops out of them"
            + f.cite_method("Accounting for Variance in Machine Learning Benchmarks")
            + "."
        ),
        say(
            r"For seed $s$ let $y_{c,s}$ be the value of a metric under condition $c$. A comparison is a set of weights $w_c$ "
            r"that sum to zero, and its value at that seed is $d_s = \sum_c w_c y_{c,s}$; we report the mean of $d_s$ with a "
            "Student interval and test it against zero, two-sided."
        ),
    ]
    if f.idea.kind is IdeaKind.DOSE_RESPONSE:
        sentences.append(
            say(
                "The trend uses equally spaced weights over the ranked levels, scaled so that it reads as the change over "
                "the whole range, in the unit of the metric."
            )
        )
    if f.idea.kind is IdeaKind.INTERACTION:
        sentences.append(
            say(
                "The interaction is the effect at the second level of the moderator minus the effect at its first; each "
                "simple effect is tested as well, so that a dependence can be told from a reversal."
            )
        )
    return tuple(sentences)


def _decision(f: Facts) -> tuple[Sentence, ...]:
    looks = (
        r"The family-wise level of \val{plan.alpha} is split evenly over at most \val{plan.looks} analyses, since a "
        r"review may ask once for the reserved seeds; each analysis is therefore held to \val{plan.alpha_look}, and all "
        r"intervals are at \val{plan.level}."
        if f.plan.looks > 1
        else r"There is a single analysis at the level \val{plan.alpha}, and all intervals are at \val{plan.level}."
    )
    tests = (
        "The \\val{plan.tests} confirmatory tests share"
        if len(_confirmatory(f)) > 1
        else "The confirmatory test needs no"
    )
    holm = (
        f"{tests} Holm's correction."
        if len(_confirmatory(f)) > 1
        else f"{tests} correction for multiplicity, being alone."
    )
    bounds = join([f"{f.with_unit(f'sesoi.{m}')} for {f.spec.metric(m).label}" for m in _bounded(f)])
    return (
        say(f"{looks} {holm}"),
        say(
            "Absence of an effect is never read from a large $p$: it is claimed only where two one-sided tests place the "
            f"difference within the smallest effect of interest, set beforehand at {bounds}."
        ),
        say(
            "A result is called supported or refuted when the corrected test meets its level, with or against the "
            "hypothesised sign; equivalent when the bounds are met; and inconclusive otherwise. Comparisons that the "
            "plan calls exploratory are not corrected, and no conclusion rests on them."
        ),
    )


def _confirmatory(f: Facts) -> list[str]:
    return [c.id for c in f.plan.contrasts if c.confirmatory]


def _bounded(f: Facts) -> list[str]:
    metrics = dict.fromkeys(c.metric for c in f.plan.contrasts if c.confirmatory)
    return [m for m in metrics if f.has(f"sesoi.{m}")]


def setup(f: Facts) -> Paragraphs:
    if f.replication:
        return ((_runs_sentence(f), *_table_pointer(f, "design", "Table~\\ref{tab:design} lists what was run.")),)
    text = f.spec.text
    return (
        (*f.authored(text.data), *f.authored(text.measurement)),
        (
            *_table_pointer(f, "design", "Table~\\ref{tab:design} lists the conditions and what differs between them."),
            *_held_fixed(f),
            _runs_sentence(f),
            *(_failures(f) if not f.brought else ()),
        ),
    )


def _failures(f: Facts) -> tuple[Sentence, ...]:
    return (
        say(
            r"A run that takes longer than \val{plan.timeout} seconds, exhausts its memory, ends with an error or reports "
            "a value that is not finite counts as failed; it is neither repeated nor replaced."
        ),
        *_test_split(f),
    )


def _held_fixed(f: Facts) -> tuple[Sentence, ...]:
    """The template's other factors and the values at which they stay, but for those that the method has named."""
    text = f.spec.text
    named = " ".join((*text.method, *text.data, *text.measurement))
    fixed = [
        rf"{x.label} \val{{cfg.{x.name}}}"
        for x in f.spec.factors
        if x.name not in f.studied and f.has(f"cfg.{x.name}") and f"{{cfg.{x.name}}}" not in named
    ]
    return (say(f"What the template could vary and this study does not is kept at {join(fixed)}."),) if fixed else ()


def _runs_sentence(f: Facts) -> Sentence:
    if f.replication:
        where = "none of them run by us" if f.brought else "each in its own sandbox without network access"
        return say(rf"The plan asks for \val{{plan.seeds}} repeats, {where}.")
    counted = r"at \val{plan.seeds} seeds, \val{runs.planned} runs in all"
    if f.brought:
        return say(
            rf"Each of the \val{{plan.conditions}} conditions has results {counted}. They were given to us: on which machine, "
            "in what sandbox and with which code they were made is not known to us, and none was run again."
        )
    if f.short:
        return say(
            r"The plan has \val{plan.conditions} conditions at \val{plan.seeds} seeds each, \val{runs.planned} runs in all, every "
            r"one in a sandbox of its own without network access; the time budget ended first, and \val{runs.made} runs are "
            r"analysed, those of the \val{runs.seeds} seeds at which every condition was run."
        )
    return say(
        rf"Each of the \val{{plan.conditions}} conditions is run {counted}, every one in a sandbox of its own without network "
        f"access.{_extended(f)}"
    )


WHY_EXTENDED: dict[str, str] = {
    "inconclusive": "because a primary result was inconclusive",
    "wide_interval": "because the interval of a primary result was wider than the smallest effect of interest",
}


def _extended(f: Facts) -> str:
    """What the amendment of the plan says: which runs were added after a look at the data, and why."""
    if not f.d.extended:
        return ""
    cause = f.d.amendment.cause if f.d.amendment is not None else None
    why = f", {WHY_EXTENDED[cause]}" if cause is not None else ""
    return (
        " This count includes the reserved seeds, which were taken into use after the first review by a written amendment "
        f"of the plan{why}; the level had been split for this second analysis from the start."
    )


def _test_split(f: Facts) -> tuple[Sentence, ...]:
    if len(f.spec.locked) == 0:
        return ()
    return (
        say(
            "Data, splits and metrics live in a file that is restored and checked by its hash before each run, so that no "
            "variant can alter how it is measured; the test split is read by the confirmatory runs only."
        ),
    )


def _table_pointer(f: Facts, table: str, text: str) -> tuple[Sentence, ...]:
    return (say(text),) if table in f.table_ids else ()
