r"""Plain Unicode text as LaTeX text that pdfTeX can set: accents as commands, specials escaped, safe mathematics kept.

The text comes from services and files that nobody vouches for, so nothing in it may act as a command: outside of
mathematics every special character is escaped, and mathematics is kept only if it is made of known, harmless parts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

SPECIALS = {
    "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", "\\": r"\textbackslash{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"{''}", "`": r"\textasciigrave{}",
}  # fmt: skip

LETTERS = {
    "ø": r"{\o}", "Ø": r"{\O}", "ł": r"{\l}", "Ł": r"{\L}", "ß": r"{\ss}", "æ": r"{\ae}", "Æ": r"{\AE}",
    "œ": r"{\oe}", "Œ": r"{\OE}", "å": r"{\aa}", "Å": r"{\AA}", "ı": r"{\i}", "ȷ": r"{\j}", "đ": "d", "Đ": "D",
    "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "–": "--", "—": "---", "‐": "-", "‑": "-", "−": "-", "‘": "`",
    "’": "'", "ʻ": "`", "ʼ": "'", "“": "``", "”": "''", "…": r"{\dots}", "\u00a0": "~", "°": r"{$^\circ$}",
    "×": r"{$\times$}", "∞": r"{$\infty$}", "≠": r"{$\neq$}", "≤": r"{$\leq$}", "≥": r"{$\geq$}", "±": r"{$\pm$}",
    "→": r"{$\to$}", "ℓ": r"{$\ell$}", "²": r"{$^2$}", "³": r"{$^3$}", "µ": r"{$\mu$}", "§": r"{\S}",
    "©": r"{\copyright}", "™": "", "®": "", "·": r"{$\cdot$}", "ϑ": r"{$\vartheta$}", "∇": r"{$\nabla$}",
}  # fmt: skip
"""What is not an accented letter. Letters that need another font encoding (đ, ð, þ) are transliterated."""

GREEK = dict(
    zip(
        "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ",
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi "
        "omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega".split(),
        strict=True,
    )
)

ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u", "\u0307": ".",
    "\u0308": '"', "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0323": "d", "\u0327": "c", "\u0331": "b",
}  # fmt: skip

SAFE_MATHS = frozenset(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega ell nabla partial infty times "
    "cdot to rightarrow leq geq neq approx sim pm mathcal mathbb mathbf mathrm mathit mathsf boldsymbol tilde hat bar "
    "vec sqrt frac log exp min max sup inf star ast prime dagger circ text ldots dots in cap cup".split()
)

_MATHS = re.compile(r"(?<![\\$])\$(?=\S)(?P<maths>[^$]{1,80})(?<=\S)\$(?![\d$])|(?<=\w)(?P<script>[_^](?:\d+|\*))")
_ORDINARY = re.compile(r"[A-Za-z0-9 .,:;!?()'*+/=@\[\]\-]*")


def latex_text(text: str) -> str:
    """``text`` as LaTeX. Characters that no font here holds (emoji, CJK, …) are left out."""
    return squeeze("".join(maths or latex_characters(plain) for plain, maths in segments(text)))


def segments(text: str) -> Iterator[tuple[str, str]]:
    """``text`` cut into plain pieces ``(piece, "")`` and mathematics ``("", "{$…$}")`` that may stand as it is.

    The braces keep BibTeX from changing the case inside. ``L_0`` and ``Q^2`` count as mathematics.
    """
    last = 0
    text = unicodedata.normalize("NFC", text)
    for match in _MATHS.finditer(text):
        body = match["maths"] or match["script"]
        if match["script"] or safe_maths(body):
            yield text[last : match.start()], ""
            yield "", f"{{${body.strip()}$}}" if match["maths"] else f"{{${body[0]}{{{body[1:]}}}$}}"
            last = match.end()
    yield text[last:], ""


def latex_characters(text: str) -> str:
    """``text`` character by character, spaces as they are, without any mathematics."""
    if _ORDINARY.fullmatch(text):
        return text
    return "".join(_character(c) for c in text)


def squeeze(latex: str) -> str:
    return re.sub(r"\s+", " ", latex).strip()


def safe_maths(body: str) -> bool:
    """Whether the inside of ``$…$`` is ASCII, balanced and free of any command but known symbols."""
    rest = re.sub(r"\\([a-zA-Z]+)", lambda m: "" if m[1] in SAFE_MATHS else "\\", body)
    if not body.strip() or not re.fullmatch(r"[A-Za-z0-9 {}()\[\]_^+\-=*/,.:;'!|<>]*", rest):
        return False
    if re.search(r"[_^]\s*($|[_^}])", rest):
        return False
    depth = 0
    for c in body:
        depth += (c == "{") - (c == "}")
        if depth < 0:
            return False
    return depth == 0


def _character(c: str) -> str:
    if c in SPECIALS:
        return SPECIALS[c]
    if " " <= c < "\x7f":
        return c
    if c in LETTERS:
        return LETTERS[c]
    if c in GREEK:
        return rf"{{$\{GREEK[c]}$}}"
    if c.isspace():
        return " "
    return _accented(c)


def _accented(c: str) -> str:
    decomposed = unicodedata.normalize("NFD", c)
    base, marks = decomposed[0], list(decomposed[1:])
    if not marks:
        compatible = unicodedata.normalize("NFKD", c)
        return latex_characters(compatible) if compatible != c else ""
    if not base.isascii() or any(m not in ACCENTS and m != "\u0328" for m in marks):
        return latex_characters(unicodedata.normalize("NFKD", base)) if base.isascii() else ""
    return _with_accents(base, marks)


def _with_accents(base: str, marks: list[str]) -> str:
    r"""``é`` as ``{\'e}``: a group whose backslash comes first is one letter to BibTeX. An ogonek needs another font
    encoding and is dropped."""
    written = [m for m in marks if m in ACCENTS]
    inner = rf"\{base}" if base in "ij" and any(ACCENTS[m] not in "cdb" for m in written) else base
    for mark in written:
        accent = ACCENTS[mark]
        inner = rf"\{accent}{{{inner}}}" if accent.isalpha() or len(written) > 1 else rf"\{accent}{inner}"
    return f"{{{inner}}}" if written else base
