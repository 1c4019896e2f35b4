"""Title, abstract, introduction and related work: from the question to what is known of it."""

from __future__ import annotations

import re

from scientist.mind.offline.prose import across, searched
from scientist.mind.offline.prose.facts import Facts, join, lower_first, plain, say, upper_first
from scientist.mind.words import stems
from scientist.types import IdeaKind, Reference, RelatedSpec, Sentence, Verdict

Paragraphs = tuple[tuple[Sentence, ...], ...]

STUDY = {
    IdeaKind.MAIN_EFFECT: "a pre-registered comparison",
    IdeaKind.DOSE_RESPONSE: "a pre-registered dose-response study",
    IdeaKind.INTERACTION: "a pre-registered factorial study",
    IdeaKind.ROBUSTNESS: "a pre-registered comparison across data sets",
    IdeaKind.TRADE_OFF: "a pre-registered study of a trade-off",
    IdeaKind.INTERVENTION: "a pre-registered comparison",
    IdeaKind.REPLICATION: "a study of repeatability",
    IdeaKind.SEARCH: "a search and its pre-registered test",
}
OUTCOME = {
    Verdict.REFUTED: " that refutes its hypothesis",
    Verdict.EQUIVALENT: " with a null result",
    Verdict.INCONCLUSIVE: " with an inconclusive result",
}
BROUGHT = " of given results"
NUMBER = re.compile(
    r"\d|\b(three|four|five|six|seven|eight|nine|ten|twelve|half|twice|doubl\w*|hundred|thousand)\b", re.I
)
FURTHER_READING = 4
ENOUGH_RELATED = 5
"""With so many papers of which something can be said, those known by their titles alone are not listed."""


def title(f: Facts) -> str:
    topic = f.d.topic.strip().rstrip(".")
    unfit = NUMBER.search(topic) or set(topic) & set("\\{}^~$") or len(topic) > 90
    stem = f.title if f.replication or unfit else topic
    if f.replication and NUMBER.search(stem):
        stem = "How repeatable is the baseline of a published template?"
    stem = upper_first(stem)
    study = STUDY[f.idea.kind] if not f.brought else STUDY[f.idea.kind].replace("a pre-registered ", "a ") + BROUGHT
    study += _outcome(f)
    if "across data sets" in stem:
        study = study.replace(" across data sets", "", 1)
    if stem.endswith("?"):
        told = upper_first(study) if not f.replication else "A description of given results" if f.brought else ""
        return f"{stem} {told}".rstrip()
    return f"{stem}: {study}"


def _outcome(f: Facts) -> str:
    """What the title says of a result that is none, or not the expected one; a supported one needs no advertising."""
    if f.replication:
        return ""
    verdicts = {f.verdict(c.id) for c in f.primary if f.tested(c.id)}
    return OUTCOME.get(verdicts.pop(), "") if len(verdicts) == 1 else ""


# ------------------------------------------------------------------------------------------- abstract


def abstract(f: Facts) -> Paragraphs:
    if f.replication:
        return (_replication_abstract(f),)
    return ((*searched.brief(f), *_abstract_question(f), *_abstract_answer(f), _abstract_scope(f)),)


def _abstract_question(f: Facts) -> tuple[Sentence, ...]:
    models = (
        r"We analyse \val{runs.planned} results under \val{plan.conditions} conditions that were given to us and not run by us"
        if f.brought
        else rf"We train {f.runs} models under \val{{plan.conditions}} conditions"
    )
    design = {
        IdeaKind.MAIN_EFFECT: f"{models} that differ in {f.factor.label} alone",
        IdeaKind.INTERVENTION: f"{models}, the experiment as it stands and with {f.factor.label} written into its code",
        IdeaKind.DOSE_RESPONSE: f"{models}, each a level of {f.factor.label}",
        IdeaKind.TRADE_OFF: f"{models}, each a level of {f.factor.label}",
        IdeaKind.INTERACTION: f"{models} that cross {f.factor.label} with {getattr(_mod(f), 'label', '')}",
        IdeaKind.ROBUSTNESS: f"{models} that differ in {f.factor.label}, on {f.datasets}",
        IdeaKind.SEARCH: f"{models}, the baseline and what was found",
    }[f.idea.kind]
    where = "" if f.idea.kind is IdeaKind.ROBUSTNESS else f" on {f.datasets}"
    asked = f"We test whether {lower_first(f.hypothesis)}."
    if f.searched and f.d.explored is not None:
        asked = f"{searched.tried(f.d.explored)}; we test whether {lower_first(f.hypothesis)}."
    return (
        say(asked),
        say(
            rf"{design}{where}, at the same {f.seeds} seeds throughout, and compare them by a plan that was "
            + (
                "hashed before this analysis but after the results were there."
                if f.brought
                else "fixed and hashed before the first run."
            )
        ),
        *_abstract_shortfall(f),
    )


def _abstract_shortfall(f: Facts) -> tuple[Sentence, ...]:
    if not f.short:
        return ()
    return (
        say(r"The plan was for \val{plan.seeds} seeds; the time budget of the experiments ended before they were run."),
    )


def _mod(f: Facts) -> object:
    return f.moderator if f.idea.moderator else None


def _abstract_answer(f: Facts) -> tuple[Sentence, ...]:
    if f.idea.kind is IdeaKind.INTERACTION:
        return (_interaction_answer(f),)
    if f.idea.kind is IdeaKind.ROBUSTNESS:
        return across.headlines(f)
    sentences = [_headline(f, f.main.id), *_bounded(f)]
    if f.idea.kind is IdeaKind.DOSE_RESPONSE and f.has("effect.trend"):
        sentences.append(_trend_in_brief(f))
    if f.idea.kind is IdeaKind.TRADE_OFF and f.has("effect.second"):
        sentences.append(_headline(f, "second"))
    return tuple(sentences)


def _headline(f: Facts, contrast: str) -> Sentence:
    """The estimate of one comparison, in the words that its verdict allows."""
    c = f.contrasts[contrast]
    control, treatment = f.ends(c)
    metric = f.metric_of(c).label
    if not f.tested(contrast):
        return say(f"The comparison of {metric} could not be tested: too few complete seeds.", contrast)
    verdict = f.verdict(contrast)
    moved = f.moving(c)
    if verdict in (Verdict.SUPPORTED, Verdict.REFUTED):
        against = ", against the hypothesis" if verdict is Verdict.REFUTED else ""
        return say(
            f"{upper_first(moved)} {f.verb(contrast)} {metric}{against}: the difference is {f.estimate(contrast)}.",
            contrast,
        )
    if verdict is Verdict.EQUIVALENT:
        return say(
            f"Between {f.level(control)} and {f.value_of(treatment)}, the difference in {metric} is equivalent to none within "
            rf"the smallest effect of interest of {f.with_unit(f'sesoi.{c.metric}')}: we estimate {f.estimate(contrast)}.",
            contrast,
        )
    return say(
        f"The result is inconclusive: {moved}, the estimated difference in {metric} is {f.estimate(contrast)}, "
        "which does not settle its sign.",
        contrast,
    )


def _bounded(f: Facts) -> tuple[Sentence, ...]:
    """That the main difference is a bound, where one of its conditions has runs that never reached the mark."""
    c = f.main
    cells = [cell for cell in f.ends(c) if f.censored(cell, c.metric, c.dataset)]
    if len(cells) != 1 or not f.tested(c.id):
        return ()
    count = f.censored(cells[0], c.metric, c.dataset)
    return (
        say(
            rf"At {f.level(cells[0])}, \val{{{count}}} of \val{{runs.ok.{cells[0]}}} runs never reached the mark within their "
            "budget, so the true difference is at least of this size.",
            c.id,
        ),
    )


def _trend_in_brief(f: Facts) -> Sentence:
    verdict = f.verdict("trend")
    told = {
        Verdict.SUPPORTED: "The linear trend over all levels agrees",
        Verdict.REFUTED: "The linear trend over all levels also runs against the hypothesis",
        Verdict.EQUIVALENT: "The linear trend over all levels is equivalent to none within the smallest effect of interest",
        Verdict.INCONCLUSIVE: "The linear trend over all levels is inconclusive",
    }[verdict]
    if verdict is Verdict.SUPPORTED and f.verdict(f.main.id) is not Verdict.SUPPORTED:
        told = "The linear trend over all levels, by contrast, has the hypothesised sign"
    return say(f"{told}: {f.estimate('trend')} over the range.", "trend")


def _interaction_answer(f: Facts) -> Sentence:
    name, simple = "interaction", ("simple.base", "simple.other")
    subject = f"the effect of {f.factor.label} on {f.metric.label}"
    if not f.tested(name):
        return say(f"Whether {f.moderator.label} changes {subject} could not be tested: too few complete seeds.", name)
    told = {
        Verdict.SUPPORTED: f"{upper_first(subject)} depended on {f.moderator.label}",
        Verdict.REFUTED: f"{upper_first(subject)} depended on {f.moderator.label}",
        Verdict.EQUIVALENT: f"{upper_first(subject)} was equivalent at both levels of {f.moderator.label}, within the "
        "smallest effect of interest",
        Verdict.INCONCLUSIVE: f"Whether {subject} depends on {f.moderator.label} remains inconclusive",
    }[f.verdict(name)]
    if not all(f.tested(s) for s in simple):
        return say(f"{told}: the effects at its levels differ by {f.estimate(name)}.", name)
    each = join(
        [f"{f.with_unit(f'effect.{s}')} with {f.level(f.ends(f.contrasts[s])[0], f.moderator)}" for s in simple]
    )
    return say(
        f"{told}: {f.moving(f.contrasts['simple.base'])} changed {f.metric.label} by {each}, and these effects differ by "
        f"{f.estimate(name)}.",
        name,
        *simple,
    )


def _abstract_scope(f: Facts) -> Sentence:
    failed = r", \val{runs.failed} runs failed" if f.count("runs.failed") else ""
    return say(
        f"The scope is deliberately narrow: one model family at a small scale{failed}, and every number below links to "
        "the runs that it came from."
    )


def _template(f: Facts) -> str:
    """A folder by its name, unless that holds a number ("2d_diffusion"): text types none, and the run record names it."""
    named = plain(f.spec.title)
    return "the template" if NUMBER.search(named) else f"the template {named}"


def _replication_abstract(f: Facts) -> tuple[Sentence, ...]:
    if f.brought:
        return (
            say(
                rf"We describe \val{{runs.planned}} results that were given to us as repeats of the baseline of {_template(f)} and not "
                "run by us, and how far they agree."
            ),
            say(
                "The folder declares no factors and no hypotheses, so nothing is tested; what follows is a description."
            ),
        )
    return (
        say(
            rf"We execute the unmodified baseline of {_template(f)} {f.seeds} times and report what it "
            "measures and how far the repeats agree."
        ),
        say("The folder declares no factors and no hypotheses, so nothing is tested; what follows is a description."),
        say(r"Of \val{runs.planned} planned repeats, \val{runs.ok} completed."),
    )


# ------------------------------------------------------------------------------------------- introduction


def introduction(f: Facts) -> Paragraphs:
    text = f.spec.text
    if f.replication:
        return (
            (
                say(
                    "Before an experiment is varied, it is worth knowing how far its own baseline can be trusted: a "
                    "difference between two variants means little if the same code gives different results on a second run."
                ),
                say(
                    "This report asks that question of results that were given to us and not run by us, as repeats of "
                    f"{_template(f)}."
                    if f.brought
                    else f"This report takes {_template(f)} as it is published and asks that question of it."
                ),
            ),
        )
    return (f.authored(text.background), (*f.authored(text.problem), *_question(f)), _approach(f))


def _question(f: Facts) -> tuple[Sentence, ...]:
    choice = f.d.choice
    sentences = [
        say(
            f"The question was put to us in these words: ``{plain(f.d.topic)}''"
            f"{'' if f.d.topic.rstrip().endswith('?') else '.'} We put it in a form that can be measured: {lower_first_question(f.question)}"
        )
        if not NUMBER.search(f.d.topic)
        else say(f"We put the question in a form that can be measured: {lower_first_question(f.question)}")
    ]
    if f.because:
        sentences.append(say(f"The reason to expect an answer is this: {lower_first(f.because)}."))
    if choice.confidence < 0.8 and not f.replication:
        sentences.append(
            say(
                "The match between the question and this experiment is partial, and the reader should judge whether the "
                "narrower question stands for the one that was asked."
            )
        )
    return tuple(sentences)


def _approach(f: Facts) -> tuple[Sentence, ...]:
    kind = {
        IdeaKind.MAIN_EFFECT: f"We compare {join([f.level(c) for c in f.ends(f.main)[::1]], 'with')}, holding all else equal.",
        IdeaKind.INTERVENTION: f"We write {f.factor.label} into the code of an experiment that stands by itself, and compare "
        "the changed experiment with the unchanged one, holding all else equal.",
        IdeaKind.DOSE_RESPONSE: f"Rather than one pair of settings we run a ladder of them, from {_range(f)}, since "
        "comparing only two of them would miss a response that rises and then falls.",
        IdeaKind.TRADE_OFF: f"We run several levels, from {_range(f)}, and read {_metric_pair(f)} side by side, since a gain "
        "in one may be paid for in the other.",
        IdeaKind.INTERACTION: f"A two-by-two design separates the effect of {f.factor.label} at either level of "
        f"{getattr(_mod(f), 'label', '')}.",
        IdeaKind.ROBUSTNESS: f"The same comparison is made on {f.datasets}, because an effect that holds on one data set "
        "only says as much about the data as about the method.",
        IdeaKind.SEARCH: "We compare the configuration that a search found with the baseline, on seeds and held-out data that "
        "the search has not seen, since the best of many tries looks better than it is.",
    }[f.idea.kind]
    if f.brought:
        kind = kind.replace("we run a ladder of them", "we look at a ladder of them").replace("We run ", "We look at ")
    considered = len(f.d.considered)
    sentences = [
        say(kind),
        say(
            "The results were there before the plan. Conditions, seeds, test and the smallest effect worth having were then "
            "written down before our analysis, which cannot exclude that the question was chosen with the results in view."
        )
        if f.brought
        else say(
            "What distinguishes the study is less its subject than its discipline: hypothesis, conditions, seeds, test and "
            "the smallest effect worth having were written down before any result existed, and comparisons that the plan "
            "calls exploratory are marked so wherever they appear."
        ),
    ]
    if considered > 1 and not f.searched:
        sentences.append(
            say(
                "Other designs on the same template were considered; this one was preferred for being closest to the question "
                f"at an affordable cost, because {f.d.chosen.scores.reasons['information']}."
            )
        )
    return tuple(sentences)


def lower_first_question(question: str) -> str:
    """A question after a colon."""
    return lower_first(question.rstrip("?")) + "?"


def _range(f: Facts) -> str:
    first, last = f.plan.conditions[0].id, f.plan.conditions[-1].id
    return f"{f.level(first)} to {f.value_of(last)}"


def _metric_pair(f: Facts) -> str:
    other = f.spec.metric(str(f.idea.second_metric)) if f.idea.second_metric else f.metric
    return f"{f.metric.label} and {other.label}"


# ------------------------------------------------------------------------------------------- related work


SOURCE_NAMES = {
    "library": "the local library",
    "arxiv": "arXiv",
    "semantic_scholar": "Semantic Scholar",
    "openalex": "OpenAlex",
    "crossref": "Crossref",
}
"""What the literature sources are called in prose."""


def related_work(f: Facts) -> Paragraphs:
    return (*_known_work(f), _search(f))


def _known_work(f: Facts) -> Paragraphs:
    """The papers that the template's author names, grouped; those on this study's factor and metric come first."""
    bearing = {str(f.idea.factor), str(f.idea.moderator), f.plan.metric}
    bearing |= {m.factor for m in f.d.explored.moved} if f.d.explored is not None else set()
    groups: dict[str, list[RelatedSpec]] = {}
    for entry in f.spec.related:
        # An entry that bears on another factor only is left to the papers about that factor.
        if not entry.bears_on or bearing & set(entry.bears_on):
            groups.setdefault(entry.group, []).append(entry)
    paragraphs = []
    for entries in groups.values():
        sentences = [s for e in entries if (s := f.related_sentence(e)) is not None]
        if sentences:
            paragraphs.append(tuple(sentences))
    return _merged(paragraphs)


def _merged(paragraphs: list[tuple[Sentence, ...]]) -> Paragraphs:
    """Join one-sentence groups to the paragraph before them."""
    merged: list[tuple[Sentence, ...]] = []
    for paragraph in paragraphs:
        if merged and (len(paragraph) == 1 or len(merged[-1]) == 1):
            merged[-1] = (*merged[-1], *paragraph)
        else:
            merged.append(paragraph)
    return tuple(merged)


def _search(f: Facts) -> tuple[Sentence, ...]:
    sources = sorted({s.source for s in f.d.searches if not s.error})
    if not sources:
        return (say("No literature source answered, so no claim of novelty is made."),)
    named = join([SOURCE_NAMES.get(s, s.replace("_", " ")) for s in sources])
    sentences = []
    others = _nearest_titles(f)
    if others and len(f.by_related) < ENOUGH_RELATED:
        listed = join([rf"``{plain(r.paper.title)}''~\citep{{{r.key}}}" for r in others])
        sentences.append(
            say(
                f"A search of {named} also returned records that are near to the question by their titles, among them {listed}; "
                "nothing is claimed of their findings."
            )
        )
    verdict = f.d.chosen.novelty.verdict
    told = {
        "novel": "no record overlaps with this design in its factor and its measure",
        "close": "at least one record comes close to this design, which is therefore best read as an independent replication "
        "under pre-registration",
        "known": "this design is known, and the study is a replication",
        "undecided": "whether the same comparison has been published cannot be decided from titles, and we do not claim "
        "that it is new",
    }[verdict]
    sentences.append(say(f"As to novelty, judged by a search of {named}, {told}."))
    nearest = _nearest_record(f)
    return (*sentences, nearest) if nearest is not None else tuple(sentences)


def _nearest_record(f: Facts) -> Sentence | None:
    """How the record that is nearest to the idea stands to it, by the words that they share."""
    near = next((n for n in f.d.chosen.novelty.nearest if n.key in {r.key for r in f.d.references}), None)
    if near is None:
        return None
    alike: list[str] = [a.name for a in near.aspects if a.verdict in ("same", "partly")]
    apart: list[str] = [a.name for a in near.aspects if a.verdict == "different"]
    parts = [*([f"shares our {join(alike)}"] if alike else []), *([f"differs in {join(apart)}"] if apart else [])]
    if not parts:
        return None
    return say(rf"Judged by its words alone, the nearest record~\citep{{{near.key}}} {join(parts)}.")


def _nearest_titles(f: Facts) -> list[Reference]:
    """Records that the search found, nearest to the question first; a title that holds LaTeX is not quoted."""
    asked = set(stems(f"{f.d.topic} {f.question}"))

    def nearness(title: str) -> int:
        return len(asked & set(stems(title)))

    quotable = (r for r in f.found_by_search if r.paper.title.isascii() and not set(r.paper.title) & set("\\{}^~$"))
    found = [r for r in quotable if nearness(r.paper.title) >= 2]
    return sorted(found, key=lambda r: (-nearness(r.paper.title), -r.score, r.key))[:FURTHER_READING]
