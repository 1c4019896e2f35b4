"""Tests of the tables: only quantities, the right shape, and a width that fits."""

from __future__ import annotations

import re

from support_runs import fake_spec, three_condition_plan, write_runs

from scientist.analysis.ledger import build_evidence
from scientist.analysis.tables import build_tables
from scientist.types import MetricSpec

NAMED = re.compile(r"\\(?:val|ci)\{([^{}]+)\}")


def parts(tables):
    for t in tables:
        yield from (s.text for s in t.caption)
        yield from (cell for row in (t.header, *t.rows) for cell in row)


def test_cells_and_captions_name_known_quantities_and_type_no_digit(study):
    tables = build_tables(study.plan, study.spec, study.evidence)
    known = {q.id: q for q in study.evidence.quantities}
    for text in parts(tables):
        assert not re.search(r"\d", NAMED.sub("", text)), text
        assert set(NAMED.findall(text)) <= set(known)
        for interval in re.findall(r"\\ci\{([^{}]+)\}", text):
            assert known[interval].display_interval


def test_rows_have_a_cell_for_each_column(study):
    for t in build_tables(study.plan, study.spec, study.evidence):
        columns = re.findall(r"[lcr]|p\{0\.\d+\\linewidth\}", t.align)
        assert "".join(columns) == t.align
        assert {len(r) for r in (t.header, *t.rows)} == {len(columns)}


def test_ids(study):
    ids = [t.id for t in build_tables(study.plan, study.spec, study.evidence)]
    assert ids == (["design", "main"] if study.name == "runs" else ["design", "main", "tests"])


def test_every_contrast_has_its_verdict(dose):
    tests = build_tables(dose.plan, dose.spec, dose.evidence)[2]
    asked = {c.contrast: c.hypothesised != "none" for c in dose.evidence.claims}
    verdicts = {
        c.contrast: c.verdict.value if asked[c.contrast] or not c.significant else c.observed
        for c in dose.evidence.claims
    }
    assert [row[-1] for row in tests.rows] == [verdicts[c.id] for c in dose.plan.contrasts]
    assert [row[3] for row in tests.rows].count("--") == 2


def test_failures_are_in_the_design_table(dose):
    design = build_tables(dose.plan, dose.spec, dose.evidence)[0]
    assert design.rows[0][-1] == r"\val{runs.ok.weight_decay-0}"
    assert dose.evidence.quantity("runs.ok.weight_decay-0").value == 5


def test_metrics_that_do_not_fit_side_by_side_stand_below_each_other(tmp_path):
    spec = fake_spec()
    label = "validation accuracy at the end of training"
    metrics = tuple(MetricSpec.model_validate({**m.model_dump(), "label": f"{label} {m.label}"}) for m in spec.metrics)
    spec = spec.model_copy(update={"metrics": metrics})
    plan = three_condition_plan()
    evidence = build_evidence(plan=plan, plan_sha256="0", spec=spec, results=write_runs(tmp_path, plan), look=1)
    main = build_tables(plan, spec, evidence)[1]
    assert main.header[0] == "Metric"
    assert len(main.rows) == 3 * 2 * 3
