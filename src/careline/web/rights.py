"""What each role may see and do, in one table; tests/web/test_rights.py walks every page against it."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from careline.core.people import Role

if TYPE_CHECKING:
    from collections.abc import Mapping


class Right(StrEnum):
    DESK = "desk"  # contacts as they happen, and everything unresolved
    CALLS = "calls"  # take, hear, hold and end contacts that are up
    INBOX = "inbox"  # messages: read, accept, close
    CONTACT = "contact"  # one contact's whole record
    HEAR = "hear"  # play recordings
    ON_CALL = "on_call"
    PAGES = "pages"  # the pages that were sent to oneself
    ACCEPT = "accept"  # take on any page, not only one that was sent to oneself
    JOURNAL = "journal"
    PEOPLE = "people"
    ROTA = "rota"  # change who is on call, for anybody


_EVERYONE = frozenset({Right.INBOX, Right.CONTACT, Right.HEAR, Right.ON_CALL, Right.PAGES})

RIGHTS: Mapping[Role, frozenset[Right]] = MappingProxyType(
    {
        Role.OPERATOR: _EVERYONE | {Right.DESK, Right.CALLS, Right.ROTA},
        Role.NURSE: _EVERYONE | {Right.DESK, Right.CALLS, Right.ACCEPT},
        Role.CLINICIAN: _EVERYONE | {Right.ACCEPT},
        Role.MANAGER: _EVERYONE | {Right.DESK, Right.CALLS, Right.JOURNAL, Right.PEOPLE, Right.ROTA},
        Role.COVERING: frozenset({Right.ON_CALL, Right.PAGES}),
    }
)

HOME: Mapping[Role, str] = MappingProxyType(
    {
        Role.OPERATOR: "desk",
        Role.NURSE: "desk",
        Role.CLINICIAN: "pages",
        Role.MANAGER: "desk",
        Role.COVERING: "pages",
    }
)

ROLE_LABELS: Mapping[Role, str] = MappingProxyType(
    {
        Role.OPERATOR: "Operator",
        Role.NURSE: "Nurse",
        Role.CLINICIAN: "Clinician",
        Role.MANAGER: "Manager",
        Role.COVERING: "Covering clinician",
    }
)
