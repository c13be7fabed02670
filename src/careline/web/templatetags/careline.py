"""What templates may say beyond Django's own words: an icon, an age that keeps ticking, a wall-clock time."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django import template
from django.templatetags.static import static
from django.utils.html import format_html

from careline.web.seen.parts import age as words_of_age

if TYPE_CHECKING:
    from datetime import datetime

    from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static("careline/icons.svg"), name
    )


@register.simple_tag
def age(since: datetime, now: datetime, warn_after: int = 0) -> SafeString:
    """An age as the server knows it; console.js keeps it ticking and marks it once it is `warn_after` seconds old."""
    return format_html(
        '<time class="age{}" datetime="{}" data-age data-warn-after="{}">{}</time>',
        " aged" if warn_after and (now - since).total_seconds() >= warn_after else "",
        since.isoformat(),
        warn_after,
        words_of_age(since, now),
    )


@register.simple_tag(takes_context=True)
def moment(context: template.Context, at: datetime | None, shape: str = "%b %-d, %-I:%M:%S %p") -> SafeString | str:
    """A time in the practice's zone, with the instant itself for machines."""
    if at is None:
        return ""
    zone = ZoneInfo(context["frame"].zone)
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), at.astimezone(zone).strftime(shape))
