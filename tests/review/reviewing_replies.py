"""Filled review forms for tests: what a competent reviewer would reply about the paper in ``paper_maker``."""

from __future__ import annotations

from typing import Any

from scientist.review.form import NEURIPS

QUOTED = "A paired t-test over 10 random seeds agrees"
ALSO_QUOTED = "Only small networks on four data sets were examined"
NOWHERE = "We train a model of two hundred billion parameters"


def point(text: str, quote: str) -> dict[str, str]:
    return {"text": text, "quote": quote}


def form(**changes: Any) -> dict[str, Any]:
    """A valid reply: all scores 3, overall 6, one strength and one weakness that stand in the paper."""
    reply: dict[str, Any] = {
        "summary": "The paper measures over ten seeds whether warm-up changes the loss of small networks, and finds a "
        "small difference on four data sets.",
        "strengths": [point("The test is paired.", QUOTED)],
        "weaknesses": [point("Large networks are not examined.", ALSO_QUOTED)],
        "questions": ["Does the effect grow with the learning rate?"],
        "limitations": "Stated.",
        "ethical_concerns": False,
    }
    for field in NEURIPS.fields:
        reply |= {f"{field.name}_reason": f"because of {field.name}", field.name: 3}
    return reply | {"overall": 6} | changes


def line(reply: Any = None, *, label: str | None = None, purpose: str = "review/judge", **more: Any) -> dict[str, Any]:
    return {"purpose": purpose, "label": label, **({} if reply is None else {"reply": reply}), **more}
