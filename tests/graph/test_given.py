"""Entering a run with a plan, an idea or results: what is refused, with file and field, before anything is made."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from scientist import api
from scientist.config import RunConfig
from scientist.errors import ScientistError, TemplateError, UsageError
from scientist.events import EventLog
from scientist.experiments.brought import bring, brought_seeds, check_brought
from scientist.experiments.scaffold import new_template
from scientist.experiments.stage import load_results
from scientist.experiments.template import load_template, template_hash
from scientist.graph.given import keep_venue, planned_for, read_given, with_kept_venue
from scientist.mind.base import Brief, PlanRequest
from scientist.mind.offline import OfflineMind
from scientist.types import Idea, Plan, TemplateSpec
from scientist.workspace import RunFolder, write_json
from scientist.writeup.venue import load_venue


@pytest.fixture
def study(tmp_path: Path) -> tuple[TemplateSpec, Idea, Plan]:
    new_template("descent", tmp_path)
    spec = load_template(tmp_path / "descent")
    brief = Brief(topic="step size", template=spec, preset="smoke", references=(), budget_minutes=60, workers=2)
    idea = OfflineMind().ideas(brief)[0]
    plan = OfflineMind().plan(
        PlanRequest(idea=idea, template=spec, template_hash=template_hash(Path(spec.path)), preset="smoke", seeds=2,
                    first_seed=1, alpha=0.05, looks=2)
    )  # fmt: skip
    return spec, idea, plan


def written(tmp_path: Path, study: tuple[TemplateSpec, Idea, Plan], **changes: Any) -> Path:
    """A plan.json, changed, with its ideas.json beside it."""
    _, idea, plan = study
    write_json(tmp_path / "ideas.json", {"ranked": [{"idea": idea.model_dump(mode="json")}]})
    write_json(tmp_path / "plan.json", {**plan.model_dump(mode="json"), **changes})
    return tmp_path / "plan.json"


def config(tmp_path: Path, **settings: Any) -> RunConfig:
    return RunConfig(template=str(tmp_path / "descent"), **{k: str(v) for k, v in settings.items()})


def results(tmp_path: Path, plan: Plan, spec: TemplateSpec, name: str = "seed_{seed}") -> Path:
    folder = tmp_path / "results"
    for i, condition in enumerate(plan.conditions):
        for k, seed in enumerate(plan.seeds):
            means = dict.fromkeys(plan.metrics, 1.0 + i + k / 10)
            place = folder / condition.id / name.format(seed=seed, index=k)
            place.mkdir(parents=True)
            write_json(place / "final_info.json", {d: {"means": means} for d in plan.datasets})
    return folder


def test_a_plan_brings_topic_template_and_preset(tmp_path: Path, study: tuple[TemplateSpec, Idea, Plan]) -> None:
    topic, settings, given = read_given(None, config(tmp_path, plan=written(tmp_path, study)))
    assert (topic, settings.preset, given.plan, given.idea) == (study[2].question, "smoke", study[2], study[1])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"alpha": 2}, r"field 'alpha'.*less than 1.*got 2"),
        ({"seeds": "all"}, "field 'seeds'"),
        ({"extra": 1}, "field 'extra'"),
        ({"idea_id": "other"}, "does not hold the idea 'other'"),
    ],
)
def test_a_plan_that_is_none_names_file_and_field(
    tmp_path: Path, study: tuple[TemplateSpec, Idea, Plan], changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(UsageError, match=told) as caught:
        read_given(None, config(tmp_path, plan=written(tmp_path, study, **changes)))
    assert "plan.json" in caught.value.message


def test_a_plan_for_another_version_of_the_template_is_refused(
    tmp_path: Path, study: tuple[TemplateSpec, Idea, Plan]
) -> None:
    file = written(tmp_path, study)
    with (tmp_path / "descent" / "experiment.py").open("a") as f:
        f.write("# another version\n")
    with pytest.raises(TemplateError, match=r"field .template_hash.*made for other code"):
        read_given(None, config(tmp_path, plan=file))


def test_nothing_is_made_for_a_file_that_is_refused(tmp_path: Path) -> None:
    (tmp_path / "idea.json").write_text('{"id": "x"}')
    with pytest.raises(ScientistError, match=r"(?s)idea\.json is not an idea.*field 'template'") as caught:
        api.run(idea=str(tmp_path / "idea.json"), experiments_dir=str(tmp_path / "runs"))
    assert caught.value.exit_code == 2 and not (tmp_path / "runs").exists()
    with pytest.raises(UsageError, match="no stage is called 'typeset'"):
        api.run("a topic", until="typeset")


@pytest.mark.parametrize("name", ["seed_{seed}", "run_{index}"])
def test_brought_results_are_kept_as_such(tmp_path: Path, study: tuple[TemplateSpec, Idea, Plan], name: str) -> None:
    spec, _, plan = study
    folder = results(tmp_path, plan, spec, name)
    run = RunFolder(tmp_path / "run", tmp_path / "papers")
    run.root.mkdir()
    for _ in range(2):  # a second call, as after a kill, keeps what is there
        bring(folder, plan=plan, spec=spec, run=run, events=EventLog(run.events))
    kept = load_results(plan=plan, seeds=plan.seeds, folder=run)
    assert len(kept) == len(plan.conditions) * len(plan.seeds)
    assert all(r.run.brought and r.run.sandbox == r.run.device == "not run here" for r in kept)
    assert kept[0].results[plan.datasets[0]].means[plan.metric] == 1.0
    from scientist.analysis.ledger import build_evidence

    evidence = build_evidence(plan=plan, plan_sha256="", spec=spec, results=kept, look=1)
    assert any("brought" in w for w in evidence.warnings)
    means = [q for q in evidence.quantities if q.kind == "mean"]
    assert means and all("brought, not run here" in q.method for q in means)
    assert not any("brought" in q.method for q in evidence.quantities if q.kind == "setting")


def test_results_that_do_not_fit_the_plan_name_each_file(
    tmp_path: Path, study: tuple[TemplateSpec, Idea, Plan]
) -> None:
    spec, _, plan = study
    folder = results(tmp_path, plan, spec)
    first, second = (folder / c.id / "seed_1" / "final_info.json" for c in plan.conditions[:2])
    first.write_text(json.dumps({plan.datasets[0]: {"means": {plan.metric: float("inf")}}}))
    second.unlink()
    (folder / "stranger" / "seed_1").mkdir(parents=True)
    (folder / "stranger" / "seed_1" / "final_info.json").write_text("{}")
    with pytest.raises(UsageError) as caught:
        check_brought(folder, plan, spec)
    told = caught.value.message
    assert f"{first}: final_info.json {plan.datasets[0]}.means.{plan.metric} is inf, not a finite number" in told
    assert f"{second} is missing" in told and "stranger is no condition of the plan" in told
    with pytest.raises(UsageError, match=r"holds no final_info\.json"):
        brought_seeds(tmp_path / "descent")


def test_a_plan_for_results_that_exist_has_their_seeds_and_none_in_reserve(
    tmp_path: Path, study: tuple[TemplateSpec, Idea, Plan]
) -> None:
    spec, _, plan = study
    made = planned_for(plan, brought_seeds(results(tmp_path, plan, spec)))
    assert (made.seeds, made.extension_seeds, made.looks) == (plan.seeds, (), 1)
    assert "before the plan" in made.stopping_rule


def test_a_style_of_ones_own_goes_with_the_run(tmp_path: Path) -> None:
    style = tmp_path / "mystyle"
    style.mkdir()
    for name in ("venue.toml", "my.sty", "front.tex.j2", "holiday.jpg"):
        (style / name).write_text('title = "t"\ndocumentclass = "article"\nbibliography_style = "plainnat"\n')
    run = RunFolder(tmp_path / "run", tmp_path / "papers")
    config = RunConfig(venue_dir=str(style))
    assert with_kept_venue(run, config) == config  # as in runs from before styles were kept
    keep_venue(run, config)
    shutil.rmtree(style)
    kept = with_kept_venue(run, config)
    venue = load_venue(kept.venue, kept.venue_dir)
    assert venue.name == "mystyle" and venue.folder.is_relative_to(run.root)
    assert sorted(p.name for p in venue.folder.iterdir()) == ["front.tex.j2", "my.sty", "venue.toml"]
    assert with_kept_venue(run, RunConfig()) == RunConfig()
