"""The way into a practice's data for a signed-in person: membership and right are checked in the transaction that reads.

Someone who is no member of a practice learns nothing about it, not even that it exists (404); a member without the right is
told so (403), and the attempt stands in the journal.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import render

from careline.core.errors import Refused
from careline.core.people import Role
from careline.storage.models import Membership, Person, Practice
from careline.storage.transactions import Actor, Tx, practice
from careline.web.frame import Frame, console_frame
from careline.web.rights import RIGHTS, Right

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in person in one practice, whose right to the page was checked."""

    person: Person
    role: Role
    practice: Practice
    frame: Frame
    now: datetime

    @property
    def actor(self) -> Actor:
        return Actor.person(self.person.id)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.practice.zone)

    def show(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        return render(request, template, {"frame": self.frame, **context})


@contextmanager
def console(request: HttpRequest, slug: str, right: Right, purpose: str = "treatment") -> Iterator[tuple[Viewer, Tx]]:
    """Open the practice for this person to read. Raises Http404 or PermissionDenied; ends the transaction when left."""
    now = datetime.now(UTC)
    person = signed_in(request)
    found = Practice.objects.filter(slug=slug).first()
    if found is None:
        raise Http404
    with ExitStack() as stack:
        try:
            tx = stack.enter_context(practice(found.id, actor=Actor.person(person.id), purpose=purpose, now=now))
        except Refused as error:
            raise Http404 from error
        role = Role(Membership.objects.get(practice_id=found.id, person_id=person.id).role)
        if right not in RIGHTS[role]:
            stack.close()
            _journal_denied(found.id, person, now, right)
            raise PermissionDenied
        frame = console_frame(request, now, slug, found.name, found.zone, person.name, role)
        yield Viewer(person, role, found, frame, now), tx


def admitted(request: HttpRequest, slug: str, right: Right) -> Viewer:
    """Check the right before an action, which opens a transaction of its own."""
    with console(request, slug, right) as (viewer, _):
        return viewer


def signed_in(request: HttpRequest) -> Person:
    if not isinstance(request.user, Person):
        raise PermissionDenied
    return request.user


def _journal_denied(practice_id: UUID, person: Person, now: datetime, right: Right) -> None:
    with practice(practice_id, actor=Actor.person(person.id), purpose="access", now=now) as tx:
        tx.journal("access.refused", "membership", None, right=right.value)
