"""Sign-in: nobody signs up by themselves, and every sign-in, failed one and sign-out stands in the journal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.urls import reverse

from careline.actions.desk import sign_out
from careline.storage.lookups import practices_of_person
from careline.storage.models import Person
from careline.storage.transactions import Actor, practice
from careline.web.middleware import begin

if TYPE_CHECKING:
    from django.http import HttpRequest


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """People come from the practices' files; an account that nobody made cannot be asked for."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        return False


@receiver(user_logged_in)
def _signed_in(request: HttpRequest, user: Person, **_: Any) -> None:
    begin(request)
    _journal(user, "signed_in", Actor.person(user.id))


@receiver(user_logged_out)
def _signed_out(request: HttpRequest, user: Person | None, **_: Any) -> None:
    """A screen that locks itself leaves its person at the telephone; whoever signs out takes no calls."""
    if user is not None:
        _journal(user, "signed_out", Actor.person(user.id))
        if request.path == reverse("account_logout"):
            sign_out(user.id, datetime.now(UTC))


@receiver(user_login_failed)
def _failed(credentials: dict[str, Any], **_: Any) -> None:
    """Only an address that somebody has can be journaled: it belongs to practices, a wrong one to none."""
    address = str(credentials.get("email") or credentials.get("username") or "").lower()
    person = Person.objects.filter(email=address).first()
    if person is not None:
        _journal(person, "sign_in_failed", Actor.service("web"))


def _journal(person: Person, what: str, actor: Actor) -> None:
    practices = practices_of_person(person.id)
    if not practices:
        return
    with practice(practices[0], actor=actor, purpose="access", now=datetime.now(UTC), also=practices[1:]) as tx:
        tx.journal(f"access.{what}", "person", person.id)
