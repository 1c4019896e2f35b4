"""What calls cost: the packaged table, a user's own before it, and the estimate of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from scientist.errors import UsageError
from scientist.models.base import Strength
from scientist.models.estimates import estimate
from scientist.models.prices import load_prices


def own(tmp_path: Path, text: str) -> dict[str, str]:
    (tmp_path / "mine.toml").write_text(text)
    return {"SCIENTIST_PRICES": str(tmp_path / "mine.toml")}


@pytest.mark.parametrize(
    ("spec", "known", "strength"),
    [
        ("openai:gpt-4o-mini-2024-07-18", True, Strength.MEDIUM),
        ("openai:gpt-4o", True, Strength.STRONG),
        ("anthropic:claude-sonnet-4-5", True, Strength.STRONG),
        ("anthropic:claude-of-tomorrow", False, Strength.STRONG),
        ("openai:my-own-model", False, Strength.MEDIUM),
        ("ollama:llama3.2", True, Strength.WEAK),
        ("local:/models/a.gguf", True, Strength.WEAK),
    ],
)
def test_the_first_pattern_that_fits_counts(tmp_path: Path, spec: str, known: bool, strength: Strength) -> None:
    price = load_prices(own(tmp_path, "")).of(spec)
    assert (price.known, price.strength) == (known, strength)


def test_every_packaged_row_has_a_date_and_a_context_or_is_local(tmp_path: Path) -> None:
    rows = load_prices(own(tmp_path, "")).rows
    assert rows and all(row.as_of for row in rows)
    assert all(row.context for row in rows if row.input)


def test_a_users_table_goes_first(tmp_path: Path) -> None:
    environ = own(tmp_path, '[[models]]\npattern = "openai:gpt-4o*"\ninput = 9\noutput = 10\nstrength = "weak"\n')
    price = load_prices(environ).of("openai:gpt-4o-mini")
    assert (price.input, price.strength, price.cost(1_000_000, 100_000)) == (9, Strength.WEAK, 10)


def test_what_the_cache_held_or_took_has_a_price_of_its_own(tmp_path: Path) -> None:
    environ = own(tmp_path, '[[models]]\npattern = "a:*"\ninput = 10\ncached = 1\nwritten = 12\noutput = 100\n')
    price = load_prices(environ).of("a:b")
    assert price.cost(1_000_000, 0, cached=500_000, written=250_000) == pytest.approx(2.5 + 0.5 + 3.0)
    assert price.worst(1_000_000, 10_000) == pytest.approx(13)


@pytest.mark.parametrize("text", ["models = 3", "[[models]]\ninput = 1", '[[models]]\npattern = "a"\nprice = 1', "[["])
def test_a_table_that_cannot_be_read_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match=r"mine\.toml"):
        load_prices(own(tmp_path, text))


def test_an_estimate_names_tokens_and_dollars_where_it_can(tmp_path: Path) -> None:
    prices = load_prices(own(tmp_path, '[[models]]\npattern = "a:*"\ninput = 10\noutput = 100\n'))
    calls = {"write/section": 8, "review/judge": 3}
    known = estimate(calls, {"default": "a:b"}, prices)
    assert known.calls == 11 and known.usd is not None and known.usd > 1 and "USD" in known.text
    mixed = estimate(calls, {"default": "a:b", "review": "b:c"}, prices)
    assert mixed.usd is None and "not known" in mixed.text and mixed.input_tokens == known.input_tokens
    assert "free" in estimate(calls, {"default": "local:x"}, prices).text
