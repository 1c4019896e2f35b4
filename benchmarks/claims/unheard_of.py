"""How many sentences in unheard words are refused, false and honest: python -m benchmarks.claims.unheard_of.

By itself it looks at the practice sets and prints what got through. ``--final`` runs the final sets
(``unheard.BLIND``, ``honest.BLIND``), which are not to be used to mend: it prints counts and no sentence.
``--runs RUN [RUN ...]`` attacks the drafts of finished runs too, not only those of studies with invented results.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.claims import honest
from benchmarks.claims.alone import alone
from benchmarks.claims.mutants import KINDS, Mutant, clean_sentences, mutants
from benchmarks.claims.mutations import Written, load
from benchmarks.claims.unheard import BLIND, PRACTICE
from benchmarks.claims.wording import Words
from scientist.types import Sentence
from scientist.writeup.checks import Context, check_sentence, context_of, errors
from tests.mind.test_offline_prose import first_of_each_kind, material, write

STUDIES = (("grokking", 0, "inconclusive"), ("digits", 1, "supported"), ("diffusion_2d", 4, "refuted"),
           ("char_lm", 0, "equivalent"), ("digits", 2, "inconclusive"))  # fmt: skip
"""Template, place among its kinds of study, and outcome of the drafts that are attacked."""
WORDED = ("flipped direction", "significance without a test", "no effect without equivalence", "best of n without n",
          "exploratory as confirmatory", "another verdict", "beyond the test", "a single run")  # fmt: skip
"""The kinds of falsehood that depend on their wording."""
MOST = 400


def invented(template: str, kind: int, outcome: str) -> Written:
    """The offline mind's draft of a study whose results are invented, the same at every call."""
    draft, dossier, _ = write(material(template)[0], first_of_each_kind(template)[kind], outcome)
    return Written(f"{template} {kind} {outcome}", draft, dossier.evidence)


def false_sentences(written: Sequence[Written], words: Words) -> Iterator[tuple[str, str, Context, Mutant]]:
    """Frame, kind, context and sentence; at most ``MOST`` of a kind in a frame."""
    pool: dict[tuple[str, str], list[tuple[Context, Mutant]]] = {}
    for w in written:
        context = context_of(w.draft, w.evidence)
        for clean in clean_sentences(w.draft, w.evidence):
            made = [("behind a true sentence", m) for m in mutants(clean, words) if m.kind in WORDED]
            made += [("alone, with its claim", m) for m in alone(clean, words, bound=True)]
            made += [("alone, without a claim", m) for m in alone(clean, words, bound=False)]
            for frame, m in made:
                pool.setdefault((frame, m.kind), []).append((context, m))
    for (frame, kind), made_of_kind in pool.items():
        unique = list({(id(c), m.where, m.text, m.claims): (c, m) for c, m in made_of_kind}.values())
        chosen = unique if len(unique) <= MOST else random.Random(f"{frame} {kind}").sample(unique, MOST)
        yield from ((frame, kind, c, m) for c, m in chosen)


def refused(mutant: Mutant, context: Context) -> tuple[str, ...]:
    sentence = Sentence(text=mutant.text, claims=mutant.claims)
    return tuple(f.check for f in errors(check_sentence(sentence, mutant.where, context)))


def attack(written: Sequence[Written], words: Words, *, show: bool) -> None:
    """Print the table, and with ``show`` how the sentences said it that got through."""
    made: Counter[tuple[str, str]] = Counter()
    through: Counter[tuple[str, str]] = Counter()
    how: Counter[tuple[str, str, str]] = Counter()
    for frame, kind, context, mutant in false_sentences(written, words):
        made[frame, kind] += 1
        if not refused(mutant, context):
            through[frame, kind] += 1
            how[frame, kind, mutant.how] += 1
    frames = list(dict.fromkeys(frame for frame, _ in made))
    print("| kind | " + " | ".join(frames) + " |\n|---|" + "---:|" * len(frames))
    for kind in [k for k in KINDS if k in WORDED]:
        print(f"| {kind} | " + " | ".join(_share(made[f, kind], through[f, kind]) for f in frames) + " |")
    sums = [(sum(made[f, k] for k in WORDED), sum(through[f, k] for k in WORDED)) for f in frames]
    print("| all | " + " | ".join(_share(*s) for s in sums) + " |\n")
    if show:
        for (frame, kind, said), n in sorted(how.items()):
            print(f"- {frame}: {kind}: {said!r} ({n})")


def _share(made: int, through: int) -> str:
    return f"{100 * (1 - through / made):.1f} % of {made}" if made else "–"


def judge(studies: Sequence[honest.Study], *, show: bool) -> None:
    """Print how many honest sentences are refused, and with ``show`` which and why."""
    for study in studies:
        w = invented(study.template, study.kind, study.outcome)
        context = context_of(w.draft, w.evidence)
        told = honest.sentences(study)
        floats = context.floats | {"fig:dose", "fig:trade_off", "fig:curves", "tab:main", "tab:tests"}
        context = context.model_copy(update={"floats": frozenset(floats)})
        found = [(s, where, errors(check_sentence(s, where, context))) for where, s in told]
        bad = [x for x in found if x[2]]
        print(
            f"honest, {w.name}: {len(bad)} of {len(told)} refused ({dict(Counter(f.check for x in bad for f in x[2]))})"
        )
        if show:
            for s, where, findings in bad:
                print(f"- {where}: {s.text}\n    " + "\n    ".join(f"{f.check}: {f.message}" for f in findings))


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--final", action="store_true", help="the final sets, of which only counts are told")
    parser.add_argument("--runs", nargs="*", type=Path, default=[], help="folders of finished runs")
    given = parser.parse_args(arguments)
    judge(honest.BLIND if given.final else honest.PRACTICE, show=not given.final)
    print("\n## drafts of studies with invented results\n")
    attack([invented(*s) for s in STUDIES], BLIND if given.final else PRACTICE, show=not given.final)
    if given.runs:
        print("## drafts of finished runs\n")
        attack([load(r) for r in given.runs], BLIND if given.final else PRACTICE, show=not given.final)


if __name__ == "__main__":
    main(sys.argv[1:])
