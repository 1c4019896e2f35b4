r"""Sentences that are true of a ledger, as a strong language model would write them: how many do the checks refuse?

Each line is ``section | claims | text``. Ledgers are those of the offline mind's own studies with invented results
(``tests/mind/test_offline_prose.py``), so that anyone can make them again. In a text ``<L 0.1>`` prints a level,
``<m 0.1 error>`` a mean, ``<M 0.1 error>`` a mean with its interval, ``<e main>`` an estimate, ``<i main>`` its
interval, and ``<padj main>`` or ``<plan.seeds>`` any other quantity.

``PRACTICE`` was looked at while the vocabulary was made. ``SPENT`` was written before it and run once before and once
after; the vocabulary was then widened by what was refused of it. ``BLIND`` is the final set: **not used to mend**. It
was written by somebody who had not read the checks. Whoever mends them by what is refused of it has spent it: say so
here, and write another.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from scientist.types import Sentence

FOLDER = Path(__file__).parent / "honest_sentences"


class Study(NamedTuple):
    """Where a ledger comes from, how its ids are made of levels and metrics, and the sentences about it."""

    template: str
    kind: int
    """The place of the study among the template's kinds."""
    outcome: str
    condition: str
    """Of a level in a condition's id."""
    factor: str
    dataset: str
    file: str
    """The name of its sentences' file in ``honest_sentences/``."""


def sentences(study: Study) -> list[tuple[str, Sentence]]:
    """The sentences, each with the section that it stands in."""
    told = []
    for line in filter(None, map(str.strip, (FOLDER / f"{study.file}.txt").read_text(encoding="utf-8").splitlines())):
        where, claims, text = (part.strip() for part in line.split("|", 2))
        ids = tuple(f"claim.{c}" for c in claims.split())
        told.append((where, Sentence(text=_printed(text, study), claims=ids)))
    return told


def _printed(text: str, study: Study) -> str:
    def one(match: re.Match[str]) -> str:
        kind, rest = match[1], match[2] or ""
        if kind == "L":
            return rf"\val{{level.{study.condition.format(rest)}.{study.factor}}}"
        if kind in ("m", "M"):
            level, _, metric = rest.partition(" ")
            id = f"mean.{study.condition.format(level)}.{study.dataset}.{metric}"
            return rf"\val{{{id}}}" + (rf" \ci{{{id}}}" if kind == "M" else "")
        if kind in ("e", "i"):
            return rf"\{'val' if kind == 'e' else 'ci'}{{effect.{rest}}}"
        return rf"\val{{{kind}.{rest}}}" if rest else rf"\val{{{kind}}}"

    return re.sub(r"<([A-Za-z.]+)(?: ([^>]+))?>", one, text)


SPENT = (
    Study("digits", 1, "supported", "label_smoothing-{}", "label_smoothing", "digits", "spent_smoothing"),
    Study("diffusion_2d", 4, "refuted", "n_timesteps-{}", "n_timesteps", "ring", "spent_diffusion"),
)
PRACTICE = (
    Study("char_lm", 0, "equivalent", "dropout-{}", "dropout", "brackets", "practice_dropout"),
    Study("digits", 2, "inconclusive", "label_smoothing-{}", "label_smoothing", "digits", "practice_interaction"),
)
BLIND = (
    Study("char_lm", 0, "supported", "dropout-{}", "dropout", "brackets", "blind_dropout"),
    Study("grokking", 0, "refuted", "weight_decay-{}", "weight_decay", "mod_add", "blind_grokking"),
)
