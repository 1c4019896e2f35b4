"""Changes of code by a language model: it fills a slot, or edits files, as far as its strength and the user allow."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, create_model

from scientist.mind.base import CodeRequest
from scientist.models.base import Asker, Strength
from scientist.prompts import Material, Prompt, render
from scientist.search.candidate import difference
from scientist.search.edit import Edit, Replacement
from scientist.types import SlotSpec

SLOT_TOKENS = 2048
PATCH_TOKENS = 8192


def code(asker: Asker, request: CodeRequest) -> Edit:
    """The edit that carries out the idea's intervention; the stage applies it, tries it, and asks again if it fails."""
    slots = slots_to_fill(request, asker.strength("code"))
    if slots:
        return filled(asker, task(request, "code/slot", slots=slots), slots)
    return ask_for_edit(asker, task(request, "code/patch"), tuple(request.editable))


def slots_to_fill(request: CodeRequest, strength: Strength) -> tuple[SlotSpec, ...]:
    """The slots among which the model may choose one; none where it edits files.

    An idea that names a slot is carried out there. Without one, a strong model edits files and others fill any slot.
    """
    slots = request.template.slots if "slot" in request.ways else ()
    wanted = request.idea.intervention.slot if request.idea.intervention else None
    named = tuple(s for s in slots if s.name == wanted)
    free = strength is Strength.STRONG and "patch" in request.ways
    return named or (() if free else slots)


def task(request: CodeRequest, name: str, **values: Any) -> Prompt:
    """A prompt that shows the code and what became of earlier attempts; ``name`` is that of its template."""
    assert request.idea.intervention is not None
    tried = request.attempts
    materials = [Material(name=path, items=(text,), essential=True) for path, text in request.editable.items()]
    if tried:
        last = tried[-1]
        told = [f"{number}. {attempt.problem}" for number, attempt in enumerate(tried, start=1)]
        materials += [
            Material(name="what was tried", items=("\n".join(told),), essential=True),
            Material(name="the last attempt", items=(_spoken(last.edit, request),), essential=True),
            Material(name="what it printed", items=(last.log,) if last.log else ()),
        ]
    materials += [Material(name=path, items=(text,)) for path, text in request.locked.items()]
    template = request.template
    return render(
        name,
        materials=tuple(materials),
        label=request.idea.id + (f"/mend-{len(tried)}" if tried else ""),
        template=template,
        editable=tuple(request.editable),
        locked=tuple(request.locked),
        idea=request.idea,
        intervention=request.idea.intervention,
        metric=template.metric(request.idea.metric),
        printed=bool(tried and tried[-1].log),
        attempts=len(tried),
        **values,
    )


# ------------------------------------------------------------------------------------------- the two ways


def filled(asker: Asker, prompt: Prompt, slots: tuple[SlotSpec, ...]) -> Edit:
    """The edit that fills one of ``slots``, as ``prompt`` asks."""
    names: Any = Literal[tuple(s.name for s in slots)]
    reply_model = create_model("FilledSlot", why=(str, ...), slot=(names, ...), function=(str, ...))
    reply: Any = asker.ask(prompt, reply_model, max_tokens=SLOT_TOKENS)
    return Edit(why=reply.why, slot=reply.slot, function=unfenced(reply.function))


def ask_for_edit(asker: Asker, prompt: Prompt, files: tuple[str, ...], *, max_tokens: int = PATCH_TOKENS) -> Edit:
    """The edit of ``files`` that the model replies with: SEARCH/REPLACE blocks, or one whole file."""
    paths: Any = Literal[files]
    block: Any = create_model("Block", file=(paths, ...), search=(str, ...), replace=(str, ...))
    reply_model = create_model(
        "Patch",
        why=(str, ...),
        blocks=(list[block], Field(default_factory=list)),
        whole_file=(paths | None, None),
        content=(str | None, None),
    )
    reply: Any = asker.ask(prompt, reply_model, check=_one_way, max_tokens=max_tokens)
    if reply.whole_file is not None:
        text = unfenced(reply.content).rstrip("\n") + "\n"
        return Edit(why=reply.why, files={reply.whole_file: text})
    blocks = tuple(
        Replacement(path=b.file, search=unfenced(b.search), replace=unfenced(b.replace)) for b in reply.blocks
    )
    return Edit(why=reply.why, replacements=blocks)


def _one_way(reply: Any) -> str | None:
    whole = reply.whole_file is not None or bool(reply.content)
    if whole and (reply.whole_file is None or not reply.content):
        return "whole_file and content go together: the file's name and all of its new text"
    if whole and reply.blocks:
        return "use blocks, or whole_file with content, not both"
    return None if whole or reply.blocks else "there is no change: give at least one block"


def unfenced(text: str) -> str:
    """Code without the fence of a Markdown block around it."""
    lines = text.strip("\n").split("\n")
    if len(lines) > 1 and lines[0].lstrip().startswith("```") and lines[-1].strip() == "```":
        return "\n".join(lines[1:-1])
    return text


def _spoken(edit: Edit, request: CodeRequest) -> str:
    """An edit as its author gave it."""
    if edit.slot:
        return f"slot {edit.slot}:\n{edit.function}"
    if edit.files:
        changed = {path: text for path, text in edit.files.items() if path in request.editable}
        return difference({path: request.editable[path] for path in changed}, changed) or "the files as they were"
    blocks = [f"in {r.path}, SEARCH:\n{r.search}\nREPLACE:\n{r.replace}" for r in edit.replacements]
    return "\n\n".join(blocks) or "no edit"
