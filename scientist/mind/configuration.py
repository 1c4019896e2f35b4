"""What a candidate of a search over experiments is: the template's levels in ``settings.json``, beside its code."""

from __future__ import annotations

import json
from collections.abc import Mapping

from scientist.search.candidate import Candidate
from scientist.types import FactorSpec, Setting, TemplateSpec
from scientist.workspace import canonical_json

SETTINGS = "settings.json"
OPERATORS = ("draft", "debug", "improve", "tune", "ablate")
Levels = dict[str, Setting]


def ordinary(spec: TemplateSpec, preset: str) -> Levels:
    """The level of each factor in the baseline at a preset: the preset's where it sets one, else the template's."""
    given = spec.preset(preset).settings
    return {f.name: value if not isinstance(value := given.get(f.name, f.baseline), tuple) else f.baseline
            for f in spec.factors}  # fmt: skip


def settings_text(levels: Mapping[str, Setting]) -> str:
    """``settings.json``: canonical, so that equal levels are equal candidates."""
    return canonical_json(dict(levels), indent=2) + "\n"


def levels_of(candidate: Candidate) -> Levels:
    return dict(json.loads(candidate.files[SETTINGS]))


def normalised(text: str, spec: TemplateSpec, usual: Levels) -> Levels:
    """The levels that a text gives, in their declared spelling. Raises ValueError saying what is wrong with them."""
    try:
        given = json.loads(text)
    except ValueError as e:
        raise ValueError(f"{SETTINGS} is not JSON: {e}") from e
    if not isinstance(given, dict) or set(given) != {f.name for f in spec.factors}:
        raise ValueError(f"{SETTINGS} holds exactly the factors {', '.join(f.name for f in spec.factors)}")
    return {f.name: _declared(given[f.name], f, usual[f.name]) for f in spec.factors}


def moved(levels: Mapping[str, Setting], usual: Mapping[str, Setting]) -> Levels:
    """The levels that differ from the baseline's."""
    return {name: value for name, value in levels.items() if value != usual.get(name)}


def neighbours(factor: FactorSpec, level: Setting) -> tuple[Setting, ...]:
    """The levels next to ``level`` of an ordered factor."""
    places = [i for i, x in enumerate(factor.levels) if x == level]
    if not factor.ordered or not places:
        return ()
    return tuple(factor.levels[i] for i in (places[0] - 1, places[0] + 1) if 0 <= i < len(factor.levels))


def _declared(value: object, factor: FactorSpec, usual: Setting) -> Setting:
    """The level as it is declared; True is not 1 here, but a whole number may stand for a float."""
    for level in (*factor.levels, usual):
        if level == value and isinstance(level, bool) == isinstance(value, bool):
            return level
    raise ValueError(f"{value!r} is not a level of {factor.name}; its levels: {', '.join(map(str, factor.levels))}")
