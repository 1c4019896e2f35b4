r"""Read one piece of LaTeX text as a typesetter would: which commands it uses, what it names, what a reader sees.

Only a white list of commands is understood; all else is a problem, so that nothing can hide from the checks.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

VALUE, CITATION, POINTER, EDGE, FORMULA = "\ue000", "\ue001", "\ue002", "\ue003", "\ue004"
r"""Private characters for ``\val``/``\ci``, a citation, a ``\ref``, a boundary of markup, and what is mathematics."""

NAMING = {"val": VALUE, "ci": VALUE, "ref": POINTER, "citep": CITATION, "citet": CITATION}
STYLING = frozenset({"emph", "textit", "textbf", "texttt"})
SYMBOLS = {
    **{c: c for c in "%&_#$"},
    ",": " ",
    " ": " ",
    "ldots": "...",
    "textbackslash": "\\",
    "textasciicircum": "^",
}
GREEK = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi "
    "varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
)
MATHS = frozenset(
    f"{GREEK} times cdot pm mp le leq ge geq ne neq approx sim equiv propto in notin subset mid to infty partial nabla "
    "sum prod int log exp min max ell hat bar tilde sqrt frac mathrm mathbf mathit mathcal mathbb ldots cdots "
    "quad top circ ll gg langle rangle lVert rVert".split()
)
MATHS_SYMBOLS = frozenset({",", ";", "!", "{", "}", "|", "%"})
PLAIN_MATHS = frozenset("+-=<>()[]|/*,.:;'!^_ ~")

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:\-]*")
_LETTERS = re.compile(r"[A-Za-z]+")
_T1 = "\xa0¡¢£¥§©«®°±µ¶·»¿×÷†‡•–—‘’“”…‰" + "".join(chr(c) for c in range(0xC0, 0x180) if c not in (0xD7, 0xF7)) + "ȘșȚț"
_NOT_T1 = frozenset("ĦħĲĳĿŀŉĸŦŧſ")
TYPESETTABLE = frozenset(_T1) - _NOT_T1
"""Characters outside ASCII that pdflatex prints with the T1 fonts of the venues."""


@dataclass(frozen=True)
class Scan:
    """What a piece of LaTeX names and shows.

    ``prose`` is what a reader sees, with markup joined up, so that no word can be cut in two by a brace;
    ``strict`` marks every boundary of markup and every character of mathematics, so that no numeral can lean on the
    letters before it. ``problems`` are defects of the LaTeX itself: the check that each breaks, and what it is.
    ``printed`` are the quantities in the order in which ``prose`` shows them, each with whether it is its interval.
    """

    values: tuple[str, ...]
    intervals: tuple[str, ...]
    refs: tuple[str, ...]
    cites: tuple[str, ...]
    prose: str
    strict: str
    problems: tuple[tuple[str, str], ...]
    printed: tuple[tuple[str, bool], ...] = ()

    @property
    def quantities(self) -> tuple[str, ...]:
        return (*self.values, *self.intervals)


@lru_cache(maxsize=8192)
def scan(text: str) -> Scan:
    """Scan a sentence, a caption or a table cell."""
    reader = _Reader(text)
    reader.read()
    named = reader.named
    return Scan(
        values=tuple(named["val"]),
        intervals=tuple(named["ci"]),
        refs=tuple(named["ref"]),
        cites=tuple(named["cite"]),
        prose=re.sub(r"[\s\xa0]+", " ", _without_accents("".join(reader.prose))).strip(),
        strict="".join(reader.strict),
        problems=tuple(reader.problems),
        printed=tuple(reader.printed),
    )


def escape(text: str) -> str:
    """Plain text as LaTeX; ``\\%`` and its like stay as they are, so that text escaped before may come by again."""
    return "".join(_escaped(piece) for piece in re.findall(r"\\[%&_#$]|.", text, re.DOTALL))


def _escaped(piece: str) -> str:
    if len(piece) == 2 or piece in TYPESETTABLE:
        return piece
    if piece in _WRITTEN:
        return _WRITTEN[piece]
    return piece if piece.isascii() else _nearest(piece)


def _nearest(char: str) -> str:
    """A spelling of a character that the fonts lack: its base letters, a command for Greek, or its code point."""
    base = "".join(c for c in unicodedata.normalize("NFKD", char) if c.isascii() or c in TYPESETTABLE)
    if base.strip():
        return base
    name = unicodedata.name(char, "")
    greek = re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER ([A-Z]+)", name)
    if greek:
        word = greek[2].lower() if greek[1] == "SMALL" else greek[2].capitalize()
        return rf"\ensuremath{{\{word}}}" if word in MATHS else word
    return f"[U+{ord(char):04X}]"


_WRITTEN = {
    **{c: rf"\{c}" for c in "%&_#${}"},
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "\u2212": r"\ensuremath{-}",
    "≤": r"\ensuremath{\leq}",
    "≥": r"\ensuremath{\geq}",
    "≠": r"\ensuremath{\neq}",
    "≈": r"\ensuremath{\approx}",
    "→": r"\ensuremath{\to}",
    "∞": r"\ensuremath{\infty}",
    "∆": r"\ensuremath{\Delta}",
    "\u2010": "-",
    "\u2011": "-",
    "\u200b": "",
    "\u00ad": "",
}


class _Reader:
    """The cursor of ``scan``: one pass over the text, with open braces and mathematics as its only state."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.maths = False
        self.named: dict[str, list[str]] = {"val": [], "ci": [], "ref": [], "cite": []}
        self.prose: list[str] = []
        self.strict: list[str] = []
        self.problems: list[tuple[str, str]] = []
        self.printed: list[tuple[str, bool]] = []

    def read(self) -> None:
        if re.search(r"\n\s*\n", self.text):
            self._problem("a blank line inside a sentence")
        while self.at < len(self.text):
            self._step(self.text[self.at])
        if self.depth:
            self._problem("a brace that is never closed")
        if self.maths:
            self._problem("mathematics that is never closed: $")

    def _step(self, char: str) -> None:
        if char == "\\":
            self._command()
            return
        self.at += 1
        if char in "{}":
            self._brace(char)
        elif char == "$":
            self.maths = not self.maths
            if self.text.startswith("$", self.at):
                self._problem("displayed mathematics: $$")
            self._mark()
        elif char in "%#&":
            self._problem(f"an unescaped {char}")
        elif char in "^_" and not self.maths:
            self._problem(f"{char} outside mathematics")
        else:
            self._character(char)

    def _character(self, char: str) -> None:
        if char == "^" and self.text.startswith("^", self.at):
            self._problem("^^ notation")
        if char == "~":
            char = " "
        if not (char.isascii() and (char.isprintable() or char in "\n\t")) and char not in TYPESETTABLE:
            self._problem(f"a character that pdflatex cannot typeset: U+{ord(char):04X}", "unprintable")
        if self.maths and not (char.isascii() and (char.isalnum() or char in PLAIN_MATHS)) and char != "\n":
            self._problem(f"{char!r} in mathematics")
        self._show(char)

    def _brace(self, char: str) -> None:
        self.depth += 1 if char == "{" else -1
        if self.depth < 0:
            self._problem("a closing brace without an opening one")
            self.depth = 0
        self._mark()

    def _command(self) -> None:
        letters = _LETTERS.match(self.text, self.at + 1)
        name = letters[0] if letters else self.text[self.at + 1 : self.at + 2]
        self.at += 1 + len(name)
        self._mark()
        if name in NAMING:
            self._naming(name)
        elif name in STYLING:
            if not self.text.startswith("{", self.at):
                self._problem(rf"\{name} without a braced argument")
        elif self.maths and (name in MATHS or name in MATHS_SYMBOLS):
            self._show(f" {name} " if name in GREEK.split() else " ")
        elif name in SYMBOLS:
            self._symbol(name)
        else:
            self._problem(rf"the command \{name}")

    def _symbol(self, name: str) -> None:
        self._show(SYMBOLS[name])
        if name.isalpha():
            if self.text.startswith("{}", self.at):
                self.at += 2
            elif self.text.startswith(" ", self.at):
                self.at += 1

    def _naming(self, name: str) -> None:
        argument = re.compile(r"\{([^{}\\]*)\}").match(self.text, self.at)
        if argument is None:
            self._problem(rf"\{name} without a plain braced argument")
            return
        self.at = argument.end()
        ids = argument[1].split(",") if name.startswith("cite") else [argument[1]]
        for raw in ids:
            id = raw.strip()
            if not _ID.fullmatch(id):
                self._problem(rf"\{name}{{{raw}}}, which is not an id")
            self.named["cite" if name.startswith("cite") else name].append(id)
            if NAMING[name] == VALUE:
                self.printed.append((id, name == "ci"))
        self._show(NAMING[name])

    def _show(self, text: str) -> None:
        self.prose.append(text)
        if self.maths:
            self.strict.append(FORMULA)
        elif len(text) != 1 or not text.isascii():
            self._mark()
        self.strict.append(text)

    def _mark(self) -> None:
        self.strict.append(EDGE)

    def _problem(self, message: str, kind: str = "forbidden_latex") -> None:
        self.problems.append((kind, message))


def _without_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
