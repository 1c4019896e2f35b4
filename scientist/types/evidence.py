"""Quantities, claims and figures: the ledger."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from scientist.types.base import Frozen, Identifier


class Quantity(Frozen):
    """A number that the paper may print, and where it comes from.

    ``display`` is what is typeset (plain text or maths-free LaTeX). ``low``/``high`` bound the interval at ``level``.
    ``sources`` are ``path#json-pointer`` relative to the run folder. ``volatile`` marks measured times and dates,
    which may differ between two runs of the same seed.
    """

    id: Identifier
    label: str
    value: float | int | str
    display: str
    unit: str = ""
    kind: Literal["setting", "count", "mean", "sd", "contrast", "p_value", "effect_size", "rate", "time", "other"]
    n: int | None = None
    low: float | None = None
    high: float | None = None
    level: float | None = None
    display_interval: str = ""
    metric: str | None = None
    dataset: str | None = None
    condition: str | None = None
    seeds: tuple[int, ...] = ()
    sources: tuple[str, ...] = ()
    method: str = ""
    volatile: bool = False


class Verdict(StrEnum):
    SUPPORTED = "supported"
    REFUTED = "refuted"
    EQUIVALENT = "equivalent"
    INCONCLUSIVE = "inconclusive"


class Claim(Frozen):
    """What one contrast allows to be said.

    ``observed`` is the sign of the estimate; ``verdict`` relates the test to the hypothesis: supported (significant,
    as hypothesised), refuted (significant, opposite), equivalent (within the smallest effect of interest by two
    one-sided tests), inconclusive (neither).
    """

    id: Identifier
    contrast: Identifier
    statement: str
    metric: str
    dataset: str
    hypothesised: Literal["increase", "decrease", "none"]
    observed: Literal["increase", "decrease", "none"]
    verdict: Verdict
    significant: bool
    confirmatory: bool
    better: bool | None
    test: str
    quantities: tuple[str, ...]
    weights: dict[str, float] = {}
    """The contrast's, by condition: what is compared with what. Empty where a ledger was written without them."""


class Evidence(Frozen):
    """The ledger: every quantity and claim that the paper may name."""

    plan_sha256: str
    look: int
    quantities: tuple[Quantity, ...]
    claims: tuple[Claim, ...]
    warnings: tuple[str, ...] = ()

    def quantity(self, id: str) -> Quantity:
        return next(q for q in self.quantities if q.id == id)

    def claim(self, id: str) -> Claim:
        return next(c for c in self.claims if c.id == id)


class Sentence(Frozen):
    r"""One sentence of LaTeX text. Numbers are ``\val{id}`` or ``\ci{id}``, citations ``\citep{key}``/``\citet{key}``,
    floats ``\ref{fig:id}``/``\ref{tab:id}``. ``claims`` are the ledger claims that a comparison rests on."""

    text: str
    claims: tuple[str, ...] = ()


class Figure(Frozen):
    """A vector figure on disk, the data it was drawn from, and what it shows.

    One that is placed in the appendix has a ``pointer``, the sentence that refers to it there.
    """

    id: Identifier
    file: str
    data_file: str
    kind: Literal[
        "effect", "paired", "dose", "interaction", "trade_off", "curves", "samples", "runs", "reached", "contrasts"
    ]
    caption: tuple[Sentence, ...]
    width: Literal["column", "full"] = "full"
    place: Literal["main", "appendix"] = "main"
    pointer: Sentence | None = None
