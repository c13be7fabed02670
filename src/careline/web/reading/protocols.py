"""Which rules fired and why, and the whole table each of them stands in, as clinicians sign it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from careline.core.clinical import Disposition
from careline.web import outside
from careline.web.reading.common import quoted
from careline.web.seen.contact import ProtocolTable, RuleRow, Source, TableRow
from careline.web.seen.parts import DISPOSITION_LABELS, human

if TYPE_CHECKING:
    from collections.abc import Mapping

    from careline.core.triage.protocol import Protocol, Rule

_STATUS = {
    "draft": "draft protocol, not signed by clinicians",
    "approved": "signed by clinicians",
    "retired": "retired since",
}


def rules(record: Mapping[str, Any], *, draft: bool) -> tuple[RuleRow, ...]:
    """Most urgent first. `draft` is what to think of a protocol that is no longer among those in force."""
    fired = sorted(record.get("fired", ()), key=lambda rule: Disposition(rule["disposition"]).rank)
    return tuple(_row(record, rule, _in_force(rule), draft=draft) for rule in fired)


def tables(record: Mapping[str, Any]) -> tuple[ProtocolTable, ...]:
    """The tables of the protocols that fired, as far as the very version is still at hand."""
    fired: dict[str, set[str]] = {}
    found: dict[str, Protocol] = {}
    for rule in record.get("fired", ()):
        protocol = _in_force(rule)
        if protocol is not None:
            found[protocol.id] = protocol
            fired.setdefault(protocol.id, set()).add(rule["rule"])
    return tuple(_table(protocol, fired[name]) for name, protocol in found.items())


def _in_force(rule: Mapping[str, Any]) -> Protocol | None:
    library = outside.library()
    protocol = library.protocols.get(rule["protocol"]) if library else None
    return protocol if protocol and protocol.hash == rule["hash"] else None


def _row(record: Mapping[str, Any], rule: Mapping[str, Any], protocol: Protocol | None, *, draft: bool) -> RuleRow:
    then = Disposition(rule["disposition"])
    return RuleRow(
        protocol=protocol.title if protocol else human(rule["protocol"]),
        version=rule["version"],
        hash=rule["hash"][:8],
        rule=human(rule["rule"]),
        then=DISPOSITION_LABELS[then],
        tone=then.level.value,
        because=tuple(_source(text) for text in rule["because"]),
        words=quoted(record, rule),
        draft=protocol.status == "draft" if protocol else draft,
    )


def _source(text: str) -> Source:
    """A source is kept as "title (licence) address"."""
    title, _, address = text.rpartition(" ")
    return Source(title, address) if address.startswith(("https://", "http://")) else Source(text, "")


def _table(protocol: Protocol, fired: set[str]) -> ProtocolTable:
    rows = [_table_row(rule, fired) for rule in sorted(protocol.rules, key=lambda rule: rule.then.rank)]
    if protocol.otherwise is not None:
        label = DISPOSITION_LABELS[protocol.otherwise]
        rows.append(TableRow("Otherwise", "", label, protocol.otherwise.level.value, "", "otherwise" in fired))
    return ProtocolTable(protocol.title, protocol.version, protocol.hash[:8], _STATUS[protocol.status], tuple(rows))


def _table_row(rule: Rule, fired: set[str]) -> TableRow:
    joint = " and " if rule.every else " or "
    when = joint.join(condition.text.replace("_", " ") for condition in rule.conditions)
    unknown = DISPOSITION_LABELS[rule.unknown] if rule.unknown else "otherwise"
    return TableRow(
        human(rule.id), when, DISPOSITION_LABELS[rule.then], rule.then.level.value, unknown, rule.id in fired
    )
