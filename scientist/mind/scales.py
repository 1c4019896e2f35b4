"""The scales of review forms: each form's own, and the common 1 to 10 on which reviews of all forms compare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scientist.types import FormField, ReviewForm

ACCEPTS = 6.0
"""Where every form accepts on the common scale: NeurIPS's "weak accept", ICLR's "marginally above"."""

PARTS = ("soundness", "presentation", "contribution", "originality", "quality", "clarity", "significance")
"""The scores of the NeurIPS form beside overall and confidence, all on 1 to 4."""

_ENDS = (1.0, 10.0)


def field_of(form: ReviewForm, name: str) -> FormField:
    return next(f for f in form.fields if f.name == name)


def allowed(field: FormField) -> tuple[int, ...]:
    """The scores that a field can have, lowest first; ICLR's overall has no 2, 4, 7 and 9."""
    return tuple(sorted(field.meaning))


def snapped(field: FormField, score: float) -> int:
    """The nearest score that the field can have, the lower of two."""
    return min(allowed(field), key=lambda given: (abs(given - score), given))


def meaning(form: ReviewForm, name: str, score: float) -> str:
    """What a score means on a form; one between two that exist has the lower one's meaning."""
    field = field_of(form, name)
    return field.meaning[max(given for given in allowed(field) if given <= max(score, field.low))]


def common_overall(form: ReviewForm, own: float) -> float:
    """A form's overall score on the common scale: its ends are 1 and 10, its bar is 6, straight between."""
    field = field_of(form, "overall")
    return round(_along(own, (field.low, form.accept_at, field.high), (_ENDS[0], ACCEPTS, _ENDS[1])), 2)


def own_overall(form: ReviewForm, common: float) -> float:
    """An overall score of the common scale on a form's own."""
    field = field_of(form, "overall")
    return round(_along(common, (_ENDS[0], ACCEPTS, _ENDS[1]), (field.low, form.accept_at, field.high)), 2)


def own_scores(form: ReviewForm, known: Mapping[str, float]) -> dict[str, float]:
    """A form's scores, from those of the NeurIPS form with ``overall`` on the common scale.

    A field that is not known follows its basis, stretched to its own scale. Overall alone may lie between two scores.
    """
    return {field.name: _own_score(form, field, known) for field in form.fields}


def own_reasons(form: ReviewForm, reasons: Mapping[str, str]) -> dict[str, str]:
    """For each field of a form why it has its score, from the reasons for the scores of the NeurIPS form."""
    told = {field.name: reasons[basis_of(field, reasons)] for field in form.fields}
    overall = field_of(form, "overall")
    if (overall.low, form.accept_at, overall.high) != (_ENDS[0], ACCEPTS, _ENDS[1]):
        told["overall"] += f" (That is on 1 to 10, where {ACCEPTS:g} accepts.)"
    return told


def filled(form: ReviewForm, scores: Mapping[str, float]) -> dict[str, Any]:
    """The fields of a Review that hold a form's scores."""
    parts = {n: int(scores[n]) for n in PARTS if n in scores and _is_neurips(field_of(form, n))}
    return {
        **parts,
        "overall": common_overall(form, scores["overall"]),
        "confidence": int(scores["confidence"]),
        "form": form.name,
        "scores": dict(scores),
    }


def basis_of(field: FormField, known: Mapping[str, object]) -> str:
    """The known score that a field follows: its own, else that of its basis."""
    return field.name if field.name in known or field.basis is None else field.basis


def _own_score(form: ReviewForm, field: FormField, known: Mapping[str, float]) -> float:
    basis = basis_of(field, known)
    if basis == "overall":
        own = own_overall(form, known["overall"])
        return own if field.name == "overall" else snapped(field, own)
    ends = (1.0, 5.0) if basis == "confidence" else (1.0, 4.0)
    return snapped(field, _along(known[basis], ends, (field.low, field.high)))


def _is_neurips(field: FormField) -> bool:
    return (field.low, field.high) == (1, 4)


def _along(x: float, of: tuple[float, ...], to: tuple[float, ...]) -> float:
    """Where ``x`` of one chain of points lies on another, straight between points, held at the ends."""
    x = min(max(x, of[0]), of[-1])
    for i in range(len(of) - 1):
        if x <= of[i + 1]:
            return to[i] + (x - of[i]) / (of[i + 1] - of[i]) * (to[i + 1] - to[i])
    raise AssertionError(of)
