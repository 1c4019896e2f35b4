"""What a paper says of the search that came before its plan: how it was made, what it found, and how far that held."""

from __future__ import annotations

from scientist.mind.offline.prose.facts import Facts, join, plain, say
from scientist.types import Explored, IdeaKind, Sentence

PILOTS = "in pilot runs on validation data"


def strategy(explored: Explored) -> str:
    """A strategy as prose calls it."""
    return f"``{explored.strategy.replace('_', ' ')}''"


def brief(f: Facts) -> tuple[Sentence, ...]:
    """The search in one sentence of the abstract of a study that it did not change."""
    e = f.d.explored
    if e is None or f.idea.kind is IdeaKind.SEARCH:
        return ()
    return (
        say(
            rf"A search that came first tried \val{{search.candidates}} configurations {PILOTS} and found none that scored "
            "above the baseline, so the question is studied as it was asked."
        ),
    )


def tried(e: Explored) -> str:
    """The search as the clause that begins the abstract of a study of what it found."""
    return rf"A search by the strategy {strategy(e)} tried \val{{search.candidates}} configurations {PILOTS}"


def made(f: Facts) -> tuple[Sentence, ...]:
    """How the search was made, and why nothing in it is evidence."""
    e = f.d.explored
    if e is None:
        return ()
    metric = f.spec.metric(e.metric).label
    sentences = [
        say(
            f"Before anything was registered, the configurations that the template can express were searched by the strategy "
            rf"{strategy(e)}: \val{{search.nodes}} steps, each a change of an earlier configuration, and each judged by the "
            f"{metric} of a pilot run on validation data."
        ),
        *_scaled(f, e),
        *_cut_short(e),
        *_losses(e),
        say(
            "The search is exploratory: it chose by its scores, so none of them is evidence. It never read the test split, "
            "and its seeds are not those of the study."
        ),
    ]
    return (*sentences, *_outcome(f, e))


def held(f: Facts) -> tuple[Sentence, ...]:
    """The pilot gain beside the confirmatory one: by how much the choice of the best had flattered."""
    e = f.d.explored
    if e is None or f.idea.kind is not IdeaKind.SEARCH:
        return ()
    sentences = []
    for c in (c for c in f.plan.contrasts if c.confirmatory):
        gain, optimism = f"search.gain.{c.dataset}", f"search.optimism.{c.dataset}"
        if not f.has(gain, optimism, f"effect.{c.id}"):
            continue
        where = f" on {f.dataset(c.dataset)}" if len(f.plan.datasets) > 1 else ""
        flattered = f.count(optimism) > 0
        told = (
            f"which lies {f.with_unit(optimism)} from that of the pilots; a selection among "
            r"\val{search.candidates} configurations by their pilots tends to overestimate its own choice"
            if flattered
            else "so the difference of the pilots is not an overestimate"
        )
        sentences.append(
            say(
                f"In the pilots of the search the distance of the found configuration from the baseline is {f.with_unit(gain)}{where}; in "
                f"the confirmatory runs the difference is {f.with_unit(f'effect.{c.id}')}, {told}.",
                c.id,
            )
        )
    return tuple(sentences)


def limits(f: Facts) -> tuple[Sentence, ...]:
    """What a search leaves open."""
    e = f.d.explored
    if e is None:
        return ()
    if f.idea.kind is IdeaKind.SEARCH:
        return (
            say(
                "The found configuration is the best of those that a single search tried at this scale. Another search might "
                "end elsewhere, and which of its changes makes the difference is not tested here."
            ),
        )
    return (
        say(
            "That the search found nothing above the baseline says little about configurations that it did not try, and its "
            "pilots, mostly at a single seed, may have passed over a small gain."
        ),
    )


def _scaled(f: Facts, e: Explored) -> tuple[Sentence, ...]:
    if len(e.datasets) == 1:
        return ()
    named = join([f.dataset(d) for d in e.datasets])
    return (
        say(
            f"Its score is the mean over {named}, on each of them in units of the baseline's own value, so that they weigh "
            "alike."
        ),
    )


def _losses(e: Explored) -> tuple[Sentence, ...]:
    """What became of the steps that gave no new score."""
    parts = {
        "failed": "failed",
        "duplicates": "repeated a configuration",
        "refused": "came without a usable change",
        "replications": "repeated a pilot at another seed",
    }
    told = [rf"\val{{search.{name}}} {what}" for name, what in parts.items() if getattr(e, name)]
    none = "" if e.failed else "; none failed"
    return (say(f"Of these steps {join(told)}{none}."),) if told else (say("Every step gave a new score."),)


def _cut_short(e: Explored) -> tuple[Sentence, ...]:
    if e.nodes >= e.asked:
        return ()
    why = "no further change was to be had" if any(c.isdigit() for c in e.ending) else plain(e.ending)
    return (say(rf"It had been given \val{{search.asked}} steps and ended earlier: {why}."),)


def _outcome(f: Facts, e: Explored) -> tuple[Sentence, ...]:
    if e.found_id is None:
        return (
            say(
                "No configuration had a mean score above that of the baseline, so the plan below is that of the question as "
                "it was asked."
            ),
        )
    code = "; its change of code is kept with the results and pinned by its hash" if e.code_files else ""
    return (
        say(
            r"What we call the found configuration is the one with the best mean score (pilot runs: \val{search.runs}). "
            rf"Table~\ref{{tab:search}} sets it beside the baseline{code}. The two are compared as wholes: they may differ in "
            "several settings at once."
        ),
    )
