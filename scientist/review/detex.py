"""LaTeX text to plain text: enough for reading, not for typesetting."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_ACCENTS = {"'": "\u0301", "`": "\u0300", '"': "\u0308", "^": "\u0302", "~": "\u0303", "v": "\u030c", "c": "\u0327",
            "=": "\u0304", "u": "\u0306", "H": "\u030b", "r": "\u030a", "k": "\u0328", ".": "\u0307"}  # fmt: skip
_SYMBOLS = {
    "pm": "±", "times": "×", "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "alpha": "α", "beta": "β", "lambda": "λ",
    "chi": "χ", "sigma": "σ", "mu": "μ", "ldots": "…", "dots": "…", "cdot": "·", "approx": "≈", "sim": "~", "ss": "ß",
    "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "aa": "å", "AA": "Å", "i": "i", "j": "j", "S": "§",
    "textendash": "–", "textemdash": "—", "textbackslash": "\\", "textasciitilde": "~", "percent": "%", "item": "\n• ",
    "neq": "≠", "infty": "∞", "rightarrow": "→", "to": "→", "in": "∈", "eta": "η", "epsilon": "ε", "gamma": "γ",
    "par": "\n\n", "newline": "\n", "linebreak": "\n", "quad": " ", "qquad": " ",
}  # fmt: skip
_DROPPED = (
    "label|vspace|hspace|includegraphics|bibliographystyle|bibliography|usepackage|setlength|addtolength|pagestyle|"
    "thispagestyle|input|include|setcounter|addtocounter|vskip|hskip|hypersetup|nocite|resizebox|rule|definecolor"
)
_CITE = re.compile(r"\\(?P<form>[cC]ite\w*|parencite|textcite|autocite)\*?\s*(?:\[[^\]]*\]\s*)*\{(?P<keys>[^}]*)\}")
_REF = re.compile(r"\\(?P<form>auto|eq|[cC]|page|name|sub)?ref\*?\s*\{(?P<label>[^}]*)\}")


def balanced(text: str, start: int) -> tuple[str, int]:
    """The inside of the braces that open at ``start`` and the place after them; the rest where they never close."""
    if text[start : start + 1] != "{":
        return "", start
    depth = 0
    i = start
    while i < len(text):
        if text[i] == "\\":
            i += 2
            continue
        depth += {"{": 1, "}": -1}.get(text[i], 0)
        if depth == 0:
            return text[start + 1 : i], i + 1
        i += 1
    return text[start + 1 :], len(text)


def detex(text: str, numbers: Mapping[str, str]) -> str:
    """Plain text. Citations become ``[@key; @key]``, references the number of their label, "??" where it is unknown."""
    text = re.sub(r"(?<!\\)((?:\\\\)*)%.*", r"\1", text)
    text = _CITE.sub(_citation, text)
    text = _REF.sub(lambda m: _reference(m, numbers), text)
    text = re.sub(
        r"\\(?:begin|end)\{(?:tabular|array)[^}]*\}(?:\[[^\]]*\])?(?:\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})?", "\n", text
    )
    text = re.sub(r"\\(?:begin|end)\s*\{[^}]*\}(?:\[[^\]]*\])?", "\n", text)
    text = re.sub(rf"\\(?:{_DROPPED})\*?\s*(?:\[[^\]]*\])?(?:\{{[^{{}}]*\}})+", " ", text)
    text = re.sub(r"\\([\"'`^~=.])\s*\{?\\?([A-Za-z])\}?", _accent, text)
    text = re.sub(r"\\([vcuHrk])(?:\s*\{\\?([A-Za-z])\}|\s+([A-Za-z]))", _accent, text)
    text = re.sub(r"\\([A-Za-z]+)\*?[ \t]*(?:\{\})?", lambda m: _SYMBOLS.get(m[1], " "), text)
    text = text.replace("\\\\", "\n").replace("\\,", " ").replace("\\;", " ").replace("\\ ", " ").replace("~", " ")
    text = re.sub(r"\\([%&$#_{}])", r"\1", text)
    text = re.sub(r"\\[!:@/()\[\]-]", "", text)
    text = re.sub(r"[{}]|(?<!\\)\$", "", text)
    text = text.replace("``", "“").replace("''", "”").replace("---", "—").replace("--", "–")
    return _spaces(text)


def _citation(match: re.Match[str]) -> str:
    keys = [k.strip() for k in match["keys"].split(",") if k.strip()]
    return "[" + "; ".join(f"@{k}" for k in keys) + "]"


def _reference(match: re.Match[str], numbers: Mapping[str, str]) -> str:
    label = match["label"].strip()
    number = numbers.get(label.split(",")[0], "??")
    if match["form"] in ("auto", "c", "C"):
        name = {"fig": "Figure ", "tab": "Table ", "eq": "Equation "}.get(label.split(":")[0][:3], "Section ")
        return name + number
    return f"({number})" if match["form"] == "eq" else number


def _accent(match: re.Match[str]) -> str:
    letter = match[2] or (match[3] if match.re.groups > 2 else "")
    return unicodedata.normalize("NFC", (letter or "") + _ACCENTS[match[1]])


def _spaces(text: str) -> str:
    text = re.sub(r"[ \t]+", " ", text)
    paragraphs = (" ".join(p.split()) for p in re.split(r"\n\s*\n", text))
    return "\n\n".join(p for p in paragraphs if p)
