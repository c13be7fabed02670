"""A protocol as the one printable page that clinicians read and sign (`table.md`, generated and kept beside it)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from careline.core.triage.conditions import Condition
    from careline.core.triage.library import Library
    from careline.core.triage.protocol import Protocol, QuestionSpec, Rule


def table(protocol: Protocol, library: Library) -> str:
    """Markdown. The same protocol gives the same text, byte for byte."""
    return "\n".join([
        f"# {protocol.title}",
        "",
        "Generated from `protocol.toml`: change that file, then write this one anew with `careline protocols tables`.",
        "",
        *_head(protocol),
        "",
        "| When | Then | If not known | Because |",
        "|---|---|---|---|",
        *(_row(rule) for rule in sorted(protocol.rules, key=lambda rule: rule.then.rank)),
        f"| {'a symptom no protocol fits' if protocol.universal else 'otherwise'} | **{protocol.otherwise}** | | |",
        "",
        *_groups(protocol),
        *_questions(protocol, library),
        *_settings(protocol),
        "Sources:",
        "",
        *(f"* {s.id}: {s.title}, <{s.url}> ({s.licence})" for s in protocol.sources.values()),
        "",
    ])  # fmt: skip


def tables(library: Library) -> dict[str, str]:
    """What each folder's `table.md` must hold, by path below `protocols/`."""
    return {f"{name}/table.md": table(protocol, library) for name, protocol in library.protocols.items()}


def _head(protocol: Protocol) -> list[str]:
    signed = {
        "draft": "DRAFT: not yet signed by clinicians",
        "approved": "signed, see REVIEW.md",
        "retired": "retired, never run",
    }
    lines = [
        f"* `{protocol.id}` {protocol.version}, {signed[protocol.status]}; reviewed again by {protocol.review.isoformat()}",
        f"* sha256 of protocol.toml: `{protocol.hash}`",
    ]
    if protocol.universal:
        lines.append("* everybody with a symptom is asked these questions")
    if protocol.packs:
        lines.append(f"* packs: {', '.join(sorted(protocol.packs))}")
    if protocol.triggers:
        lines.append(f"* started by: {', '.join(protocol.triggers)}")
    if protocol.applies:
        lines.append(f"* unless known otherwise: {_all(protocol.applies)}")
    if protocol.only:
        lines.append(f"* only when known: {_all(protocol.only)}")
    return lines


def _row(rule: Rule) -> str:
    texts = [condition.text for condition in rule.conditions]
    when = " **and** ".join(texts) if rule.every else " **or** ".join(texts)
    offer = f" ({', '.join(rule.offer)} offered)" if rule.offer else ""
    return f"| {rule.id}: {when} | **{rule.then}**{offer} | {rule.unknown or 'otherwise'} | {', '.join(rule.because)} |"


def _groups(protocol: Protocol) -> list[str]:
    lines = [
        f"* **{name}**: any of {', '.join(part.concept for part in parts)}" for name, parts in protocol.groups.items()
    ]
    return ["Groups:", "", *lines, ""] if lines else []


def _questions(protocol: Protocol, library: Library) -> list[str]:
    if not protocol.questions:
        return []
    lines = ["Questions, asked only while an answer could still raise the disposition:", ""]
    for spec in protocol.questions.values():
        for language, words in library.words.items():
            mark = f"* **{spec.key}**{' (danger)' if spec.danger else ''}" if language == "en" else "  *"
            lines.append(f"{mark} {language}: {words.question(protocol.id, spec.key) or '—'}")
        lines += _notes(spec)
    return [*lines, ""]


def _notes(spec: QuestionSpec) -> list[str]:
    notes = [
        ("asks for", ", ".join(part.concept for part in spec.parts)),
        ("a no also denies", ", ".join(spec.denies)),
        ("unless known otherwise", _all(spec.applies)),
        ("only when", _all(spec.when)),
        ("packs", ", ".join(sorted(spec.packs))),
    ]
    return [f"  * {name}: {text}" for name, text in notes if text]


def _settings(protocol: Protocol) -> list[str]:
    lines = [
        f"* {setting.key}: {setting.default:g} {setting.unit}, at most moved to {setting.limit:g}"
        for setting in protocol.settings.values()
    ]
    return ["A practice may tune, towards more urgency only:", "", *lines, ""] if lines else []


def _all(sentences: tuple[Condition, ...]) -> str:
    return ", ".join(sentence.text for sentence in sentences)
