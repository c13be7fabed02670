"""A contact's proof as a PDF: A4, black on white, nothing in it that is not in the JSON."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from careline.web.seen.contact import AttemptRow, Proof
    from careline.web.seen.proof import ProofPaper

_TEXT = ParagraphStyle("text", fontName="Helvetica", fontSize=8.5, leading=11)
_FAINT = ParagraphStyle("faint", parent=_TEXT, textColor=colors.HexColor("#555555"), fontSize=7.5, leading=9.5)
_HEAD = ParagraphStyle("head", parent=_TEXT, fontName="Helvetica-Bold", fontSize=11, leading=15, spaceBefore=9)
_TITLE = ParagraphStyle("title", parent=_HEAD, fontSize=17, leading=22)
_GRID = TableStyle(
    [
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.HexColor("#cccccc")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]
)


def as_pdf(paper: ProofPaper) -> bytes:
    sheet = BytesIO()
    document = SimpleDocTemplate(
        sheet, pagesize=A4, leftMargin=18 * mm, rightMargin=18 * mm, topMargin=16 * mm, bottomMargin=16 * mm,
        title=f"Proof of contact {paper.reference}", author=paper.practice, invariant=1,
    )  # fmt: skip
    zone = ZoneInfo(paper.zone)
    foot = f"Contact {paper.reference}. Confidential: holds patient information."
    number: Any = lambda canvas, _: _foot(canvas, foot)  # noqa: E731
    document.build(_story(paper, zone), onFirstPage=number, onLaterPages=number)
    return sheet.getvalue()


def _foot(canvas: Any, text: str) -> None:
    canvas.saveState()
    canvas.setFont("Helvetica", 7.5)
    canvas.drawString(18 * mm, 10 * mm, text)
    canvas.drawRightString(A4[0] - 18 * mm, 10 * mm, f"page {canvas.getPageNumber()}")
    canvas.restoreState()


def _story(paper: ProofPaper, zone: ZoneInfo) -> list[Any]:
    facts = [
        ("Contact", f"{paper.reference} ({paper.contact})"), ("Began", _at(paper.began, zone)),
        ("Ended", _at(paper.ended, zone) if paper.ended else "not yet"), ("By", f"{paper.channel} {paper.caller}"),
        ("Patient", paper.patient), ("In the caller's words", paper.reason), ("Judged as", paper.urgency),
    ]  # fmt: skip
    story: list[Any] = [_say("Proof of contact", _TITLE), _say(paper.practice), Spacer(1, 6)]
    story.append(_table([[_say(name, _FAINT), _say(value)] for name, value in facts], (42, 132)))
    for page in paper.pages:
        story += _page(page, zone)
    story += [_say("From hello to outcome", _HEAD)]
    rows = [[_say(_at(one.at, zone), _FAINT), _say(one.what)] for one in paper.timeline]
    story += [_table(rows, (46, 128)), _say("In the journal", _HEAD), *_journal(paper, zone)]
    made = f"Made {_at(paper.made_at, zone)} by {paper.made_by}. Times are those of {paper.zone}."
    return [*story, Spacer(1, 6), _say(made, _FAINT)]


def _page(page: Proof, zone: ZoneInfo) -> list[Any]:
    said = f"Raised {_at(page.raised, zone)}; {page.state}"
    if page.accepted_at is not None:
        said = f"Raised {_at(page.raised, zone)}; accepted by {page.accepted_by} {_at(page.accepted_at, zone)}"
    if page.outcome:
        said += f"; outcome: {page.outcome}"
    heads = [_say(name, _FAINT) for name in ("Began", "Ended", "Who", "How", "Answer", "Provider's reference")]
    rows = [heads, *(_attempt(one, zone) for one in page.attempts)]
    return [_say("Reaching the clinician", _HEAD), _say(said), Spacer(1, 3), _table(rows, (25, 25, 38, 34, 28, 24))]


def _attempt(one: AttemptRow, zone: ZoneInfo) -> list[Any]:
    ended = _clock(one.ended, zone) if one.ended else ""
    texts = (
        _clock(one.began, zone), ended, f"{one.person} ({one.step})", f"{one.channel} {one.to}",
        f"{one.outcome} {one.reason}".strip(), one.reference,
    )  # fmt: skip
    return [_say(text) for text in texts]


def _journal(paper: ProofPaper, zone: ZoneInfo) -> list[Any]:
    rows = [[_say(name, _FAINT) for name in ("Entry", "When", "Who", "Did", "Seal")]]
    rows += [
        [
            _say(str(one.number or "not sealed yet"), _FAINT), _say(_clock(one.at, zone), _FAINT), _say(one.who, _FAINT),
            _say(one.action, _FAINT), _say((one.seal or "")[:16], _FAINT),
        ]
        for one in paper.journal
    ]  # fmt: skip
    found: list[Any] = [_table(rows, (20, 26, 42, 54, 32))]
    if paper.head is not None:
        found.append(_say(f"The chain ended at entry {paper.head.number}, seal {paper.head.seal}.", _FAINT))
    return found


def _table(rows: Sequence[Sequence[Any]], widths_mm: Sequence[float]) -> Any:
    return Table([list(row) for row in rows], colWidths=[width * mm for width in widths_mm], style=_GRID, repeatRows=0)


def _say(text: str, style: ParagraphStyle = _TEXT) -> Any:
    """What the built-in fonts lack (a caller may have any letters) is shown as a question mark; the JSON has it."""
    return Paragraph(escape(text.encode("cp1252", "replace").decode("cp1252")), style)


def _at(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %Z")


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%m-%d %H:%M:%S")
