"""The review of one file from end to end: reading it, drawing its figures, opening who judges, keeping the calls."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from scientist.config import RunConfig
from scientist.errors import UsageError
from scientist.literature.library import data_home
from scientist.mind import MINDS
from scientist.mind.base import Mind
from scientist.models.base import Asker
from scientist.review.checks.context import Lookup
from scientist.review.form import form_for
from scientist.review.lookup import library_lookup
from scientist.review.manuscript import read_manuscript
from scientist.review.pages import with_pictures
from scientist.review.reviewer import review_manuscript
from scientist.types import Manuscript, Review, Usage
from scientist.workspace import canonical_json, sha256_text

if TYPE_CHECKING:
    from scientist.mind.llm.rebuttal import Rebuttal

Emit = Callable[..., None]


class Reviewed(NamedTuple):
    """A review, the manuscript as it was read, what model calls have cost for it, and a rebuttal where one was asked
    for."""

    review: Review
    manuscript: Manuscript
    usage: Usage
    rebuttal: Rebuttal | None = None


class _Judge(NamedTuple):
    mind: Mind
    sees: bool
    usage: Callable[[], Usage]
    asker: Asker | None = None


def review_file(
    path: Path,
    config: RunConfig,
    *,
    venue: str,
    record: Path | None = None,
    rebuttal: bool = False,
    emit: Emit = lambda *_, **__: None,
) -> Reviewed:
    """Review a manuscript as ``config`` says: by its model for reviews, else by its mind.

    ``record`` is the folder for the model calls; where it holds the same calls, they are answered from there and cost
    nothing. ``rebuttal`` drafts answers to the review, for which a model is needed. Raises UsageError,
    ManuscriptError, ModelError.
    """
    form = form_for(venue, reviewers=config.ensemble, reflections=config.reflections)
    if rebuttal and model_of(config) is None:
        raise UsageError("a rebuttal is drafted by a model, and none is set", "give --model, as in scientist models")
    manuscript = read_manuscript(path)
    record = record or data_home() / "reviews" / sha256_text(canonical_json(manuscript))[:16]
    with open_judge(config, record, emit) as judge, tempfile.TemporaryDirectory(prefix="scientist-pages-") as pictures:
        shown = with_pictures(manuscript, path, Path(pictures)) if judge.sees else manuscript
        review = review_manuscript(shown, mind=judge.mind, form=form, lookup=_lookup(data_home()))
        drafted = _drafted(judge.asker, manuscript, review, form.venue) if rebuttal and judge.asker else None
        return Reviewed(review, manuscript, judge.usage(), drafted)


def _drafted(asker: Asker, manuscript: Manuscript, review: Review, venue: str) -> Rebuttal:
    from scientist.mind.llm.rebuttal import draft_rebuttal

    return draft_rebuttal(asker, manuscript, review, venue=venue)


def model_of(config: RunConfig) -> str | None:
    """The model that reviews, None where the offline mind does."""
    return config.models.get("review", config.model)


@cache
def _lookup(home: Path) -> Lookup:
    """The library of a data folder, opened once for all manuscripts that a process reviews."""
    return library_lookup()


@contextmanager
def open_judge(config: RunConfig, record: Path, emit: Emit) -> Iterator[_Judge]:
    name = model_of(config)
    if name is None:
        yield _Judge(MINDS.load(config.mind)(), False, Usage)
        return
    from scientist.mind.llm import LLMMind
    from scientist.models.opening import open_configured

    record.mkdir(parents=True, exist_ok=True)
    chat = open_configured(config, {"default": name}, record, emit)
    with closing(chat):
        yield _Judge(LLMMind(chat), chat.sees("review"), lambda: chat.spent().get("review", Usage()), chat)
