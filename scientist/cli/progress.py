"""Live progress of a run, from its events alone: the stage, runs done and left, the time still needed, the cost."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.text import Text

STAGES = ("survey", "ideate", "design", "experiment", "analyse", "write", "review", "publish")


class Progress:
    """A live display on a terminal; plain lines elsewhere (one a stage and one a finished run)."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._done: list[str] = []
        self._stage = ""
        self._bars = Bars(
            TextColumn("  experiments"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[left]}"),
            TimeElapsedColumn(), console=console, auto_refresh=False,
        )  # fmt: skip
        self._task: TaskID | None = None
        self._began = 0.0
        self._first = 0
        self._live = Live(self._render(), console=console, refresh_per_second=4) if console.is_terminal else None

    def __enter__(self) -> Progress:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self._live:
            self._live.update(self._render(), refresh=True)
            self._live.stop()

    def say(self, line: str) -> None:
        self._console.print(line, soft_wrap=True)

    def on_event(self, event: dict[str, Any]) -> None:
        """Show one event of the run."""
        handler = getattr(self, "_on_" + event["kind"].replace(".", "_"), None)
        if handler is not None:
            handler(event)
        if self._live:
            self._live.update(self._render())

    def _on_run_opened(self, event: dict[str, Any]) -> None:
        self.say(f"run [bold]{event['run_id']}[/]")

    def _on_template_chosen(self, event: dict[str, Any]) -> None:
        self.say(
            f"template [bold]{event['template']}[/] (confidence {event['confidence']:.0%}): {escape(event['reason'])}"
        )

    def _on_model_estimated(self, event: dict[str, Any]) -> None:
        self.say(f"model, for one round of writing and review: {event['text']}")

    def _on_model_price_unknown(self, event: dict[str, Any]) -> None:
        self.say(f"[yellow]{escape(event['model'])}: {escape(event['problem'])}[/]")

    def _on_model_called(self, event: dict[str, Any]) -> None:
        if self._live is None and not event.get("from_record"):
            self.say(f"  [dim]{event['purpose']} {event.get('label') or ''} {event['seconds']:.1f} s[/]")

    def _on_model_retried(self, event: dict[str, Any]) -> None:
        self.say(f"  [yellow]{event['purpose']}: {escape(str(event.get('problem', '')))}; asked again[/]")

    _on_model_repaired = _on_model_refused = _on_model_fell_back = _on_model_retried

    def _on_mind_handed_over(self, event: dict[str, Any]) -> None:
        self.say(f"  [yellow]the offline mind decides from here on: {escape(event['reason'])}[/]")

    def _on_idea_refused(self, event: dict[str, Any]) -> None:
        self.say(f"  [yellow]idea {event['idea']} refused: {escape(event['reason'])}[/]")

    def _on_change_tried(self, event: dict[str, Any]) -> None:
        self.say(f"  change of code, attempt {event['attempt']}: {escape(event['problem'] or 'works')}")

    def _on_text_mended(self, event: dict[str, Any]) -> None:
        self.say(f"  [yellow]{event['part']}: {event['what']}: {escape(event['reason'])}[/]")

    def _on_sandbox_proven(self, event: dict[str, Any]) -> None:
        proven = (
            "proven by a canary" if event["holds"] else "[yellow]no protection: model-written code is not contained[/]"
        )
        self.say(f"sandbox: {event['level']}, {proven}")

    def _on_stage_started(self, event: dict[str, Any]) -> None:
        self._stage = event["stage"]

    def _on_stage_finished(self, event: dict[str, Any]) -> None:
        self.say(f"[green]✓[/] {event['stage']} [dim]{event['seconds']:.1f} s[/]")
        self._stage = ""
        if event["stage"] == "experiment" and self._task is not None:
            self._bars.remove_task(self._task)
            self._task = None

    def _on_stage_failed(self, event: dict[str, Any]) -> None:
        self.say(f"[red]✗[/] {event['stage']}")
        self._stage = ""

    def _on_sources_answered(self, event: dict[str, Any]) -> None:
        if event["offline"]:
            self.say("  literature offline: the library and kept answers")
        elif event["silent"]:
            silent = "; ".join(f"{source}: {reason}" for source, reason in event["silent"].items())
            answered = ", ".join(event["answered"]) or "no source"
            self.say(f"  [yellow]no answer from {escape(silent)}[/] (answered: {answered})")

    def _on_ideas_ranked(self, event: dict[str, Any]) -> None:
        self.say(f"  best of {event['count']} ideas: {escape(event['best'])}")

    def _on_search_step(self, event: dict[str, Any]) -> None:
        score = "" if event["score"] is None else f" {event['score']:.4g}"
        self.say(f"  [dim]search {event['number'] + 1}/{event['of']} {event['operator']}: {event['status']}{score}[/]")

    def _on_search_ended(self, event: dict[str, Any]) -> None:
        found = "found a configuration to test" if event["found"] else "found nothing above the baseline"
        self.say(f"  search: {event['nodes']} of {event['asked']} steps ({event['reason']}); {found}")

    def _on_plan_frozen(self, event: dict[str, Any]) -> None:
        minutes = event.get("minutes", 0.0)
        told = f"; about {minutes:g} minutes of experiments by the template's prices" if minutes else ""
        self.say(f"  plan pre-registered, sha256 {event['sha256'][:12]}…{told}")

    def _on_experiment_planned(self, event: dict[str, Any]) -> None:
        self._task = self._bars.add_task("runs", total=event["total"], completed=event["done"], left="")
        self._began, self._first = time.monotonic(), event["done"]
        self.say(f"  {event['total']} runs planned, {event['done']} already done")

    def _on_run_finished(self, event: dict[str, Any]) -> None:
        if self._task is not None:
            self._bars.update(self._task, completed=event["done"], left=self._time_left(event))
        if event["status"] != "ok":
            self.say(f"  [yellow]run {event['condition']} seed {event['seed']}: {event['status']}[/]")
        elif self._live is None:
            self.say(
                f"  {event['done']}/{event['total']} {event['condition']} seed {event['seed']} "
                f"{event['seconds']:.1f} s; {self._time_left(event)}"
            )

    def _on_budget_time_spent(self, event: dict[str, Any]) -> None:
        self.say(f"  [yellow]{escape(event['reason'])}[/]")

    def _on_run_brought(self, event: dict[str, Any]) -> None:
        if event["done"] == event["total"]:
            self.say(f"  {event['total']} results were brought; no experiment is run")

    def _on_paper_laid_out(self, event: dict[str, Any]) -> None:
        if event["told"]:
            self.say(f"  {escape(event['told'])}")

    def _on_evidence_ready(self, event: dict[str, Any]) -> None:
        for claim, verdict in event["claims"].items():
            self.say(f"  {claim}: {verdict}")

    def _on_section_refused(self, event: dict[str, Any]) -> None:
        self.say(f"  [yellow]section {event['section']} refused: {escape('; '.join(event['findings'][:2]))}[/]")

    def _on_review_finished(self, event: dict[str, Any]) -> None:
        self.say(
            f"  review round {event['round'] + 1}: {event['score']:g}, {event['action']} ({escape(event['reason'])})"
        )

    def _time_left(self, event: dict[str, Any]) -> str:
        made = event["done"] - self._first
        if made <= 0:
            return ""
        seconds = (time.monotonic() - self._began) / made * (event["total"] - event["done"])
        return f"about {seconds / 60:.1f} min left" if seconds >= 60 else f"about {seconds:.0f} s left"

    def _render(self) -> Group:
        marks = Text("  ")
        for stage in STAGES:
            marks.append(f"{stage} ", style="bold cyan" if stage == self._stage else "dim")
        return Group(marks, self._bars) if self._task is not None else Group(marks)
