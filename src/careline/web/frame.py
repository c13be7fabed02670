"""What surrounds every page of the console: the menu, who is signed in, the practice, the theme."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from careline.core.contact import Hearing
from careline.web import outside
from careline.web.rights import RIGHTS, ROLE_LABELS, Right

if TYPE_CHECKING:
    from django.http import HttpRequest

    from careline.core.people import Role

THEME_COOKIE = "careline_theme"
_MENU = (
    (Right.DESK, "desk", "live", "Desk", "Desk"),
    (Right.PAGES, "pages", "page", "My pages", "Pages"),
    (Right.INBOX, "inbox", "inbox", "Messages", "Messages"),
    (Right.ON_CALL, "oncall", "calendar", "On call", "On call"),
    (Right.JOURNAL, "audit", "audit", "Journal", "Journal"),
    (Right.PEOPLE, "people", "people", "People", "People"),
)
_TABS = ("desk", "pages", "inbox", "oncall", "audit", "people")


@dataclass(frozen=True, slots=True)
class MenuItem:
    name: str
    url: str
    icon: str
    label: str
    short: str
    current: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """`theme` is "light", "dark", or empty for what the machine prefers. `practice_id` is the practice's slug, as in URLs."""

    demo: bool
    theme: str
    now_iso: str
    idle_seconds: int
    practice_id: str = ""
    practice_name: str = ""
    zone: str = "UTC"
    person_name: str = ""
    role_label: str = ""
    menu: tuple[MenuItem, ...] = ()
    closed_ears: bool = False  # on the telephone; said on every page of the console

    @property
    def zone_words(self) -> str:
        return self.zone.replace("_", " ")

    @property
    def tabs(self) -> tuple[MenuItem, ...]:
        """The menu where there is room for six at most."""
        return tuple(item for item in self.menu if item.name in _TABS)


def bare_frame(request: HttpRequest, now: datetime) -> Frame:
    """The frame of a page that belongs to no practice: sign-in, account, errors."""
    return Frame(demo=settings.CARELINE.demo, theme=_theme(request), now_iso=now.isoformat(), idle_seconds=0)


def for_templates(request: HttpRequest) -> dict[str, Frame]:
    """A frame for templates whose view gives none: those of allauth."""
    return {"frame": bare_frame(request, datetime.now(UTC))}


def console_frame(
    request: HttpRequest, now: datetime, slug: str, practice_name: str, zone: str, person_name: str, role: Role
) -> Frame:
    items = tuple(
        MenuItem(name, url, icon, label, short, request.path.startswith(url))
        for right, name, icon, label, short in _MENU
        if right in RIGHTS[role]
        for url in (reverse(name, args=[slug]),)
    )
    return Frame(
        demo=settings.CARELINE.demo,
        theme=_theme(request),
        now_iso=now.isoformat(),
        idle_seconds=settings.CARELINE_IDLE_SECONDS,
        practice_id=slug,
        practice_name=practice_name,
        zone=zone,
        person_name=person_name,
        role_label=ROLE_LABELS[role],
        menu=items,
        closed_ears=outside.hearing() is not Hearing.OPEN,
    )


def _theme(request: HttpRequest) -> str:
    wanted = request.COOKIES.get(THEME_COOKIE, "")
    return wanted if wanted in ("light", "dark") else ""
