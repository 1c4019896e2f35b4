r"""What a model wrote as sentences that the checks can read: slips of the keyboard mended, named claims bound.

Only what cannot change a meaning is mended here; all else goes back to the model with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from scientist.types import Evidence, Sentence

_NAMED = re.compile(r"\\(?:val|ci)\s*\{\s*([a-z]+)\.([^{}\s]+)\s*\}")
_EQUALS = re.compile(r"(\$p\$|\bp)[~\s]*=[~\s]*\\val\{([^{}\s]+)\}")
_TESTS = frozenset({"effect", "p", "padj", "perm", "tost", "tostadj", "g", "boot"})
_SINGLE_BACKSLASH = {"\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f", "\v": "\\v"}
"""What JSON makes of a backslash that was written once before one of these letters."""
_SPELLED = {
    "\u2010": "-", "\u2011": "-", "\u2212": "$-$", "\u202f": "~", "\u2009": " ", "\u200b": "",
    "≤": r"$\leq$", "≥": r"$\geq$", "≈": r"$\approx$", "→": r"$\to$", "∞": r"$\infty$", "≠": r"$\neq$",
}  # fmt: skip


def sentence(text: str, claims: Iterable[str], evidence: Evidence) -> Sentence:
    """A sentence as the model wrote it, with the claims bound that it names by their quantities."""
    mended = _without_equals(mend(text), evidence)
    return Sentence(text=mended, claims=tuple(dict.fromkeys((*claims, *named_claims(mended, evidence)))))


def mend(text: str) -> str:
    """``text`` without what JSON, Markdown or Unicode did to its LaTeX."""
    for control, written in _SINGLE_BACKSLASH.items():
        text = re.sub(rf"{control}(?=[a-z])", re.escape(written), text)
    pieces = text.split("$")
    inside = [re.sub(r"\n(?=(?:abla|e|eq|otin|u)\b)", r"\\n", p) if i % 2 else p for i, p in enumerate(pieces)]
    spelled = "$".join(_spelled(p, maths=bool(i % 2)) for i, p in enumerate(inside))
    spelled = re.sub(r"\\cite\s*\{", r"\\citep{", spelled)
    spelled = re.sub(r"\*\*([^*]+)\*\*", r"\\emph{\1}", spelled)
    spelled = re.sub(r'(^|[\s(])"([^"]+)"', r"\1``\2''", spelled)
    spelled = re.sub(r"(?<!\\)([%&#])", r"\\\1", spelled)
    return " ".join(spelled.split())


def named_claims(text: str, evidence: Evidence) -> tuple[str, ...]:
    """Ids of the claims whose estimate or tests ``text`` prints."""
    contrasts = {rest for kind, rest in _NAMED.findall(text) if kind in _TESTS}
    return tuple(c.id for c in evidence.claims if c.contrast in contrasts)


def _without_equals(text: str, evidence: Evidence) -> str:
    r"""``$p$~=~\val{id}`` as ``$p$~\val{id}`` where the ledger prints "<"."""
    below = {q.id for q in evidence.quantities if "<" in q.display}
    return _EQUALS.sub(lambda m: m[0] if m[2] not in below else f"{m[1]}~\\val{{{m[2]}}}", text)


def _spelled(piece: str, *, maths: bool) -> str:
    for character, written in _SPELLED.items():
        piece = piece.replace(character, written.strip("$") if maths else written)
    return piece
