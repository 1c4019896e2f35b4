"""Tests of the figures: what is drawn, that it is reproducible and embeddable, and that its data lie beside it."""

from __future__ import annotations

import csv
from itertools import combinations

import numpy as np
import pytest
from matplotlib.text import Text

from scientist.analysis.figures import drawings
from scientist.analysis.observations import observe
from scientist.analysis.records import average, read_series
from scientist.analysis.style import styled
from scientist.analysis.tables import build_tables
from scientist.errors import TemplateError
from scientist.types import Draft, Figure, Section, Sentence
from scientist.writeup.checks import check_draft, errors
from scientist.writeup.draft import APPENDIX, with_further_figures

NUMBERS = ("value", "low", "high", "x", "x_low", "x_high")


FORMS = {
    "dose": ["dose", "curves", "samples", "more_curves", "contrasts"],
    "interaction": ["interaction", "seeds"],
    "effect": ["effect", "curves", "samples", "more_curves"],
    "trade_off": ["trade_off", "contrasts"],
    "runs": ["runs", "curves", "more_curves"],
    "cells": ["effect"],
    "censored": ["dose", "reached"],
}
TYPE = (6.9, 9.1)
"""Points of type, after scaling, that a paper's column can have; a little of rounding is allowed."""
SCALES = {"column": (3.25 / 3.5, 0.62 * 6.3 / 3.5), "full": (6.3 / 6.5, 7.0 / 6.5)}
"""By how much a figure is scaled in two columns and in one."""


@pytest.fixture
def figures(drawn, studies) -> tuple[Figure, ...]:
    return studies.figures(drawn.name)


def test_the_form_follows_the_question(drawn, figures):
    assert sorted(f.id for f in figures) == sorted(FORMS[drawn.name])
    assert all(f.file == f"figures/{f.id}.pdf" for f in figures)
    assert all((f.pointer is None) == (f.place == "main") for f in figures)


def test_files_are_vector_pdfs_with_embedded_truetype(drawn, figures):
    for f in figures:
        data = (drawn.root / f.file).read_bytes()
        assert data.startswith(b"%PDF")
        assert b"/Type3" not in data
        assert b"CreationDate" not in data


def test_drawing_twice_gives_the_same_bytes(studies, tmp_path):
    study = studies.get("trade_off")
    for first, again in zip(studies.figures("trade_off"), studies.draw(study, tmp_path), strict=True):
        for name in ("file", "data_file"):
            assert (study.root / getattr(first, name)).read_bytes() == (tmp_path / getattr(again, name)).read_bytes()


def test_captions_and_the_appendix_pass_the_checks_of_a_draft(drawn, figures):
    tables = build_tables(drawn.plan, drawn.spec, drawn.evidence)
    floats = [rf"\ref{{tab:{t.id}}}" for t in tables] + [rf"\ref{{fig:{f.id}}}" for f in figures if f.place == "main"]
    results = Section(name="results", title="Results", paragraphs=((Sentence(text=f"See {', '.join(floats)}."),),))
    placement = {"results": tuple(x.id for x in (*tables, *(f for f in figures if f.place == "main")))}
    draft = Draft(title="Does it?", sections=(results,), tables=tables, figures=figures, placement=placement)
    draft = with_further_figures(draft)
    assert not errors(check_draft(draft, drawn.evidence))
    assert (draft.sections[-1].name == APPENDIX) == any(f.place == "appendix" for f in figures)


def test_captions_say_how_many_seeds_and_what_the_interval_is(drawn, figures):
    (primary, *_) = (" ".join(s.text for s in f.caption) for f in figures)
    assert r"\val{plan.level} $t$ intervals over \val{plan.seeds} seeds" in primary


def test_captions_count_the_seeds_that_were_run(studies):
    """Where the time budget ended the runs, fewer than were planned."""
    s = studies.get("effect")
    planned = s.evidence.quantity("plan.seeds")
    short = s.evidence.model_copy(
        update={"quantities": (*s.evidence.quantities, planned.model_copy(update={"id": "runs.seeds"}))}
    )
    with styled():
        found = drawings(plan=s.plan, spec=s.spec, results=s.results, evidence=short, run_root=s.root)
        told = " ".join(t.text for _, drawing in found for t in drawing.caption)
    assert r"\val{runs.seeds} seeds" in told and "plan.seeds" not in told


def test_every_coordinate_that_is_drawn_is_in_the_data_file(drawn, studies, figures):
    """The CSV alone is enough to draw the figure again."""
    for (wanted, drawing), figure in zip(studies.drawings(drawn.name), figures, strict=True):
        assert wanted.id == figure.id
        rows = list(csv.DictReader((drawn.root / figure.data_file).open()))
        assert all(r["metric"] and r["part"] for r in rows)
        numbers = {round(float(r[k]), 9) for r in rows for k in NUMBERS if _is_number(r[k])}
        for ax in drawing.canvas.axes:
            for line in ax.get_lines():
                if line.get_transform() == ax.transData:
                    for x, y in zip(*line.get_data(), strict=True):
                        assert round(float(x), 9) in numbers or round(float(y), 9) in numbers, (figure.id, x, y)


def test_no_text_overlaps_another_or_leaves_the_figure(drawn, studies):
    for wanted, drawing in studies.drawings(drawn.name):
        boxes = [(t.get_text(), b) for t, b in _texts(drawing.canvas)]
        whole = drawing.canvas.bbox
        for text, box in boxes:
            inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= whole.x1 + 1 and box.y1 <= whole.y1 + 1
            assert inside, (wanted.id, text)
        for (a, first), (b, second) in combinations(boxes, 2):
            width = min(first.x1, second.x1) - max(first.x0, second.x0)
            height = min(first.y1, second.y1) - max(first.y0, second.y0)
            assert width <= 0.5 or height <= 0.5, (wanted.id, a, b)


def test_legends_cover_no_axes_and_type_is_of_a_legible_size(drawn, studies, figures):
    for (wanted, drawing), figure in zip(studies.drawings(drawn.name), figures, strict=True):
        for legend in drawing.canvas.legends:
            box = legend.get_window_extent()
            assert not any(box.overlaps(ax.get_window_extent()) for ax in drawing.canvas.axes), wanted.id
        for text, _ in _texts(drawing.canvas):
            for scale in SCALES[figure.width]:
                assert TYPE[0] <= text.get_fontsize() * scale <= TYPE[1], (wanted.id, text.get_text())


def test_data_file_holds_the_values_that_are_drawn(dose, studies):
    rows = list(csv.DictReader((dose.root / studies.figures("dose")[0].data_file).open()))
    means = [r for r in rows if r["part"] == "mean"]
    assert len(means) == 2 * 3
    assert sum(r["part"] == "run" for r in rows) == 2 * (5 + 6 + 6)
    one = next(r for r in means if (r["dataset"], r["series"]) == ("addition", "weight_decay-1"))
    assert float(one["value"]) == dose.evidence.quantity("mean.weight_decay-1.addition.val_acc").value
    assert (one["unit"], one["x"], one["x_name"], one["level"]) == ("fraction", "1.0", "weight decay", "0.975")


def test_runs_that_did_not_reach_the_mark_are_drawn_open(studies):
    drawing = next(d for w, d in studies.drawings("censored") if w.id == "dose")
    missed = [m for m in drawing.marks if m.note == "not reached"]
    assert missed and all(m.value == 12_000 for m in missed)
    faces = [line.get_markerfacecolor() for ax in drawing.canvas.axes for line in ax.get_lines()]
    assert faces.count("white") >= len(missed)
    assert "open dots at the dotted line did not reach the mark" in " ".join(s.text for s in drawing.caption)


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


def _is_number(text):
    try:
        return np.isfinite(float(text))
    except ValueError:
        return False


def _texts(canvas):
    """Every text that is seen, with its box in pixels."""
    for text in canvas.findobj(Text):
        if text.get_visible() and text.get_text().strip():
            box = text.get_window_extent()
            if _shown(text, canvas):
                yield text, box


def _shown(text, canvas):
    """Tick labels beyond the limits of their axis exist and are not drawn."""
    for ax in canvas.axes:
        for axis, limits in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                if text in (tick.label1, tick.label2):
                    at = tick.get_loc()
                    return ax.axison and min(limits) <= at <= max(limits)
    return True
