"""Tests of which figures a study gets: a pure function of its design and of what was measured."""

from __future__ import annotations

import pytest
from support_runs import factorial_plan, fake_spec, three_condition_plan, two_condition_plan

from scientist.analysis.choice import FEW_SEEDS, Left, choose
from scientist.types import DatasetResult, IdeaKind, Plan, Run, RunResult, RunStatus

NOTHING = Left()


def results(plan: Plan, value: float = 0.5, **means: float) -> tuple[RunResult, ...]:
    measured = dict.fromkeys(plan.metrics, value) | means
    return tuple(
        RunResult(
            run=Run(condition=c.id, seed=s, status=RunStatus.OK, wall_s=1.0, sandbox="none", started_at=""),
            folder=f"nodes/{c.id}/seed_{s}",
            results={d: DatasetResult(means=measured) for d in plan.datasets},
        )
        for c in plan.conditions
        for s in plan.seeds
    )


def chosen(plan: Plan, left: Left = NOTHING, **means: float) -> list[tuple[str, str, str]]:
    found = choose(plan, fake_spec(), results(plan, **means), 1, left)
    return [(f.id, f.kind, f.place) for f in found]


@pytest.mark.parametrize(
    ("plan", "primary"),
    [
        (two_condition_plan(), ("effect", "paired")),
        (two_condition_plan(IdeaKind.ROBUSTNESS), ("effect", "paired")),
        (two_condition_plan(IdeaKind.INTERVENTION), ("effect", "paired")),
        (two_condition_plan(seeds=tuple(range(FEW_SEEDS + 1)), extension_seeds=(99,)), ("effect", "effect")),
        (two_condition_plan(IdeaKind.TRADE_OFF), ("trade_off", "trade_off")),
        (three_condition_plan(), ("dose", "dose")),
        (three_condition_plan().model_copy(update={"kind": IdeaKind.MAIN_EFFECT}), ("dose", "dose")),
        (factorial_plan(), ("interaction", "interaction")),
        (factorial_plan().model_copy(update={"kind": IdeaKind.MAIN_EFFECT}), ("effect", "effect")),
    ],
)
def test_the_primary_figure_has_the_form_of_the_design(plan: Plan, primary: tuple[str, str]) -> None:
    assert chosen(plan)[0] == (*primary, "main")


def test_pairs_behind_an_interaction_are_followed_in_the_appendix() -> None:
    assert ("seeds", "paired", "appendix") in chosen(factorial_plan())
    many = factorial_plan(seeds=tuple(range(FEW_SEEDS + 1)), extension_seeds=(99,))
    assert "seeds" not in [f[0] for f in chosen(many)]


def test_contrasts_of_several_metrics_share_one_axis_in_the_appendix() -> None:
    (found,) = [f for f in choose(three_condition_plan(), fake_spec(), results(three_condition_plan()), 1, NOTHING)
                if f.kind == "contrasts"]  # fmt: skip
    assert found.contrasts == ("also.ece", "also.steps_to_fit")
    assert found.place == "appendix"


def test_the_curves_that_fit_a_row_are_in_the_main_part() -> None:
    one = Left(frozenset({("val_acc", "addition"), ("train_loss", "addition")}))
    assert [f for f in chosen(two_condition_plan(), one) if f[1] == "curves"] == [("curves", "curves", "main")]
    plan = three_condition_plan()
    both = Left(frozenset((s, d) for s in ("val_acc", "train_loss") for d in plan.datasets))
    curves = [f for f in choose(plan, fake_spec(), results(plan), 1, both) if f.kind == "curves"]
    assert [(f.place, {s for s, _ in f.curves}) for f in curves] == [
        ("main", {"val_acc"}),
        ("appendix", {"train_loss"}),
    ]


def test_runs_that_missed_the_mark_get_a_figure_of_when_it_was_reached() -> None:
    plan = two_condition_plan(metric="steps_to_fit", sesoi=500.0)
    moved = tuple(c.model_copy(update={"metric": "steps_to_fit"}) for c in plan.contrasts)
    plan = plan.model_copy(update={"contrasts": moved})
    assert ("reached", "reached", "appendix") in chosen(plan, steps_to_fit=12_000.0)
    assert "reached" not in [f[0] for f in chosen(plan, steps_to_fit=11_000.0)]


def test_nothing_is_drawn_of_what_was_not_measured() -> None:
    plan = two_condition_plan()
    assert choose(plan, fake_spec(), (), 1, NOTHING) == ()
    assert [f.id for f in choose(plan, fake_spec(), (), 1, Left(samples=frozenset({"addition"})))] == ["samples"]


def test_the_choice_does_not_depend_on_the_order_of_runs() -> None:
    plan = factorial_plan()
    assert choose(plan, fake_spec(), results(plan), 1, NOTHING) == choose(
        plan, fake_spec(), results(plan)[::-1], 1, NOTHING
    )
