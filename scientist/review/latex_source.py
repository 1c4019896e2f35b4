"""LaTeX sources (a file, a folder, a zip) as manuscripts; nothing is compiled and nothing outside is opened."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from scientist.errors import ManuscriptError
from scientist.review.detex import balanced, detex
from scientist.review.images import latex_images
from scientist.review.lines import invisible_characters
from scientist.review.manuscript import decode
from scientist.review.references import parse_entry
from scientist.review.unseen import unseen_in_latex
from scientist.types import CitedWork, Float, Manuscript, ManuscriptSection, Span

_KEPT = (".tex", ".bib", ".bbl", ".ltx")
_MAX_FILES = 3000
_MAX_TEXT = 20_000_000
_SECTION = re.compile(
    r"\\(?P<level>section|subsection|subsubsection|chapter)\*?\s*(?:\[[^\]]*\])?\s*(?=\{)|\\appendix\b"
)
_FLOAT = re.compile(
    r"\\begin\{(figure|table|wrapfigure|wraptable|sidewaystable|sidewaysfigure)\*?\}(.*?)\\end\{\1\*?\}", re.DOTALL
)
_NUMBERED = re.compile(r"\\begin\{(equation|align|gather|multline|eqnarray)\}(.*?)\\end\{\1\}", re.DOTALL)
_BIBITEM = re.compile(r"\\bibitem\s*(?:\[(?:[^\[\]{}]|\{[^{}]*\}|\{(?:[^{}]|\{[^{}]*\})*\})*\])?\s*\{([^}]*)\}")
_TABULAR = re.compile(
    r"\\begin\{(tabular[*xy]?)\}(?:\{[^{}]*\\(?:text|line)width\})?(?:\[[^\]]*\])?\{(?:[^{}]|\{[^{}]*\})*\}(.*?)\\end\{\1\}",
    re.DOTALL,
)
_MAIN = re.compile(r"^[^%\n]*\\documentclass(?!\s*(?:\[[^\]]*\])?\s*\{(?:subfiles|standalone)\})", re.MULTILINE)
_NAMED_VALUE = re.compile(r"\\define([a-z]+)\{([^{}#]*)\}(?=\{)")
_WHITE = re.compile(
    r"\\(?:textcolor|color)\s*(?:\[[^\]]*\])?\s*\{\s*(?:white|1,\s*1,\s*1|1|FFFFFF)\s*\}", re.IGNORECASE
)


def read_latex_file(path: Path) -> Manuscript:
    """Read one .tex file with what it inputs from its folder."""
    return _read(_folder_texts(path.parent, only=path), path.name, path.name, path.parent)


def read_latex_folder(path: Path) -> Manuscript:
    """Read a folder of LaTeX sources; its main file is the one with \\documentclass."""
    texts = _folder_texts(path)
    main = _main_file(texts, path.name)
    return _read(texts, main, path.name, (path / main).parent)


def read_latex_zip(path: Path) -> Manuscript:
    """Read a zip of LaTeX sources in memory; nothing is unpacked to disk."""
    texts: dict[str, str] = {}
    total = 0
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            if len(infos) > _MAX_FILES:
                raise ManuscriptError(f"{path.name} holds {len(infos)} files", f"give at most {_MAX_FILES}")
            for info in infos:
                if not info.filename.lower().endswith(_KEPT) or "__MACOSX" in info.filename:
                    continue
                total += info.file_size
                if total > _MAX_TEXT:
                    raise ManuscriptError(f"{path.name} unpacks to too much text", "give the sources of one paper")
                texts[info.filename] = decode(archive.read(info), info.filename)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, ValueError) as e:
        raise ManuscriptError(
            f"{path.name} cannot be unpacked: {e}", "make the archive again, without a password"
        ) from e
    return _read(texts, _main_file(texts, path.name), path.name)


def _folder_texts(folder: Path, only: Path | None = None) -> dict[str, str]:
    """The text files of a folder by relative name. Links that lead out of it are left alone."""
    texts: dict[str, str] = {}
    root = folder.resolve()
    total = 0
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in _KEPT) if _modest(folder) else []
    for path in [*paths[:_MAX_FILES], *([only] if only else [])]:
        name = path.relative_to(folder).as_posix()
        if name in texts or not path.is_file() or root not in path.resolve().parents:
            continue
        total += path.stat().st_size
        if total > _MAX_TEXT:
            raise ManuscriptError(f"{folder} holds too much text", "give the folder of one paper")
        texts[name] = decode(path.read_bytes(), name)
    return texts


def _modest(folder: Path) -> bool:
    """Whether a folder may be searched: not the root, a home or another place with very many files."""
    return folder.resolve() not in (Path("/"), Path.home().resolve()) and sum(1 for _ in folder.iterdir()) < _MAX_FILES


def _main_file(texts: Mapping[str, str], name: str) -> str:
    mains = [n for n, t in texts.items() if _MAIN.search(t) and n.endswith(".tex")]
    if not mains:
        raise ManuscriptError(
            f"{name} holds no LaTeX main file (none has \\documentclass)", "give the .tex file itself"
        )
    favourites = ("main.tex", "paper.tex", "manuscript.tex", "template.tex", "ms.tex")
    return min(mains, key=lambda n: (PurePosixPath(n).name not in favourites, n.count("/"), -len(texts[n]), n))


def _of_one(texts: Mapping[str, str], main: str) -> dict[str, str]:
    """The files that may belong to a paper: no other paper of the same folder, whose comments are not its own."""
    return {n: t for n, t in texts.items() if n == main or not (_MAIN.search(t) and r"\begin{document}" in t)}


def _read(texts: Mapping[str, str], main: str, name: str, folder: Path | None = None) -> Manuscript:
    whole = _expand(texts, main, set())
    preamble, begun, document = whole.partition(r"\begin{document}")
    if not begun:
        preamble, document = "", whole
    document = document.partition(r"\end{document}")[0]
    definitions = preamble + document
    document = _expand_macros(document, definitions)
    hidden = (*_hidden(document), *unseen_in_latex(_of_one(texts, main), definitions))
    bibliography = _bibliography(texts, main, document)
    numbers, floats = _floats(document)
    body = _FLOAT.sub(
        _cells, re.sub(r"\\begin\{thebibliography\}.*?\\end\{thebibliography\}", " ", document, flags=re.DOTALL)
    )
    abstract = _abstract(document)
    body = re.sub(r"\\begin\{abstract\}.*?\\end\{abstract\}", " ", body, flags=re.DOTALL)
    sections, appendix = _sections(body, numbers)
    if not sections and not abstract and len(detex(body, numbers).split()) < 20:
        raise ManuscriptError(f"{name} holds no text to review", "give the main .tex file together with what it inputs")
    return Manuscript(
        file=name,
        format="latex",
        title=_argument(_expand_macros(definitions, definitions), r"\\title\s*(?:\[[^\]]*\])?"),
        abstract=detex(abstract, numbers),
        sections=tuple(sections),
        appendix=tuple(appendix),
        floats=tuple(floats),
        references=tuple(bibliography),
        equations=_count_equations(document),
        hidden=hidden,
        images=latex_images(definitions, folder),
    )


def _expand(texts: Mapping[str, str], name: str, seen: set[str]) -> str:
    """A file with comments gone and its inputs in place; each file once, none from outside."""
    if name in seen or name not in texts:
        return ""
    seen.add(name)
    text = re.sub(r"(?<!\\)((?:\\\\)*)%.*", r"\1", texts[name])
    text = re.sub(r"\\begin\{comment\}.*?\\end\{comment\}|\\iffalse\b.*?\\fi\b", " ", text, flags=re.DOTALL)

    def replace(match: re.Match[str]) -> str:
        return _expand(texts, _resolve(texts, match[1].strip(), name), seen)

    return re.sub(r"\\(?:input|include|subfile)\s*\{([^}]*)\}", replace, text)


def _resolve(texts: Mapping[str, str], wanted: str, beside: str) -> str:
    wanted = wanted if wanted.endswith(_KEPT) else wanted + ".tex"
    wanted = wanted.removeprefix("./")
    parent = PurePosixPath(beside).parent
    candidates = (wanted, (parent / wanted).as_posix())
    return next((c for c in candidates if c in texts), wanted)


def _expand_macros(text: str, definitions: str) -> str:
    """Put the author's macros that take no argument in place, and values that are kept by name, as this package's own
    papers keep their numbers: ``\\val{id}`` for what ``\\defineval{id}{…}`` defines."""
    named = {(m[1], m[2]): balanced(definitions, m.end())[0] for m in _NAMED_VALUE.finditer(definitions)}
    if named:
        kinds = "|".join(sorted({kind for kind, _ in named}))
        text = re.sub(rf"\\({kinds})[a-z]*\{{([^{{}}]*)\}}", lambda m: named.get((m[1], m[2]), m[0]), text)
    plain = dict(
        re.findall(r"\\(?:re)?newcommand\*?\s*\{?\\([A-Za-z]+)\}?\s*\{((?:[^{}\\]|\\[%&$#_])*)\}", definitions)
    )
    for name, value in plain.items():
        text = re.sub(rf"(?<!command)(?<!command\{{)\\{name}(?![A-Za-z])(?:\{{\}})?", value.replace("\\", r"\\"), text)
    return text


def _argument(text: str, command: str) -> str:
    match = re.search(command + r"\s*(?=\{)", text)
    return detex(balanced(text, match.end())[0], {}) if match else ""


def _abstract(text: str) -> str:
    match = re.search(r"\\begin\{abstract\}(.*?)\\end\{abstract\}", text, re.DOTALL)
    if match:
        return match[1]
    command = re.search(r"\\abstract\s*(?=\{)", text)
    return balanced(text, command.end())[0] if command else ""


def _sections(body: str, numbers: Mapping[str, str]) -> tuple[list[ManuscriptSection], list[ManuscriptSection]]:
    main: list[ManuscriptSection] = []
    back: list[ManuscriptSection] = []
    current = main
    matches = list(_SECTION.finditer(body))
    counts = [0, 0, 0]
    for i, match in enumerate(matches):
        if match["level"] is None:
            current, counts = back, [0, 0, 0]
            continue
        heading, after = balanced(body, match.end())
        end = matches[i + 1].start() if i + 1 < len(matches) else len(body)
        starred = "*" in match.group()
        number = "" if starred else _number(counts, match["level"], current is back)
        title = f"{number} {detex(heading, numbers)}".strip()
        current.append(ManuscriptSection(heading=title, text=detex(body[after:end], numbers)))
    return main, back


def _number(counts: list[int], level: str, lettered: bool) -> str:
    depth = {"chapter": 0, "section": 0, "subsection": 1, "subsubsection": 2}[level]
    counts[depth] += 1
    counts[depth + 1 :] = [0] * (2 - depth)
    first = chr(64 + min(counts[0], 26)) if lettered and counts[0] else str(counts[0])
    return ".".join([first, *(str(c) for c in counts[1 : depth + 1])])


def _floats(document: str) -> tuple[dict[str, str], list[Float]]:
    """The number of each label, and the floats. Other labels get a number too, so that they resolve."""
    numbers = {m[1]: "1" for m in re.finditer(r"\\label\{([^}]*)\}", document)}
    floats: list[Float] = []
    counts = {"figure": 0, "table": 0}
    for match in _FLOAT.finditer(document):
        kind = "table" if "table" in match[1] else "figure"
        captions = list(re.finditer(r"\\caption\s*(?:\[[^\]]*\])?\s*(?=\{)", match[2]))
        for index, caption in enumerate(captions or [None]):
            counts[kind] += 1
            end = captions[index + 1].start() if index + 1 < len(captions) else len(match[2])
            first = caption.start() if caption and index else 0
            for label in re.findall(r"\\label\{([^}]*)\}", match[2][first:end]):
                numbers[label] = str(counts[kind])
            text = balanced(match[2], caption.end())[0] if caption else ""
            floats.append(_float(kind, counts[kind], text))
    return numbers, [f.model_copy(update={"caption": detex(f.caption, numbers)}) for f in floats]


def _cells(match: re.Match[str]) -> str:
    """What a float holds beside its captions: the cells of a table."""
    text = match[2]
    while caption := re.search(r"\\caption\s*(?:\[[^\]]*\])?\s*(?=\{)", text):
        text = text[: caption.start()] + text[balanced(text, caption.end())[1] :]
    text = _TABULAR.sub(_barred, re.sub(r"^\s*\[[^\]]*\]", "", text))
    return "\n\n" + re.sub(r"(?<!\\)&", " ", text) + "\n\n"


def _barred(match: re.Match[str]) -> str:
    """A table whose rows all have the same cells, as Markdown writes it, so that checks can read it; else unchanged."""
    text = re.sub(r"\\(?:hline|(?:top|mid|bottom)rule|c(?:mid|)(?:rule|line)\s*(?:\([^)]*\))?\{[^}]*\})|\\\\\[[^\]]*\]",
                  lambda m: r"\\" if m[0].startswith("\\\\") else " ", match[2])  # fmt: skip
    rows = [[c.strip() for c in re.split(r"(?<!\\)&", row)] for row in re.split(r"\\\\", text) if row.strip()]
    if len(rows) < 2 or len(rows[0]) < 2 or any(len(row) != len(rows[0]) for row in rows) or "|" in text:
        return match[0]
    rows.insert(1, [":-:"] * len(rows[0]))
    return "\n\n" + "\n".join("|" + "|".join(f" {c} " for c in row) + "|" for row in rows) + "\n\n"


def _float(kind: str, number: int, caption: str) -> Float:
    return Float(kind="table" if kind == "table" else "figure", label=f"{kind.capitalize()} {number}", caption=caption)


def _count_equations(document: str) -> int:
    count = 0
    for match in _NUMBERED.finditer(document):
        rows = match[2].count(r"\\") + 1 if match[1] in ("align", "gather", "eqnarray") else 1
        count += max(0, rows - len(re.findall(r"\\no(?:number|tag)\b", match[2])))
    return count


def _hidden(document: str) -> tuple[Span, ...]:
    texts: list[str] = []
    for match in _WHITE.finditer(document):
        if match.group().startswith("\\textcolor"):
            texts.append(balanced(document, match.end())[0] if document[match.end() : match.end() + 1] == "{" else "")
        else:
            texts.append(re.split(r"\}|\\color\b", document[match.end() :], maxsplit=1)[0][:2000])
    texts += [
        balanced(document, m.end())[0]
        for m in re.finditer(r"\\fontsize\s*\{[01](?:\.\d+)?(?:pt)?\}\s*\{[^}]*\}\s*(?=\{)", document)
    ]
    spans = [Span(text=t) for t in (detex(t, {}) for t in texts) if len(t.split()) >= 2]
    characters = invisible_characters(document)
    if len(characters) == 1 and len(characters[0]) > 1:
        spans.append(Span(text=characters[0]))
    elif len(characters) > 4:
        spans.append(Span(text="".join(characters)))
    return tuple(spans)


# ------------------------------------------------------------------------------------------- references


def _bibliography(texts: Mapping[str, str], main: str, document: str) -> list[CitedWork]:
    source = document if r"\bibitem" in document else ""
    cited = {
        k.strip()
        for m in re.finditer(r"\\(?:no)?cite\w*\*?\s*(?:\[[^\]]*\]\s*)*\{([^}]*)\}", document)
        for k in m[1].split(",")
    }
    bibs = [t for n, t in sorted(texts.items()) if n.endswith(".bib") and _is_named(n, document)]
    if bibs:
        entries = [e for text in bibs for e in _bib_entries(text)]
        return entries if "*" in cited else [e for e in entries if e.label in cited]
    if not source:
        own = PurePosixPath(main).with_suffix(".bbl").as_posix()
        source = texts.get(own) or next((t for n, t in sorted(texts.items()) if n.endswith(".bbl")), "")
    return [_bibitem(key, text) for key, text in _bibitems(source)]


def _is_named(file: str, document: str) -> bool:
    named = re.findall(r"\\(?:bibliography|addbibresource)\s*(?:\[[^\]]*\])?\{([^}]*)\}", document)
    names = {n.strip().removesuffix(".bib") for group in named for n in group.split(",")}
    stem = file.removesuffix(".bib")
    return not names or stem in names or PurePosixPath(stem).name in {PurePosixPath(n).name for n in names}


def _bibitems(source: str) -> Iterator[tuple[str, str]]:
    matches = list(_BIBITEM.finditer(source))
    for i, match in enumerate(matches):
        end = matches[i + 1].start() if i + 1 < len(matches) else len(source)
        yield match[1].strip(), source[match.end() : end].partition(r"\end{thebibliography}")[0]


def _bibitem(key: str, text: str) -> CitedWork:
    entry = parse_entry(" ".join(detex(text.replace(r"\newblock", " "), {}).split()))
    return entry.model_copy(update={"label": key})


def _bib_entries(text: str) -> Iterator[CitedWork]:
    for match in re.finditer(r"@(\w+)\s*\{\s*([^,\s{}]+)\s*,", text):
        if match[1].lower() in ("comment", "string", "preamble"):
            continue
        inside, _ = balanced("{" + text[match.end() :], 0)
        fields = _bib_fields(inside)
        year = re.search(r"(?:19|20)\d\d", fields.get("year", fields.get("date", "")))
        authors = [
            " ".join(a.split()) for a in re.split(r"\s+and\s+", detex(fields.get("author", ""), {})) if a.strip()
        ]
        title = detex(fields.get("title", ""), {}) or None
        raw = ". ".join(
            p
            for p in (
                ", ".join(authors),
                title or "",
                detex(fields.get("journal", fields.get("booktitle", "")), {}),
                year.group() if year else "",
            )
            if p
        )
        yield CitedWork(
            raw=raw, label=match[2], title=title, authors=tuple(authors), year=int(year.group()) if year else None
        )


def _bib_fields(text: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    position = 0
    while match := re.compile(r"([A-Za-z_-]+)\s*=\s*").search(text, position):
        start = match.end()
        if text[start : start + 1] == "{":
            value, position = balanced(text, start)
        elif text[start : start + 1] == '"':
            end = text.find('"', start + 1)
            end = end if end > 0 else len(text)
            value, position = text[start + 1 : end], end + 1
        else:
            end_match = re.compile(r"[,\n]").search(text, start)
            position = end_match.start() if end_match else len(text)
            value = text[start:position]
        fields.setdefault(match[1].lower(), value.strip())
    return fields
