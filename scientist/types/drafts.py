"""The manuscript that we write."""

from __future__ import annotations

from scientist.types.base import Frozen, Identifier
from scientist.types.evidence import Figure, Sentence
from scientist.types.literature import Reference


class Section(Frozen):
    """A section: paragraphs of sentences. ``name`` is the slot ("abstract", "results", …)."""

    name: Identifier
    title: str
    paragraphs: tuple[tuple[Sentence, ...], ...]


class Table(Frozen):
    r"""A booktabs table whose cells are LaTeX text (numbers as ``\val{id}``); ``align`` is the tabular preamble."""

    id: Identifier
    caption: tuple[Sentence, ...]
    align: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Draft(Frozen):
    """All that typesetting needs; ``placement`` maps a section name to the float ids set in it.

    ``stood_in`` names the parts ("title" or a section) that were written in place of the mind that was asked, and
    ``cut`` the sections from which refused sentences were struck. ``authored`` holds, in the form that the checks
    compare, the sentences that the template's author answers for, and ``terms`` the words of the topic, the plan and
    the template, in which a result may be told, while the sentences of ``composed`` were written by rule.
    """

    title: str
    sections: tuple[Section, ...]
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    references: tuple[Reference, ...] = ()
    placement: dict[str, tuple[str, ...]] = {}
    stood_in: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    authored: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    composed: tuple[str, ...] = ()
