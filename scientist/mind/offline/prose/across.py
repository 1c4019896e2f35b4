"""One comparison on several data sets: what is alike is said once, and no data set speaks for the others."""

from __future__ import annotations

from scientist.mind.offline.prose.facts import Facts, join, say, upper_first
from scientist.types import Contrast, Sentence, Verdict

ORDER = (Verdict.SUPPORTED, Verdict.REFUTED, Verdict.EQUIVALENT, Verdict.INCONCLUSIVE)


def by_verdict(f: Facts) -> list[tuple[Verdict, list[Contrast]]]:
    """The primary comparisons that were tested, those of one verdict together."""
    tested = [c for c in f.primary if f.tested(c.id)]
    groups = [(v, [c for c in tested if f.verdict(c.id) is v]) for v in ORDER]
    return [(v, found) for v, found in groups if found]


def headlines(f: Facts) -> tuple[Sentence, ...]:
    """The estimates in the abstract, in the words that their verdicts allow."""
    return (*(_headline(f, v, found) for v, found in by_verdict(f)), *_untested(f))


def _headline(f: Facts, verdict: Verdict, found: list[Contrast]) -> Sentence:
    control, treatment = f.ends(f.main)
    ids, on = [c.id for c in found], _on(f, found)
    metric, several = f.metric.label, len(found) > 1
    each = join([f.estimate(c.id) for c in found])
    listed = join([f"{f.estimate(c.id)} on {f.dataset(c.dataset)}" for c in found])
    moved = f.moving(f.main)
    if verdict in (Verdict.SUPPORTED, Verdict.REFUTED):
        against = ", against the hypothesis" if verdict is Verdict.REFUTED else ""
        told = (
            f"{upper_first(moved)} {f.verb(ids[0])} {metric} on {on}{against}: the "
            f"{'differences are' if several else 'difference is'} {each}."
        )
    elif verdict is Verdict.EQUIVALENT:
        told = (
            f"Between {f.level(control)} and {f.value_of(treatment)}, the difference in {metric} on {on} is equivalent to "
            f"none within the smallest effect of interest of {f.with_unit(f'sesoi.{f.plan.metric}')}: we estimate "
            f"{listed if several else each}."
        )
    else:
        told = (
            f"The result{'s' if several else ''} on {on} {'are' if several else 'is'} inconclusive: {moved}, the estimated {'differences' if several else 'difference'} in "
            f"{metric} {'are' if several else 'is'} {each}, which {'do' if several else 'does'} not settle "
            f"{'their' if several else 'its'} sign."
        )
    return say(told, *ids)


def _untested(f: Facts) -> tuple[Sentence, ...]:
    lost = [c for c in f.primary if not f.tested(c.id)]
    if not lost:
        return ()
    return (say(f"The comparison on {_on(f, lost)} could not be tested.", *(c.id for c in lost)),)


def verdicts(f: Facts) -> tuple[Sentence, ...]:
    """Each comparison with its verdict, those of one verdict in one sentence."""
    found = []
    for verdict, group in by_verdict(f):
        several = len(group) > 1
        estimates = join([f"{f.estimate(c.id)} on {f.dataset(c.dataset)}" for c in group])
        told = {
            Verdict.SUPPORTED: "the plan's criterion is met in the hypothesised direction",
            Verdict.REFUTED: "the plan's criterion is met, but against the hypothesised direction",
            Verdict.EQUIVALENT: "both one-sided tests are passed"
            + (" on either" if len(group) == 2 else " on each" if several else "")
            + ", so the difference is smaller than what was declared worth having",
            Verdict.INCONCLUSIVE: "the criterion is not met, nor are the bounds of equivalence, so the comparison stays open",
        }[verdict]
        found.append(say(f"The paired difference is {estimates}: {told}.", *(c.id for c in group)))
    return tuple(found)


def sizes(f: Facts) -> tuple[Sentence, ...]:
    """The standardised sizes, and what the test without a normal assumption says of each."""
    sized = [c for c in f.primary if f.tested(c.id) and f.has(f"g.{c.id}", f"perm.{c.id}")]
    if not sized:
        return ()
    each = join([rf"\val{{g.{c.id}}} ({f.p(f'perm.{c.id}')}) on {f.dataset(c.dataset)}" for c in sized])
    limit = max(2.0 / 2 ** int(f.count(f"n.{c.id}")) for c in sized)
    weak = "; with so few seeds that test could not have reached the level of the plan"
    return (
        say(
            "In standard deviations of the per-seed differences, and with the $p$ of the exact sign-flip test, which "
            f"assumes no normality, the differences are {each}{weak if limit > f.count('plan.alpha_look') else ''}.",
            *(c.id for c in sized),
        ),
    )


def agreement(f: Facts) -> tuple[Sentence, ...]:
    """On which data sets the hypothesis holds."""
    agreeing = [c for c in f.primary if f.verdict(c.id) is Verdict.SUPPORTED]
    rest = [c for c in f.primary if c not in agreeing]
    if not rest:
        told = "The hypothesis is supported on every data set examined, each by its own corrected test."
    elif agreeing:
        told = (
            f"The hypothesis is supported on {_on(f, agreeing)} and not on {_on(f, rest, 'or')}; a difference between "
            "verdicts is not itself a test of a difference between data sets."
        )
    else:
        told = "On none of the data sets is the hypothesis supported."
    return (say(told, *(c.id for c in f.primary)),)


def answer(f: Facts) -> tuple[Sentence, ...]:
    """The question, answered in words for every data set."""
    groups = by_verdict(f)
    mixed = len(groups) > 1
    begin = (say("The data sets do not all give the same answer.", *(c.id for c in f.primary)),) if mixed else ()
    return (*begin, *(_answered(f, v, found) for v, found in groups))


def _answered(f: Facts, verdict: Verdict, found: list[Contrast]) -> Sentence:
    control, treatment = f.ends(f.main)
    between = f"between {f.level(control)} and {f.value_of(treatment)}"
    on, factor, metric = _on(f, found), f.factor.label, f.metric.label
    told = {
        Verdict.SUPPORTED: f"On {on} the hypothesis survives its test: {between}, {metric} moved the way that was predicted.",
        Verdict.REFUTED: f"On {on} the hypothesis fails its test: {between}, {metric} moved in the direction opposite to the "
        "one predicted.",
        Verdict.EQUIVALENT: f"On {on} the answer is no for practical purposes: the effect of {factor} on {metric} over this "
        "range is smaller than the effect that we declared worth having.",
        Verdict.INCONCLUSIVE: f"On {on} the question remains open: these runs neither establish that {factor} moves {metric} "
        "nor that its influence is negligible.",
    }[verdict]
    return say(told, *(c.id for c in found))


def conclusion(f: Facts, under: str, subject: str) -> Sentence:
    """The verdict on each data set, in one sentence."""
    said = {
        Verdict.SUPPORTED: "was significant and had the predicted sign on {}",
        Verdict.REFUTED: "was significant and had the sign opposite to the prediction on {}",
        Verdict.EQUIVALENT: "was equivalent to none within the smallest effect of interest on {}",
        Verdict.INCONCLUSIVE: "was not significant on {}, where an effect that would matter is not excluded",
    }
    parts = [said[v].format(_on(f, found)) for v, found in by_verdict(f)]
    lost = [c for c in f.primary if not f.tested(c.id)]
    parts += [f"could not be tested on {_on(f, lost)}"] if lost else []
    return say(f"{under}, {subject} {join(parts)}.", *(c.id for c in f.primary))


def _on(f: Facts, found: list[Contrast], word: str = "and") -> str:
    return join([f.dataset(c.dataset) for c in found], word)
