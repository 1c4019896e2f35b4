"""Folders of the published AI Scientist contract, which run unmodified and declare nothing."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from scientist.errors import TemplateError
from scientist.types import RelatedSpec, TemplateSpec

KEYWORDS = 12
_COMMON = frozenset(
    """
    a about above after all also an and any are as at be been being between both but by can code could design
    does each experiment experiments file following for from given has have how if in including into is it its
    like make may method model models more most new not of on one only or other our over paper provided research
    result results run should show so some such task that the their them then there these they this to training
    under use used using very want was we what when where which will with within would you your
    """.split()
)


REPEATABILITY = (
    RelatedSpec(
        id="henderson2018",
        title="Deep Reinforcement Learning That Matters",
        arxiv_id="1709.06560",
        claim="In deep reinforcement learning, averages over different random seeds of one configuration were "
        "found to differ significantly {cite}.",
    ),
    RelatedSpec(
        id="sivaprasad2020",
        title="Optimizer Benchmarking Needs to Account for Hyperparameter Tuning",
        claim="Rankings of optimisers were shown to depend on how much tuning each of them is given {cite}, "
        "a reminder that a baseline has more sources of variation than its seed.",
    ),
    RelatedSpec(
        id="lucic2018",
        title="Are GANs Created Equal? A Large-Scale Study",
        arxiv_id="1711.10337",
        claim="In a large study of generative adversarial networks, most models reached similar scores once each "
        "had enough tuning and random restarts {cite}.",
    ),
)
"""What may be said of related work where a folder names none: its one question is how far results repeat."""


def v1_spec(folder: Path) -> TemplateSpec:
    """What can be known of a v1 folder without running it; its metrics and data sets are found by a run.

    ``prompt.json`` (``task_description``) and ``seed_ideas.json`` (``Title``, ``Experiment``) are optional.
    Raises TemplateError if one of them is there and is not JSON.
    """
    prompt = _json(folder / "prompt.json")
    ideas = _json(folder / "seed_ideas.json")
    summary = _text(prompt.get("task_description")) if isinstance(prompt, dict) else ""
    listed = [i for i in ideas if isinstance(i, dict)] if isinstance(ideas, list) else []
    words = [summary, *(_text(idea.get(key)) for idea in listed for key in ("Title", "Experiment"))]
    return TemplateSpec(
        name=_identifier(folder.name),
        path=str(folder),
        contract="v1",
        title=_title(folder.name),
        summary=summary,
        keywords=_keywords(f"{_title(folder.name)} {_title(folder.name)} {' '.join(words)}"),
        related=REPEATABILITY,
    )


def _json(file: Path) -> Any:
    if not file.is_file():
        return None
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except ValueError as e:
        raise TemplateError(f"{file} is not JSON: {e}", "mend it, or remove it: it is optional") from e


def _text(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _identifier(name: str) -> str:
    return re.sub(r"[^a-z0-9_.\-]+", "_", name.lower()).lstrip("_.-") or "template"


def _title(name: str) -> str:
    return re.sub(r"[_\-.\s]+", " ", name).strip()


def _keywords(text: str) -> tuple[str, ...]:
    """The most frequent content words, the earliest first among equals."""
    words = [w for w in re.findall(r"[a-z][a-z0-9\-]+", text.lower()) if w not in _COMMON and len(w) > 2]
    return tuple(word for word, _ in Counter(words).most_common(KEYWORDS))
