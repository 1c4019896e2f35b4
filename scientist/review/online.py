"""Manuscripts named by their arXiv id: fetched once, then kept in the user's data folder."""

from __future__ import annotations

import re
from pathlib import Path

from scientist.errors import ManuscriptError
from scientist.literature.fulltext import FETCH_S, download
from scientist.literature.library import data_home
from scientist.types import Paper
from scientist.workspace import write_bytes

_ID = re.compile(
    r"(?:arxiv:|https?:/{1,2}arxiv\.org/(?:abs|pdf)/)?((?:\d{4}\.\d{4,5}|[a-z][a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?)(?:\.pdf)?",
    re.IGNORECASE,
)


def local(path: Path, *, offline: bool = False, seconds: float = FETCH_S) -> Path:
    """The path itself, or, where it is an arXiv id and no file, the paper's PDF, fetched unless it is kept already.

    Raises ManuscriptError when it cannot be had.
    """
    match = None if path.exists() else _ID.fullmatch(str(path))
    if match is None:
        return path
    arxiv_id = match[1]
    file = data_home() / "manuscripts" / f"{arxiv_id.replace('/', '-')}.pdf"
    if file.exists():
        return file
    if offline:
        raise ManuscriptError(f"arXiv:{arxiv_id} is not kept here", "give a file, or leave out --offline")
    paper = Paper(id=f"arxiv:{arxiv_id}", title=arxiv_id, arxiv_id=arxiv_id, source="arxiv")
    status, data, reason = download(paper, seconds=seconds)
    if status != "read":
        raise ManuscriptError(
            f"arXiv:{arxiv_id} could not be fetched: {reason or status}", "check the id and the network, or give a file"
        )
    if b"%PDF-" not in data[:1024]:
        raise ManuscriptError(f"arXiv's answer for {arxiv_id} is no PDF", "download it yourself and give the file")
    file.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(file, data)
    return file
