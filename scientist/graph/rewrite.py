"""Writes the paper of a finished run again: in another venue's style, by another mind, without any experiment."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scientist import __version__
from scientist.bundle.attachment import attach
from scientist.bundle.export import source_hashes
from scientist.config import RunConfig
from scientist.errors import RunInterrupted, UsageError
from scientist.events import EventLog, Listener, read_lines
from scientist.experiments.template import resolve_template
from scientist.graph.publish import verdict_line
from scientist.graph.services import open_mind, venue_of
from scientist.graph.state import State
from scientist.graph.write import dossier, draft_folder, draft_of, lay_out, read_reviews
from scientist.mind import MINDS
from scientist.mind.base import Mind
from scientist.types import Decision, Draft, Evidence, Frozen, TemplateChoice, TemplateSpec
from scientist.workspace import RunFolder, read_json, write_bytes, write_json
from scientist.writeup.compiler import tool_path
from scientist.writeup.draft import compose
from scientist.writeup.latex import WITHHELD, Layout, source_zip
from scientist.writeup.venue import require

UNREVIEWED = "This text was written again from a finished run and has not been reviewed."


class Rewritten(Frozen):
    """What ``write`` made: where it lies, by whom it was written, and how it came out."""

    run_id: str
    folder: str
    paper: str
    mind: str
    text: str
    """ "kept" where only the style is new, "new" where a mind wrote the text again."""
    layout: Layout


@dataclass(frozen=True)
class _Desk:
    config: RunConfig
    folder: RunFolder
    spec: TemplateSpec
    choice: TemplateChoice
    mind: Mind
    sandbox: str


def rewrite(
    folder: RunFolder,
    config: RunConfig,
    *,
    out: Path | None,
    mind: str | None,
    overwrite: bool = False,
    listener: Listener | None = None,
) -> Rewritten:
    """Write the paper of the published run in ``folder`` into ``out`` (a new folder beside the paper if not given).

    ``config`` is the run's, with what is asked for now. ``mind`` is "offline" or a model's name, who writes the text
    anew; None keeps the published text. Raises UsageError for a run without a paper and for a folder that is in use,
    EnvironmentProblem where TeX or a class is missing, DraftRejected, TypesettingError.
    """
    decision = _decision(folder)
    venue = venue_of(config)
    tool_path()
    require(venue)
    place = _place(folder, config, out, mind, overwrite=overwrite)
    events = EventLog(place / "events.jsonl")
    if listener is not None:
        events.subscribe(listener)
    events.emit("write.opened", run_id=folder.run_id, venue=venue.name, mind=mind or "none: the text is kept")
    evidence = _evidence(folder, decision)
    asked = config.model_copy(update={"model": None if mind == "offline" else mind, "replay": None})
    with open_mind(asked, place, events.emit) as (writer, _, _):
        desk = _open(folder, config, writer)
        draft = _written(desk, decision, evidence, events) if mind is not None else _kept(folder, decision)
        named = writer.name if mind is not None else _published_mind(folder)
        if mind is None:
            desk = _open(folder, config, _Named(writer, named))
        layout = lay_out(desk, draft, evidence, _verdict(folder, decision, config, kept=mind is None), place / "source")
    write_json(place / "draft.json", draft)
    _publish(folder, place, evidence, decision, layout)
    made = Rewritten(
        run_id=folder.run_id,
        folder=str(place),
        paper=str(place / "paper.pdf"),
        mind=named,
        text="kept" if mind is None else "new",
        layout=layout,
    )
    write_json(place / "written.json", made.model_copy(update={"folder": ".", "paper": "paper.pdf"}))
    events.emit("write.finished", **layout.model_dump(mode="json"), told=layout.sentence())
    return made


class _Named:
    """A mind under the name of the one that wrote what is typeset again."""

    def __init__(self, mind: Mind, name: str) -> None:
        self._mind = mind
        self.name = name

    def __getattr__(self, what: str) -> Any:
        return getattr(self._mind, what)


def _decision(folder: RunFolder) -> Decision:
    if not folder.decision.exists():
        raise UsageError(
            f"run {folder.run_id} has no finished paper to write again", f"finish it: scientist resume {folder.root}"
        )
    return Decision.model_validate(read_json(folder.decision))


def _place(folder: RunFolder, config: RunConfig, out: Path | None, mind: str | None, *, overwrite: bool) -> Path:
    """The folder to write into: as asked for if it is free, else a new one beside the published paper."""
    if out is not None:
        place = out.resolve()
        if place == folder.papers.resolve() and not overwrite:
            raise UsageError(f"{out} holds the published paper", "give another folder, or --overwrite to replace it")
        if place.exists() and (not place.is_dir() or any(place.iterdir())) and not overwrite:
            raise UsageError(f"{out} is in use", "give a new folder, or --overwrite")
    else:
        style = Path(config.venue_dir).resolve().name if config.venue_dir else config.venue
        parts = [folder.run_id, style, *(["anonymous"] if config.anonymous else []), *(["rewritten"] if mind else [])]
        stem = folder.papers.with_name("-".join(parts))
        place = next(
            p for i in range(1, 10_000) if not (p := stem if i == 1 else stem.with_name(f"{stem.name}-{i}")).exists()
        )
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise UsageError(f"{place} cannot be made: {e.strerror}", "give a writable folder with -o") from e
    return place


def _open(folder: RunFolder, config: RunConfig, mind: Mind) -> _Desk:
    record = read_json(folder.choice)
    levels = [e["level"] for e in read_lines(folder.events) if e["kind"] == "sandbox.proven"]
    return _Desk(
        config=config,
        folder=folder,
        spec=resolve_template(record["template_path"]),
        choice=TemplateChoice.model_validate(record["choice"]),
        mind=mind,
        sandbox=levels[-1] if levels else "unknown",
    )


def _written(desk: _Desk, decision: Decision, evidence: Evidence, events: EventLog) -> Draft:
    """A new text from the dossier of the published evidence; earlier drafts and reviews are not shown to the writer."""
    topic = tomllib.loads(desk.folder.config.read_text(encoding="utf-8"))["topic"]
    state: State = {"topic": topic, "round": 0, "look": evidence.look}
    return compose(
        desk.mind,
        dossier(desk, state).model_copy(update={"evidence": evidence}),
        report=lambda name, found: events.emit("section.refused", section=name, findings=[f.message for f in found]),
        stand_in=None if desk.mind.name == "offline" else MINDS.load(desk.config.mind)(),
        note=lambda n: events.emit("text.mended", what=n.kind, part=n.part, reason=n.reason, text=n.text),
    )


def _kept(folder: RunFolder, decision: Decision) -> Draft:
    return draft_of(folder, decision.best_round)


def _evidence(folder: RunFolder, decision: Decision) -> Evidence:
    file = draft_folder(folder, decision.best_round) / "evidence.json"
    if not file.is_file():
        raise RunInterrupted(f"{file} is missing", "the run folder is damaged: restore the file")
    return Evidence.model_validate(read_json(file))


def _published_mind(folder: RunFolder) -> str:
    config = tomllib.loads(folder.config.read_text(encoding="utf-8"))["config"]
    return str(config.get("model") or config.get("mind", "offline"))


def _verdict(folder: RunFolder, decision: Decision, config: RunConfig, *, kept: bool) -> str:
    """What the first page says of the review: that of the published text, which a new text has not had."""
    if not kept:
        return UNREVIEWED
    review = read_reviews(folder, decision.round + 1)[decision.best_round]
    return verdict_line(decision, review, config.min_score)


def _publish(folder: RunFolder, place: Path, evidence: Evidence, decision: Decision, layout: Layout) -> None:
    """The PDF with its evidence inside, the sources as a zip, and the evidence and the plan beside them."""
    data = (draft_folder(folder, decision.best_round) / "evidence.json").read_bytes()
    pdf = attach(
        (place / "source" / "main.pdf").read_bytes(),
        run_id=WITHHELD if layout.anonymous else folder.run_id,
        scientist=__version__,
        evidence=data,
        sources=source_hashes(folder.root, evidence),
    )
    write_bytes(place / "paper.pdf", pdf)
    write_bytes(place / "paper-source.zip", source_zip(place / "source"))
    write_bytes(place / "evidence.json", data)
    write_bytes(place / "plan.json", folder.plan.read_bytes())
