"""Answers of online sources kept on disk with their date, so that they are not asked twice and can be used offline."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from scientist.literature.base import LOCAL, Dated, Finder, Hit, Snowball, Source, SourceError
from scientist.literature.merge import pick
from scientist.types import Frozen, Paper
from scientist.workspace import sha256_text, write_text

log = logging.getLogger(__name__)

T = TypeVar("T")

FOLDER_VARIABLE = "SCIENTIST_CACHE_DIR"
FRESH = timedelta(days=7)
"""An answer younger than this stands for asking."""
VERSION = 1
"""Part of every key: answers kept by a version that read services otherwise are not used."""

_HITS = TypeAdapter(tuple[Hit, ...])
_PAPERS = TypeAdapter(tuple[Paper, ...])


def remembered(
    sources: Sequence[Source], *, offline: bool = False, answers: Answers | None = None
) -> tuple[Source, ...]:
    """The sources, those online with their answers kept; ``offline`` they answer with what was kept, or not at all."""
    store = answers or Answers()
    return tuple(s if s.name in LOCAL else _keeping(s, store, offline) for s in sources)


class Kept(Frozen):
    """An answer as it lies on disk: to what question, when it was given, and its JSON."""

    key: str
    at: AwareDatetime
    body: str


class Answers:
    """The store: a file for each answer in ``folder`` (by default ``$SCIENTIST_CACHE_DIR``, else the user's cache).

    Any number of processes may use it. It never stops anybody: a damaged answer is dropped, a folder that cannot be
    used is done without, and both are said in a warning.
    """

    def __init__(
        self, folder: Path | None = None, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.folder = (folder or cache_home()) / "answers"
        self.clock = clock
        self._complained = False

    def get(self, key: str) -> Kept | None:
        """The last answer under ``key``."""
        path = self._path(key)
        try:
            kept = Kept.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as e:
            self._complain(e)
        except ValidationError:
            self.drop(key)
        else:
            return kept if kept.key == key else None
        return None

    def put(self, key: str, body: str) -> None:
        """Keep an answer in the place of an earlier one."""
        kept = Kept(key=key, at=self.clock().replace(microsecond=0), body=body)
        try:
            write_text(self._path(key), kept.model_dump_json())
        except OSError as e:
            self._complain(e)

    def drop(self, key: str) -> None:
        """Remove an answer that cannot be read, and say so; it will be asked for again."""
        path = self._path(key)
        log.warning("the kept answer %s is damaged; it is removed and asked for again", path)
        try:
            path.unlink(missing_ok=True)
        except OSError as e:
            self._complain(e)

    def _path(self, key: str) -> Path:
        digest = sha256_text(key)
        return self.folder / digest[:2] / f"{digest}.json"

    def _complain(self, error: OSError) -> None:
        if not self._complained:
            self._complained = True
            log.warning("answers cannot be kept in %s (%s); the search goes on without", self.folder, error.strerror)


def cache_home() -> Path:
    """Where answers are kept: ``$SCIENTIST_CACHE_DIR``, else the platform's user cache folder."""
    if folder := os.environ.get(FOLDER_VARIABLE):
        return Path(folder).expanduser()
    import platformdirs

    return platformdirs.user_cache_path("scientist")


class Remembered:
    """A Source, Finder and Keeper over another source: asks it only where no fresh answer is kept.

    Finding by title in a source that is no Finder is a search for the exact title.
    """

    def __init__(self, source: Source, answers: Answers, *, offline: bool = False) -> None:
        self.name = source.name
        self._source = source
        self._answers = answers
        self._offline = offline

    def search(self, query: str, limit: int) -> list[Hit]:
        return list(self.dated_search(query, limit).hits)

    def dated_search(self, query: str, limit: int) -> Dated:
        """As ``search``, with the day of an answer that was kept. Raises SourceError."""
        key = self._key("search", query, limit)
        if kept := self._kept(key, _HITS):
            return Dated(hits=kept[0], day=kept[1])
        hits = tuple(self._source.search(query, limit))
        self._keep(key, _HITS, hits)
        return Dated(hits=hits)

    def kept_search(self, query: str, limit: int) -> Dated | None:
        """The answer that was kept, however old, without asking."""
        kept = self._kept(self._key("search", query, limit), _HITS, any_age=True)
        return Dated(hits=kept[0], day=kept[1]) if kept else None

    def find(self, *, arxiv_id: str | None = None, doi: str | None = None, title: str | None = None) -> Paper | None:
        def ask() -> Sequence[Paper]:
            if isinstance(self._source, Finder):
                found = self._source.find(arxiv_id=arxiv_id, doi=doi, title=title)
            else:
                found = pick([h.paper for h in self._source.search(title, 10)], title) if title else None
            return (found,) if found else ()

        return next(iter(self._papers(ask, "find", arxiv_id, doi, title)), None)

    def _papers(self, ask: Callable[[], Sequence[Paper]], *question: Any) -> tuple[Paper, ...]:
        key = self._key(*question)
        if kept := self._kept(key, _PAPERS):
            return kept[0]
        papers = tuple(ask())
        self._keep(key, _PAPERS, papers)
        return papers

    def _kept(self, key: str, kind: TypeAdapter[T], *, any_age: bool = False) -> tuple[T, str] | None:
        """A kept answer and its day: a fresh one, or any. Raises SourceError offline if there is none."""
        answer = self._answers.get(key)
        fresh = answer is not None and self._answers.clock() - answer.at < FRESH
        if answer is not None and (fresh or any_age or self._offline):
            try:
                return kind.validate_json(answer.body), answer.at.date().isoformat()
            except ValidationError:
                self._answers.drop(key)
        if self._offline and not any_age:
            raise SourceError(f"{self.name} was not asked: offline, and no answer of it is kept", strikes=0)
        return None

    def _keep(self, key: str, kind: TypeAdapter[T], value: T) -> None:
        self._answers.put(key, kind.dump_json(value).decode())

    def _key(self, *question: Any) -> str:
        return json.dumps([VERSION, self.name, getattr(self._source, "address", ""), *question], ensure_ascii=False)


class RememberedSnowball(Remembered):
    """The same over a source that is a Snowball."""

    def __init__(self, source: Snowball, answers: Answers, *, offline: bool = False) -> None:
        super().__init__(source, answers, offline=offline)  # type: ignore[arg-type]
        self._snowball = source

    def references(self, paper: Paper, limit: int) -> list[Paper]:
        return list(self._papers(lambda: self._snowball.references(paper, limit), "references", *_named(paper), limit))

    def citations(self, paper: Paper, limit: int) -> list[Paper]:
        return list(self._papers(lambda: self._snowball.citations(paper, limit), "citations", *_named(paper), limit))


def _keeping(source: Source, answers: Answers, offline: bool) -> Source:
    if isinstance(source, Snowball):
        return RememberedSnowball(source, answers, offline=offline)
    return Remembered(source, answers, offline=offline)


def _named(paper: Paper) -> tuple[str | None, ...]:
    return paper.id, paper.arxiv_id, paper.doi
