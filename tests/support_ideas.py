"""A small template that a model can study, briefs of it, and replies with ideas, for tests of ideation."""

from __future__ import annotations

from typing import Any

from scientist.mind.base import Brief
from scientist.types import (
    FactorSpec,
    HypothesisSpec,
    Paper,
    PresetSpec,
    Reference,
    SlotSpec,
    TemplateSpec,
    TemplateText,
)
from tests.support_runs import fake_spec

TOPIC = "Why does weight decay make a small network generalise sooner?"


def study_spec() -> TemplateSpec:
    """The fake template with a categorical factor, a hypothesis, presets, a slot and prose."""
    spec = fake_spec()
    optimiser = FactorSpec(
        name="optimiser", type="categorical", levels=("sgd", "adam"), baseline="adam", label="optimiser",
        description="the rule of the update",
    )  # fmt: skip
    hypothesis = HypothesisSpec(
        id="decay_helps", statement="Weight decay raises validation accuracy.", factor="weight_decay", control=0.0,
        treatment=1.0, metric="val_acc", direction="increase", because="small weights generalise",
        keywords=("regularisation",), moderator="train_fraction",
    )  # fmt: skip
    return spec.model_copy(
        update={
            "title": "Small networks on modular arithmetic",
            "summary": "When does a small network generalise?",
            "keywords": ("grokking", "weight decay", "generalisation"),
            "factors": (*spec.factors, optimiser),
            "hypotheses": (hypothesis,),
            "presets": (
                PresetSpec(name="cpu", seeds=6, seconds_per_run=10.0, settings={"hidden": 64, "steps": 12_000}),
            ),
            "slots": (
                SlotSpec(name="loss", file="experiment.py", function="loss_of", purpose="the loss that is minimised"),
            ),
            "text": TemplateText(
                method=("A network of {cfg.hidden} units is trained for {cfg.steps} steps~{cite.someone}.",
                        "{only.optimiser} Both rules share a schedule."),
                limitations=("The network is small.",),
            ),
        }
    )  # fmt: skip


def references() -> tuple[Reference, ...]:
    papers = (
        Paper(id="a", title="Grokking and the norm of the weights", year=2023, source="test",
              abstract="We show that the delay of generalisation depends on the norm of the initial weights."),
        Paper(id="b", title="Decoupled decay", year=2019, source="test"),
    )  # fmt: skip
    return tuple(
        Reference(key=f"author{p.year}{p.id}", paper=p, query="weight decay grokking", score=1.0) for p in papers
    )


def brief(**changes: Any) -> Brief:
    fields: dict[str, Any] = {
        "topic": TOPIC, "template": study_spec(), "preset": "cpu", "references": references(), "budget_minutes": 10,
        "workers": 2, "queries": ("weight decay grokking",),
    }  # fmt: skip
    return Brief(**{**fields, **changes})


def proposal(**changes: Any) -> dict[str, Any]:
    """One idea as a model replies: a main effect of weight decay between two levels that no hypothesis pairs."""
    fields: dict[str, Any] = {
        "question": "Does a little weight decay already raise validation accuracy?",
        "hypothesis": "A little weight decay raises validation accuracy.",
        "because": "Decay removes what memorising needs. If the norm did not matter, accuracy would stay.",
        "papers": ["author2023a"], "kind": "main_effect", "control": "weight_decay=0", "treatment": "weight_decay=0.1",
        "further_levels": [], "moderator_levels": [], "change_label": None, "change_description": None,
        "change_slot": None, "datasets": ["addition"], "metric": "val_acc", "second_metric": None,
        "direction": "increase", "title": "A little weight decay", "interestingness": 7, "feasibility": 9, "novelty": 5,
        "scores_reason": "Cheap, and two accounts differ.",
    }  # fmt: skip
    return {**fields, **changes}


INTERVENTION = {
    "kind": "intervention", "control": None, "treatment": None, "change_label": "norm penalty on the embedding",
    "change_description": "The loss is the cross-entropy now; add to it the squared norm of the embedding times a "
    "hundredth, computed before the update.",
    "change_slot": "loss",
}  # fmt: skip


def proposals(*ideas: dict[str, Any]) -> dict[str, Any]:
    return {"thoughts": "The papers disagree on the role of the norm.", "ideas": list(ideas)}
