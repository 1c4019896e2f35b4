"""How many false sentences the checks refuse: python -m benchmarks.claims.mutations RUN [RUN ...] [--held RUN ...].

Takes the last draft of finished runs (``drafts/round_<k>/draft.json`` and ``evidence.json``), makes false sentences of
each kind from its true ones (``mutants.py``), and counts how many are refused, and how many true ones. Runs behind
``--held`` are reported apart, in wordings that were written apart. Prints a Markdown table; ``--json FILE`` keeps all.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.claims.mutants import KINDS, Clean, Mutant, clean_sentences, mutants
from benchmarks.claims.wording import SECOND, SEEN, THIRD, Words
from scientist.types import Draft, Evidence, Sentence
from scientist.writeup.checks import Context, check_sentence, context_of, errors

MOST = 400
"""Mutations of one kind that are tried, drawn at random where there are more."""


class Written(NamedTuple):
    """A finished draft and its ledger."""

    name: str
    draft: Draft
    evidence: Evidence


class Tried(NamedTuple):
    """A mutation, the draft it was made from, and the checks that refused it (none: it got through)."""

    run: str
    mutant: Mutant
    checks: tuple[str, ...]


def load(folder: Path) -> Written:
    """The last draft of a run folder. Raises SystemExit where there is none."""
    rounds = sorted(folder.glob("drafts/round_*/draft.json"))
    if not rounds:
        raise SystemExit(f"{folder} holds no draft: give the folder of a finished run")
    draft = Draft.model_validate_json(rounds[-1].read_text(encoding="utf-8"))
    evidence = rounds[-1].with_name("evidence.json")
    ledger = evidence if evidence.exists() else folder / "evidence.json"
    return Written(folder.name, draft, Evidence.model_validate_json(ledger.read_text(encoding="utf-8")))


def attack(written: Iterable[Written], words: Words, *, seed: int = 0, most: int = MOST) -> list[Tried]:
    """At most ``most`` mutations of each kind, spread over the drafts, and what the checks say of them."""
    pool: dict[str, list[tuple[Written, Context, Mutant]]] = {kind: [] for kind in KINDS}
    for w in written:
        context = context_of(w.draft, w.evidence)
        for clean in clean_sentences(w.draft, w.evidence):
            for mutant in mutants(clean, words):
                pool[mutant.kind].append((w, context, mutant))
    tried: list[Tried] = []
    for kind, made in pool.items():
        chosen = made if len(made) <= most else random.Random(f"{seed} {kind}").sample(made, most)
        tried += [Tried(w.name, m, _refusals(m, context)) for w, context, m in chosen]
    return tried


def _refusals(mutant: Mutant, context: Context) -> tuple[str, ...]:
    sentence = Sentence(text=mutant.text, claims=mutant.claims)
    return tuple(dict.fromkeys(f.check for f in errors(check_sentence(sentence, mutant.where, context))))


def refused_clean(written: Iterable[Written]) -> Iterator[tuple[Clean, tuple[str, ...]]]:
    """Every true sentence with the checks that refuse it, which should be none."""
    for w in written:
        context = context_of(w.draft, w.evidence)
        for clean in clean_sentences(w.draft, w.evidence):
            found = errors(check_sentence(clean.sentence, clean.where, context))
            yield clean, tuple(f.check for f in found)


def table(tried: Sequence[Tried], cleans: Sequence[tuple[Clean, tuple[str, ...]]]) -> str:
    lines = ["| kind | false sentences | refused |", "|---|---:|---:|"]
    for kind in KINDS:
        of_kind = [t for t in tried if t.mutant.kind == kind]
        lines.append(f"| {kind} | {len(of_kind)} | {_share([bool(t.checks) for t in of_kind])} |")
    lines.append(f"| all | {len(tried)} | {_share([bool(t.checks) for t in tried])} |")
    lines.append(f"| true sentences | {len(cleans)} | {_share([bool(c) for _, c in cleans])} |")
    return "\n".join(lines)


def _share(of: Sequence[bool]) -> str:
    return f"{100 * sum(of) / len(of):.1f} %" if of else "–"


def report(name: str, written: Sequence[Written], words: Words, *, seed: int, show: int) -> dict[str, object]:
    """Attack some drafts, print the table and up to ``show`` mutations of each kind that got through."""
    tried, cleans = attack(written, words, seed=seed), list(refused_clean(written))
    print(f"\n## {name}: {len(written)} drafts\n\n{table(tried, cleans)}\n")
    passed = [t for t in tried if not t.checks]
    for kind in KINDS:
        for t in [t for t in passed if t.mutant.kind == kind][:show]:
            print(f"- {kind} ({t.mutant.how}): {t.mutant.text}")
    return {
        "name": name,
        "drafts": [w.name for w in written],
        "tried": {k: sum(t.mutant.kind == k for t in tried) for k in KINDS},
        "refused": {k: sum(t.mutant.kind == k and bool(t.checks) for t in tried) for k in KINDS},
        "true_sentences": len(cleans),
        "true_refused": [{"text": c.sentence.text, "checks": checks} for c, checks in cleans if checks],
        "through": [{"run": t.run, **t.mutant.__dict__} for t in passed],
    }


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--held", nargs="*", type=Path, default=[], help="runs that are reported apart, in other words")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=0, help="print so many of each kind that got through")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(arguments)
    parts = [("seen runs, wordings at hand", given.runs, SEEN)]
    if given.held:
        parts += [
            ("held-out runs, wordings at hand", given.held, SEEN),
            ("held-out runs, the second wordings", given.held, SECOND),
        ]
        parts += [("held-out runs, the third wordings", given.held, THIRD)]
    told = [report(n, [load(r) for r in runs], words, seed=given.seed, show=given.show) for n, runs, words in parts]
    if given.json:
        given.json.write_text(json.dumps(told, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
