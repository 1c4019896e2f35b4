"""When a model's budget is spent, the offline mind decides from then on, and it is said."""

from __future__ import annotations

import pytest

from scientist.errors import BudgetSpent, ModelUnavailable
from scientist.mind.handover import Handover
from scientist.mind.llm import LLMMind
from scientist.mind.offline import OfflineMind
from scientist.models.scripted import Script
from scientist.types import TemplateSpec

SPEC = TemplateSpec(name="t", path="/t", contract="scientist", title="Weight decay", keywords=("weight decay",))


class Model(OfflineMind):
    """A mind whose queries end with an error."""

    name = "model"

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.asked = 0

    def queries(self, topic: str, template: TemplateSpec) -> tuple[str, ...]:
        self.asked += 1
        raise self.error


def test_a_spent_budget_hands_over_once_and_for_all() -> None:
    told: list[tuple[str, str]] = []
    model = Model(BudgetSpent("no money left"))
    mind = Handover(model, OfflineMind(), lambda what, why: told.append((what, why)))
    expected = OfflineMind().queries("does weight decay help?", SPEC)
    assert mind.queries("does weight decay help?", SPEC) == expected
    assert mind.queries("does weight decay help?", SPEC) == expected
    assert model.asked == 1
    assert told == [("queries", "no money left")]
    assert mind.name == "model"


def test_other_errors_are_the_users_to_see() -> None:
    mind = Handover(Model(ModelUnavailable("gone")), OfflineMind(), lambda what, why: None)
    with pytest.raises(ModelUnavailable):
        mind.queries("topic", SPEC)


def test_a_paper_names_a_models_file_without_its_folders() -> None:
    assert LLMMind(Script([], name="local:/home/someone/small.gguf")).name == "local:small.gguf"
    assert LLMMind(Script([], name="openai:org/name")).name == "openai:org/name"
