"""The scales of review forms: each form's own scores, and the common 1 to 10."""

from __future__ import annotations

import pytest

from scientist.mind.scales import (
    PARTS,
    allowed,
    common_overall,
    field_of,
    filled,
    meaning,
    own_overall,
    own_reasons,
    own_scores,
    snapped,
)
from scientist.review.form import FORMS, KNOWN

ICLR, TMLR, ICML = FORMS["iclr"], FORMS["tmlr"], FORMS["icml"]


@pytest.mark.parametrize("name", KNOWN)
def test_the_bar_of_every_form_is_six_of_ten(name: str) -> None:
    form = FORMS[name]
    field = field_of(form, "overall")
    assert [common_overall(form, x) for x in (field.low, form.accept_at, field.high)] == [1, 6, 10]
    common = [common_overall(form, x) for x in allowed(field)]
    assert common == sorted(set(common))
    assert [own_overall(form, x) for x in common] == pytest.approx(allowed(field), abs=0.02)


@pytest.mark.parametrize("name", ["neurips", "iclr"])
def test_forms_on_ten_keep_their_scores(name: str) -> None:
    assert [common_overall(FORMS[name], x) for x in (1, 3, 5.5, 8)] == [1, 3, 5.5, 8]


def test_scores_that_a_form_does_not_have_are_snapped_down() -> None:
    field = field_of(ICLR, "overall")
    assert [snapped(field, x) for x in (1, 2, 4, 5.4, 7, 7.1, 12)] == [1, 1, 3, 5, 6, 8, 10]
    assert meaning(ICLR, "overall", 7.9) == meaning(ICLR, "overall", 6)
    assert meaning(ICLR, "overall", 0) == meaning(ICLR, "overall", 1)


def test_a_form_is_filled_from_the_scores_of_another() -> None:
    known = {**dict.fromkeys(PARTS, 3), "soundness": 4, "significance": 1, "overall": 4.0, "confidence": 2}
    scores = own_scores(TMLR, known)
    assert scores == {"claims_and_evidence": 2, "audience": 1, "clarity": 3, "overall": 2.2, "confidence": 2}
    fields = filled(TMLR, scores)
    assert fields["overall"] == pytest.approx(4.0, abs=0.01) and fields["clarity"] == 3
    assert "soundness" not in fields and fields["scores"] == scores and fields["form"] == "tmlr"
    reasons = own_reasons(TMLR, {name: f"because of {name}" for name in known})
    assert reasons["audience"] == "because of significance" and set(reasons) == set(scores)
    assert reasons["overall"].endswith("(That is on 1 to 10, where 6 accepts.)")
    assert own_reasons(ICLR, {**reasons, **dict.fromkeys(PARTS, "r"), "overall": "o"})["overall"] == "o"


def test_more_is_never_less_on_any_form() -> None:
    for form in FORMS.values():
        last = own_scores(form, {**dict.fromkeys(PARTS, 1), "overall": 1.0, "confidence": 1})
        for step in (2, 3, 4):
            known = {**dict.fromkeys(PARTS, step), "overall": 3.0 * step - 2, "confidence": step}
            now = own_scores(form, known)
            assert all(now[name] >= last[name] for name in now) and now["overall"] > last["overall"]
            last = now
