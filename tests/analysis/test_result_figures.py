"""Tests of the figures: what is drawn, that it is reproducible and embeddable, and that its data lie beside it."""

from __future__ import annotations

import csv
import re

import numpy as np
import pytest

from scientist.analysis.observations import observe
from scientist.analysis.records import average, read_series
from scientist.errors import TemplateError
from scientist.types import Figure


@pytest.fixture
def figures(study, studies) -> tuple[Figure, ...]:
    return studies.figures(study.name)


def test_the_form_follows_the_question(study, figures):
    expected = [study.name, "curves"] + ([] if study.name == "runs" else ["samples"])
    assert [f.kind for f in figures] == expected
    assert [f.file for f in figures] == [f"figures/{k}.pdf" for k in expected]


def test_files_are_vector_pdfs_with_embedded_truetype(study, figures):
    for f in figures:
        data = (study.root / f.file).read_bytes()
        assert data.startswith(b"%PDF")
        assert b"/Type3" not in data
        assert b"CreationDate" not in data


def test_drawing_twice_gives_the_same_bytes(studies, tmp_path):
    study = studies.get("trade_off")
    for first, again in zip(studies.figures("trade_off"), studies.draw(study, tmp_path), strict=True):
        for name in ("file", "data_file"):
            assert (study.root / getattr(first, name)).read_bytes() == (tmp_path / getattr(again, name)).read_bytes()


def test_captions_type_no_number_and_bind_claims_where_they_print_contrasts(study, figures):
    known = {q.id for q in study.evidence.quantities}
    for f in figures:
        assert f.caption
        for s in f.caption:
            assert not re.search(r"\d", re.sub(r"\\(?:val|ci)\{[^{}]+\}", "", s.text)), s.text
            named = set(re.findall(r"\\(?:val|ci)\{([^{}]+)\}", s.text))
            assert named <= known
            contrasts = {n.removeprefix("effect.") for n in named if n.startswith("effect.")}
            assert {f"claim.{c}" for c in contrasts} == set(s.claims)


def test_data_file_holds_the_values_that_are_drawn(dose, studies):
    drawn = studies.figures("dose")
    rows = list(csv.DictReader((dose.root / drawn[0].data_file).open()))
    means = [r for r in rows if r["seed"] == "mean"]
    singles = [r for r in rows if r["seed"].isdigit()]
    assert len(means) == 2 * 3
    assert len(singles) == 2 * (5 + 6 + 6)
    shown = float(next(r for r in means if (r["panel"], r["condition"]) == ("addition", "weight_decay-1"))["value"])
    assert shown == dose.evidence.quantity("mean.weight_decay-1.addition.val_acc").value


@pytest.mark.parametrize(
    "text", ['{"addition": [1, 2]}', "{", '{"addition": {"series": {"a": [[1, 2, 3], [4, 5, 6]]}}}']
)
def test_broken_curves_are_an_error_that_names_the_file(dose, tmp_path, text):
    run = dose.results[-1]
    (tmp_path / run.folder).mkdir(parents=True)
    (tmp_path / run.folder / "curves.json").write_text(text)
    with pytest.raises(TemplateError, match=r"seed_6/curves\.json"):
        read_series(observe(dose.plan, dose.results, 1), tmp_path)


def test_curves_are_averaged_where_all_seeds_have_them():
    runs = {1: np.array([[0, 0.0], [10, 10.0]]), 2: np.array([[0, 2.0], [5, 7.0], [20, 22.0]])}
    curve = average(runs, 0.95, log=False)
    assert curve.x.tolist() == [0, 5, 10]
    assert curve.mean.tolist() == [1, 6, 11]
    assert (curve.high - curve.mean).tolist() == pytest.approx([12.706 * 1.0] * 3, abs=1e-3)


def test_geometric_means_on_log_axes():
    runs = {1: np.array([[1, 1.0]]), 2: np.array([[1, 100.0]])}
    assert average(runs, 0.95, log=True).mean.tolist() == pytest.approx([10.0])
    assert np.isnan(average({1: runs[1]}, 0.95, log=False).low).all()
