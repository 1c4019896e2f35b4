"""``scientist models``: try a language model out, and list what is known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from scientist.cli.options import BaseUrl, Json, Method
from scientist.cli.output import console, out, print_json
from scientist.errors import EnvironmentProblem, UsageError

if TYPE_CHECKING:
    from scientist.models.checking import Checked

app = typer.Typer(no_args_is_help=True, help="Try a language model out; list what is known of them.")


@app.command("check")
def check(
    model: Annotated[
        str | None, typer.Option(help="Model as provider:name, local:FILE.gguf or scripted:FILE.  [default: yours]")
    ] = None,
    base_url: BaseUrl = None,
    method: Method = None,
    as_json: Json = False,
) -> None:
    """Send one small request and one picture, and say what works; exit code 4 if the model cannot be used."""
    from scientist.config import load_config
    from scientist.errors import ModelError
    from scientist.models.checking import check_model

    config = load_config({"model": model, "base_url": base_url, "method": method})
    if config.model is None:
        raise UsageError("no model is named", "scientist models check --model provider:name")
    try:
        with console().status(f"asking {config.model}"):
            checked = check_model(config.model, base_url=config.base_url, method=config.method)
    except ModelError as e:
        raise EnvironmentProblem(e.message, e.hint.partition(", then: scientist resume")[0]) from e
    if as_json:
        print_json(checked)
    else:
        _print(checked)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the prices and limits that budgets go by, yours before the package's."""
    from rich.table import Table

    from scientist.models.prices import load_prices

    rows = load_prices().rows
    if as_json:
        print_json(rows)
        return
    table = Table("model", "in", "cached", "out", "context", "sees", "strength", "as of")
    for row in rows:
        table.add_row(
            row.pattern, *map(_dollars, (row.input, row.cached, row.output)), _tokens(row.context),
            "yes" if row.vision else "no", row.strength, row.as_of,
        )  # fmt: skip
    out().print(table)
    out().print("USD per million tokens; check them against your provider's list. Your own table: SCIENTIST_PRICES.")


def _print(checked: Checked) -> None:
    from rich.markup import escape

    tried = "" if checked.attempts == 1 else f", after {checked.attempts} attempts"
    price = "known" if checked.price_known else "not known: only tokens are counted"
    cost = "" if checked.usd is None else f", {checked.usd:.6f} USD"
    doubt = "" if checked.sees == checked.seeing else ", which the table of prices does not say"
    for name, value in (
        ("model", escape(checked.model)),
        ("structured", f"{checked.method}{tried}"),
        ("vision", f"{'yes' if checked.sees else 'no'}{doubt}"),
        ("context", "not known" if checked.context is None else f"{checked.context:,} tokens"),
        ("price", price),
        ("strength", checked.strength),
        ("reply", f"{checked.seconds:.2f} s, {checked.input_tokens} tokens in, {checked.output_tokens} out{cost}"),
    ):
        out().print(f"{name:<11}{value}")


def _dollars(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _tokens(value: int | None) -> str:
    return "" if value is None else f"{value:,}"
