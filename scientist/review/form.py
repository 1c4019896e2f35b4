"""Review forms: what is scored, on which scale, and what each score means; each form is a TOML file in ``forms/``."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from scientist.errors import UsageError
from scientist.mind.scales import PARTS, allowed, basis_of, field_of, meaning, own_scores, snapped
from scientist.types import FormField, ReviewExample, ReviewForm, Statement

GRADES = ("poor", "fair", "good", "excellent")
"""What the scores of a field are called, lowest first, where a form gives a question and no meanings."""

KNOWN = ("neurips", "iclr", "icml", "tmlr", "workshop", "general")


def form_for(venue: str, *, reviewers: int = 1, reflections: int = 1, limits: bool = True) -> ReviewForm:
    """A venue's form for so many reviewers, with so many second looks each. Raises UsageError.

    ``venue`` is one of KNOWN, or the path of a ``.toml`` file like theirs. Without ``limits`` the form asks for no page
    limit and no statements: for manuscripts that are not in the venue's style.
    """
    form = _from_file(Path(venue)) if venue.endswith(".toml") else _named(venue)
    if not 1 <= reviewers <= 9 or not 0 <= reflections <= 5:
        raise UsageError(
            f"{reviewers} reviewers with {reflections} second looks cannot be had",
            "a panel has 1 to 9 reviewers (--ensemble), each with 0 to 5 second looks (--reflections)",
        )
    unlimited = {} if limits else {"page_limit": None, "statements": ()}
    return form.model_copy(update={"reviewers": reviewers, "reflections": reflections, **unlimited})


def read_form(text: str, source: str) -> ReviewForm:
    """The form that a TOML file describes. Raises UsageError, which names the file and what is wrong."""
    try:
        given = tomllib.loads(text)
        fields = _fields(given.pop("fields"))
        statements = tuple(Statement.model_validate(s) for s in given.pop("statements", ()))
        form = ReviewForm(**given, fields=fields, statements=statements)
        _check(form)
    except (tomllib.TOMLDecodeError, ValidationError, KeyError, TypeError, ValueError) as e:
        problem = _first(e) if isinstance(e, ValidationError) else str(e)
        raise UsageError(
            f"{source} is no review form: {problem}", "take a file of scientist/review/forms as model"
        ) from e
    return form.model_copy(update={"examples": tuple(_example(form, e) for e in _examples())})


def _named(venue: str) -> ReviewForm:
    if venue not in FORMS:
        known = ", ".join(FORMS)
        raise UsageError(f"no review form is called {venue!r}", f"known: {known}; or give a .toml file of your own")
    return FORMS[venue]


def _from_file(path: Path) -> ReviewForm:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise UsageError(f"the review form {path} cannot be read: {e}", f"give one of {', '.join(FORMS)}") from e
    return read_form(text, str(path))


def _fields(given: str | list[dict[str, Any]]) -> tuple[FormField, ...]:
    """The fields that are given, or those of the form that is named."""
    return _named(given).fields if isinstance(given, str) else tuple(_field(f) for f in given)


def _field(given: Mapping[str, Any]) -> FormField:
    """A field with its meanings: those given, or the usual grades of its question."""
    rest = {k: v for k, v in given.items() if k not in ("question", "meaning")}
    if "question" in given:
        graded = {i: f"{grade}: {given['question']}" for i, grade in enumerate(GRADES, 1)}
        return FormField(low=1, high=len(GRADES), meaning=graded, **rest)
    scores = {int(k): v for k, v in given["meaning"].items()}
    return FormField(low=min(scores), high=max(scores), meaning=scores, **rest)


def _check(form: ReviewForm) -> None:
    names = [f.name for f in form.fields]
    if len(set(names)) < len(names):
        raise ValueError("a field stands there twice")
    for needed in ("overall", "confidence"):
        if needed not in names:
            raise ValueError(f"the field {needed!r} is missing")
    if allowed(field_of(form, "confidence")) != (1, 2, 3, 4, 5):
        raise ValueError("confidence is not on 1 to 5")
    overall = field_of(form, "overall")
    if not overall.low < form.accept_at < overall.high or form.accept_at not in overall.meaning:
        raise ValueError("accept_at is no score between the lowest and the highest overall score")
    known = (*PARTS, "overall", "confidence")
    for field in form.fields:
        if len(field.meaning) < 2:
            raise ValueError(f"field {field.name!r} has fewer than two scores")
        if field.name not in known and field.basis not in known:
            raise ValueError(f"field {field.name!r} needs a basis, one of {', '.join(known)}")


def _first(e: ValidationError) -> str:
    error = e.errors()[0]
    return f"{'.'.join(map(str, error['loc']))}: {error['msg']}"


# ------------------------------------------------------------------------------------------- examples


@cache
def _examples() -> tuple[dict[str, Any], ...]:
    """The package's own made-up manuscripts with their reviews on the NeurIPS form: one to accept, one to reject."""
    folder = files("scientist.review") / "examples"
    return tuple(json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in ("accept", "reject"))


def _example(form: ReviewForm, example: Mapping[str, Any]) -> ReviewExample:
    """An example on a form: its words stay, its scores are put on the form's scales."""
    review = example["review"]
    known = {name: review[name] for name in (*PARTS, "overall", "confidence")}
    scores = own_scores(form, known)
    given_reasons = {f"{name}_reason" for name in known}
    shown = {k: v for k, v in review.items() if k not in known and k not in given_reasons}
    for field in form.fields:
        shown[f"{field.name}_reason"] = review[f"{basis_of(field, known)}_reason"]
        shown[field.name] = snapped(field, scores[field.name])
    return ReviewExample(manuscript=example["manuscript"], review=json.dumps(shown, ensure_ascii=False, indent=1))


def _load(name: str) -> ReviewForm:
    file = files("scientist.review") / "forms" / f"{name}.toml"
    return read_form(file.read_text(encoding="utf-8"), f"{name}.toml")


FORMS: dict[str, ReviewForm] = {}
"""The forms by name."""

for _name in KNOWN:
    FORMS[_name] = _load(_name)

NEURIPS = FORMS["neurips"]

__all__ = ["FORMS", "KNOWN", "NEURIPS", "form_for", "meaning", "read_form"]
