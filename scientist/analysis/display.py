"""How values are typeset: LaTeX-safe text for numbers, intervals, p-values, settings and names."""

from __future__ import annotations

import math
import re
import unicodedata

from scientist.types import Setting

MINUS = "$-$"
SPECIAL = {
    **{c: rf"\{c}" for c in "$&%#_"},
    **{c: f"${c}$" for c in "<>|"},
    "{": r"$\{$",
    "}": r"$\}$",
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"$\sim$",
    "−": MINUS,
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "≈": r"$\approx$",
    "→": r"$\to$",
    "∞": r"$\infty$",
}


def latex(text: str) -> str:
    """Plain text as LaTeX text: specials escaped, Greek letters and powers as mathematics."""
    pieces = re.split(r"\^(\w+)", text)
    return "".join(f"$^{{{piece}}}$" if i % 2 else "".join(map(_character, piece)) for i, piece in enumerate(pieces))


def number(value: float, decimals: int, *, signed: bool = False) -> str:
    """A number with fixed decimals, thin spaces between thousands from five digits on, and a true minus sign.

    A value that rounds to zero has no sign. Values too large to be read in full are written as a power of ten.
    """
    if value != 0 and abs(value) >= 1e9:
        return _power(value, signed)
    text = f"{abs(value):.{decimals}f}"
    whole, dot, rest = text.partition(".")
    grouped = f"{int(whole):,}".replace(",", r"\,") if len(whole) > 4 else whole
    if float(text) == 0:
        return grouped + dot + rest
    sign = MINUS if value < 0 else "+" if signed else ""
    return sign + grouped + dot + rest


def integer(value: int) -> str:
    return number(value, 0)


def interval(low: float, high: float, decimals: int, *, signed: bool = False) -> str:
    """An interval as "[low, high]"."""
    return f"[{number(low, decimals, signed=signed)}, {number(high, decimals, signed=signed)}]"


def p_value(p: float, threshold: float | None = None) -> str:
    """A p-value to three decimals, with a fourth where three would round it onto the threshold."""
    if p < 0.001:
        return "$<$0.001"
    close = threshold is not None and f"{p:.3f}" == f"{threshold:.3f}" and p != threshold
    return f"{p:.4f}" if close else f"{p:.3f}"


def percent(share: float) -> str:
    return f"{100 * share:.4g}" + r"\%"


def setting(value: Setting) -> str:
    """A setting in sensible form: 1e-3 as 0.001, true as "on", text escaped."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int):
        return integer(value)
    if isinstance(value, str):
        return latex(value)
    if value != 0 and not 1e-5 <= abs(value) < 1e9:
        return _power(value, signed=False)
    text = f"{value:.12f}".rstrip("0").rstrip(".")
    return number(value, len(text.partition(".")[2]))


def decimals_for(decimals: int, low: float, high: float) -> int:
    """Enough decimals, at most three more, for an interval's ends to differ in print."""
    for extra in range(4):
        if f"{low:.{decimals + extra}f}" != f"{high:.{decimals + extra}f}":
            return decimals + extra
    return decimals


def two_digits(value: float, decimals: int) -> int:
    """Enough decimals, at most three more, to show two significant digits of a spread."""
    if value <= 0:
        return decimals
    return min(max(decimals, 1 - math.floor(math.log10(value))), decimals + 3)


def safe_id(name: str) -> str:
    """A name as a ledger id can hold it."""
    return re.sub(r"[^a-z0-9_.\-]+", "-", name.lower()).lstrip("_.-") or "x"


def _character(char: str) -> str:
    greek = re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER ([A-Z]+)", unicodedata.name(char, ""))
    if greek is None:
        return SPECIAL.get(char, char)
    name = greek[2].lower() if greek[1] == "SMALL" else greek[2].capitalize()
    return f"$\\{name}$"


def _power(value: float, signed: bool) -> str:
    mantissa, exponent = f"{abs(value):.2e}".split("e")
    sign = "-" if value < 0 else "+" if signed else ""
    mantissa = mantissa.rstrip("0").rstrip(".")
    factor = "" if mantissa == "1" else rf"{mantissa}\times "
    return rf"${sign}{factor}10^{{{int(exponent)}}}$"
