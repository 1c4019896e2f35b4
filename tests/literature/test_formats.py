from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from scientist.errors import UsageError
from scientist.literature import formats
from scientist.literature.formats.bibtex import unicode_text
from scientist.literature.formats.entry import Entry, plain_arxiv_id, plain_doi, turned_name, whole_year
from scientist.types import Paper

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"


def nothing(**wanted: Any) -> None:
    """Knows no record."""


def entries(path: Path, text: str | bytes, start: int = 0) -> list[Entry]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(formats.read(path, start=start, known=nothing))


def papers(path: Path, text: str | bytes) -> list[Paper]:
    found = entries(path, text)
    assert [e.problem for e in found] == [None] * len(found)
    return [e.paper for e in found if e.paper]


BIBTEX = r"""% a comment
@string{jmlr = "Journal of {ML} Research"}
@article{a1,
  author = {Br{\"o}nt{\"e}, Zo{\"e} and van der Berg, Jan and {The {BERT} Group} and Smith, Jr., Bob and others},
  title = {{BERT}: A $\alpha$-study of {\'E}t{\'e} \& more}, year = 2020, journal = jmlr,
  doi = {https://doi.org/10.1000/X_1}
}
@article{broken, title = {x, year = 2020
@misc{ok, title = "Fine" # " joined", author = "Knuth, Donald E.", eprint = {1412.6980}, archivePrefix = {arXiv}}
@comment{nothing}
@misc{ok, title = {The key comes twice}, journal = {arXiv preprint arXiv:1706.03762}, date = {2017-06-12}}
@misc{empty, year = 2000}
"""


def test_bibtex(tmp_path: Path) -> None:
    found = entries(tmp_path / "a.bib", BIBTEX)
    assert [e.place for e in found] == ["line 3", "line 8", "line 9", "line 11", "line 12"]
    first, broken, joined, twice, empty = found
    assert first.paper is not None
    assert first.paper.title == r"BERT: A $\alpha$-study of Été & more"
    assert first.paper.authors == ("Zoë Bröntë", "Jan van der Berg", "The BERT Group", "Bob Smith Jr.")
    assert not first.paper.authors_complete
    assert (first.paper.year, first.paper.venue, first.paper.doi) == (2020, "Journal of ML Research", "10.1000/x_1")
    assert broken.paper is None and "not BibTeX" in (broken.problem or "")
    assert joined.paper is not None
    assert (joined.paper.title, joined.paper.arxiv_id) == ("Fine joined", "1412.6980")
    assert twice.paper is not None
    assert (twice.paper.arxiv_id, twice.paper.year) == ("1706.03762", 2017)
    assert empty.problem == "no title"


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        (r"Erd{\H{o}}s and R\'enyi", "Erdős and Rényi"),
        (r"na\"{\i}ve \c{c} \v{s} {\o} \ss", "naïve ç š ø ß"),
        (r"50\% of A\&B \_x", "50% of A&B _x"),
        (r"\emph{Really} \textbf{bold}", "Really bold"),
        (r"$x_{1} \leq 2$ stays", r"$x_{1} \leq 2$ stays"),
        ("漢字 and Brontë", "漢字 and Brontë"),
        ("a~b -- c", "a b – c"),
        (r"{\L}ukasz and \L ukasz", "Łukasz and Łukasz"),
        (r"\$5 and \$6", "$5 and $6"),
    ],
)
def test_latex_becomes_characters(latex: str, plain: str) -> None:
    assert unicode_text(latex) == plain


RIS = """TY  - JOUR
AU  - Knuth, Donald E.
AU  - Smith, Bob, Jr.
TI  - The art of
  computer things
PY  - 1974/12/01
JO  - Comm. ACM
DO  - 10.1145/361604.361612
AB  - On art.
ER  -

TY  - JOUR
AU  - Nobody
ER  -
TY  - GEN
T1  - A preprint
UR  - https://arxiv.org/abs/1706.03762v5
ER  -
TY  - JOUR
TI  - Cut
"""


def test_ris(tmp_path: Path) -> None:
    first, untitled, preprint, cut = entries(tmp_path / "a.ris", RIS.replace("\n", "\r\n"))
    assert first.paper == Paper(
        id="doi:10.1145/361604.361612",
        title="The art of computer things",
        authors=("Donald E. Knuth", "Bob Smith Jr."),
        year=1974,
        venue="Comm. ACM",
        doi="10.1145/361604.361612",
        abstract="On art.",
        source="library",
    )
    assert (untitled.problem, untitled.place) == ("no title", "line 12")
    assert preprint.paper is not None and preprint.paper.arxiv_id == "1706.03762"
    assert cut.problem is not None and "no end" in cut.problem


def test_csl_json(tmp_path: Path) -> None:
    items = [
        {
            "id": "z1",
            "type": "article-journal",
            "title": "A <i>study</i> &amp; more",
            "author": [
                {"family": "Berg", "given": "Jan", "non-dropping-particle": "van der"},
                {"literal": "The BERT Group"},
            ],
            "issued": {"date-parts": [["2020", 1]]},
            "container-title": "Journal",
            "DOI": "10.1000/X",
            "note": "arXiv:2001.00001 [cs]",
        },
        {"id": "z2", "title": ""},
        7,
    ]
    first, untitled, odd = entries(tmp_path / "a.json", json.dumps(items))
    assert first.paper is not None
    assert first.paper.title == "A study & more"
    assert first.paper.authors == ("Jan van der Berg", "The BERT Group")
    assert (first.paper.year, first.paper.doi, first.paper.arxiv_id) == (2020, "10.1000/x", "2001.00001")
    assert (untitled.problem, odd.problem) == ("no title", "not an object")
    with pytest.raises(UsageError, match="not whole JSON"):
        entries(tmp_path / "b.json", json.dumps(items)[:-20])


ARXIV = {
    "id": "0704.0001",
    "submitter": "A B",
    "authors": "C. Bal\\'azs, E. L. Berger",
    "title": "Calculation of prompt diphoton\n  production",
    "comments": "37 pages; this paper has been withdrawn by the authors",
    "journal-ref": None,
    "doi": "10.1103/PhysRevD.76.013009",
    "abstract": "  A fully differential\n calculation.\n",
    "categories": "hep-ph",
    "authors_parsed": [["Balázs", "C.", ""], ["Berger", "E. L.", "Jr."]],
}
OPENALEX = {
    "id": "https://openalex.org/W1",
    "doi": "https://doi.org/10.1000/Abc",
    "title": "Zyxology",
    "publication_year": 2021,
    "authorships": [{"author": {"display_name": "Ada Lovelace"}}],
    "primary_location": {"source": {"display_name": "Nature"}},
    "locations": [{"landing_page_url": "https://arxiv.org/abs/2101.00001"}],
    "is_retracted": True,
    "abstract_inverted_index": {"We": [0], "study": [1, 3], "what": [2]},
}
S2_BULK = {
    "corpusid": 7,
    "externalids": {"ArXiv": "2101.00002", "DOI": None},
    "title": "Bulk",
    "authors": [{"authorId": "1", "name": "Ada"}],
    "venue": "ICML",
    "year": 2020,
}


def test_arxiv_snapshot(tmp_path: Path) -> None:
    (paper,) = papers(tmp_path / "a.json", json.dumps(ARXIV) + "\n")
    assert paper.title == "Calculation of prompt diphoton production"
    assert paper.authors == ("C. Balázs", "E. L. Berger Jr.")
    assert (paper.id, paper.year, paper.venue) == ("arxiv:0704.0001", 2007, "arXiv")
    assert paper.abstract == "A fully differential calculation."
    assert paper.withdrawn
    (sound,) = papers(tmp_path / "b.json", json.dumps({**ARXIV, "comments": "37 pages", "id": "hep-th/9901001"}))
    assert not sound.withdrawn
    assert (sound.arxiv_id, sound.year) == ("hep-th/9901001", 1999)


def test_openalex_and_semantic_scholar(tmp_path: Path) -> None:
    (work,) = papers(tmp_path / "part_000.gz", gzip.compress(json.dumps(OPENALEX).encode()))
    assert (work.doi, work.arxiv_id, work.year, work.venue) == ("10.1000/abc", "2101.00001", 2021, "Nature")
    assert work.abstract == "We study what study"
    assert work.retracted
    (bulk,) = papers(tmp_path / "s2", json.dumps(S2_BULK))
    assert (bulk.id, bulk.authors, bulk.year) == ("arxiv:2101.00002", ("Ada",), 2020)
    bare = {**OPENALEX, "doi": None, "locations": [], "abstract_inverted_index": None, "authorships": []}
    (work,) = papers(tmp_path / "b", json.dumps(bare))
    assert (work.id, work.abstract, work.authors) == ("openalex:W1", "", ())
    (abstract,) = entries(tmp_path / "abstracts", json.dumps({"corpusid": 7, "abstract": "x"}))
    assert "no title" in (abstract.problem or "")


@pytest.mark.parametrize("packed", [False, True])
def test_lines_are_taken_up_where_reading_stopped(tmp_path: Path, packed: bool) -> None:
    text = "".join(json.dumps({"id": f"x:{i}", "title": f"Title {i} ü"}, ensure_ascii=False) + "\n" for i in range(9))
    path = tmp_path / "a.jsonl"
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    whole = list(formats.read(path, known=nothing))
    assert list(formats.read(path, start=whole[3].position, known=nothing)) == whole[4:]


@pytest.mark.parametrize(("name", "text"), [("a.bib", BIBTEX), ("a.ris", RIS)])
def test_entries_are_taken_up_where_reading_stopped(tmp_path: Path, name: str, text: str) -> None:
    whole = entries(tmp_path / name, text)
    assert entries(tmp_path / name, text, start=whole[1].position) == whole[2:]


def test_wrong_encodings_and_marks_are_read(tmp_path: Path) -> None:
    latin = "@misc{a, title={Étude of Brontë}, author={Brontë, Zoë}}".encode("cp1252")
    (paper,) = papers(tmp_path / "a.bib", latin)
    assert (paper.title, paper.authors) == ("Étude of Brontë", ("Zoë Brontë",))
    (paper,) = papers(tmp_path / "b.jsonl", b"\xef\xbb\xbf" + b'{"id": "x", "title": "With\\u0000 a\\u200b mark"}')
    assert paper.title == "With a mark"


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.rdf", '<?xml version="1.0"?><rdf:RDF/>', "XML"),
        ("a.txt", "Dear diary", "no format"),
        ("a.jsonl", "", "no format"),
    ],
)
def test_other_files_are_refused_with_what_to_do(tmp_path: Path, name: str, text: str, reason: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=reason) as caught:
        formats.format_of(tmp_path / name)
    assert caught.value.hint


def test_a_folder_stands_for_its_pdfs(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    for folder in (tmp_path / "below", empty):
        folder.mkdir()
    for name in ("b.pdf", "below/a.PDF", "notes.txt"):
        (tmp_path / name).write_text("x")
    assert [p.name for p in formats.files_in([tmp_path, tmp_path / "b.pdf"])] == ["b.pdf", "a.PDF"]
    with pytest.raises(UsageError, match="holds no PDF"):
        formats.files_in([empty])


def pdf(path: Path, lines: list[str], **information: str) -> Path:
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = PdfWriter()
    page = writer.add_blank_page(612, 792)
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
    )
    shown = " ".join(f"({line}) Tj 0 -20 Td" for line in lines)
    content = DecodedStreamObject()
    content.set_data(f"BT /F1 12 Tf 50 700 Td {shown} ET".encode())
    page[NameObject("/Contents")] = writer._add_object(content)
    writer.add_metadata({f"/{name}": value for name, value in information.items()})
    with path.open("wb") as f:
        writer.write(f)
    return path


HELD = Paper(id="h", title="On Zyxology of Things", authors=("Ada Lovelace",), arxiv_id="2101.00001", source="library")


def knows(*, arxiv_id: str | None = None, doi: str | None = None, title: str | None = None) -> Paper | None:
    return HELD if arxiv_id == HELD.arxiv_id or title == HELD.title else None


@pytest.mark.parametrize(
    ("lines", "information", "found"),
    [
        (["On Zyxology of Things", "arXiv:2101.00001v2 [cs.LG] 1 Jan 2021"], {}, "h"),
        (["On Zyxology", "of Things", "Ada Lovelace"], {}, "h"),
        (["On Zyxology of Things", "Ada Lovelace"], {}, "h"),
        (["On Zyxology of Things", "Charles Babbage"], {}, None),
        (["A New Title Here", "doi 10.1234/new.5"], {"Title": "A New Title Here"}, "doi:10.1234/new.5"),
        (["A New Title Here", "10.1234/new.5 10.1234/old.4"], {"Title": "A New Title Here"}, None),
        (["A New Title Here", "Eve Smith"], {"Title": "A New Title Here", "Author": "Eve Smith"}, "t:"),
        (["Something else", "Eve Smith"], {"Title": "untitled-3.dvi", "Author": "Eve Smith"}, None),
        (["Other words", "arXiv:2101.00009v1 [cs.LG] 1 Jan 2021"], {}, None),
        (["As was shown in arXiv:2101.00001", "and elsewhere"], {}, None),
    ],
)
def test_a_pdf_is_identified_by_what_proves_it(
    tmp_path: Path, lines: list[str], information: dict[str, str], found: str | None
) -> None:
    (entry,) = formats.read(pdf(tmp_path / "a.pdf", lines, **information), known=knows)
    if found is None:
        assert entry.paper is None and entry.problem
    else:
        assert entry.paper is not None and entry.paper.id.startswith(found)


@pytest.mark.parametrize("data", [b"%PDF-1.4\nnot one", b"%PDF-1.7\n" + b"\0" * 100])
def test_a_broken_pdf_is_a_bad_record(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.pdf").write_bytes(data)
    (entry,) = formats.read(tmp_path / "a.pdf", known=knows)
    assert "not a PDF" in (entry.problem or "")


def test_a_real_pdf_is_identified() -> None:
    path = SHARED / "manuscripts" / "attention.pdf"
    if not path.exists():
        pytest.skip("the manuscripts are not on this machine")
    held = HELD.model_copy(update={"title": "Attention is All you Need", "authors": ("Ashish Vaswani",)})
    (entry,) = formats.read(path, known=lambda **wanted: held if "ttention" in (wanted.get("title") or "") else None)
    assert entry.paper == held


@pytest.mark.parametrize(
    ("value", "doi", "arxiv_id", "year"),
    [
        ("https://doi.org/10.1000/AbC.", "10.1000/abc", None, None),
        ("arXiv:1412.6980v9", None, "1412.6980", None),
        ("https://arxiv.org/abs/cs/0112017", None, "cs/0112017", None),
        ("2017-06-12", None, None, 2017),
        ("in press", None, None, None),
        ("31234", None, None, None),
    ],
)
def test_identifiers_in_text(value: str, doi: str | None, arxiv_id: str | None, year: int | None) -> None:
    assert (plain_doi(value), plain_arxiv_id(value), whole_year(value)) == (doi, arxiv_id, year)


def test_names_are_turned() -> None:
    assert turned_name("Knuth, Donald E.") == "Donald E. Knuth"
    assert turned_name("Smith, Jr., Bob") == turned_name("Smith, Bob, Jr.") == "Bob Smith Jr."
    assert turned_name("Plato") == "Plato"
