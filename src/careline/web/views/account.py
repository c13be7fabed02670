"""Sign-in, sign-out, password and second factor, all by allauth; and what an idle screen asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account import views as allauth
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.http import require_POST

if TYPE_CHECKING:
    from django.http import HttpRequest


@require_POST
def awake(request: HttpRequest) -> HttpResponse:
    """Somebody uses the page: idle time begins again (in the middleware, as for every request)."""
    return HttpResponse(status=204 if request.user.is_authenticated else 403)


@require_POST
def locked(request: HttpRequest) -> HttpResponse:
    """The screen went idle and has cleared itself; the session ends with it."""
    if request.user.is_authenticated:
        logout(request)
        messages.info(request, "Locked after a time without use. Sign in to go on.")
    return HttpResponse(status=204)


urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", allauth.login, name="account_login"),
    path("logout/", allauth.logout, name="account_logout"),
    path("inactive/", allauth.account_inactive, name="account_inactive"),
    path("reauthenticate/", allauth.reauthenticate, name="account_reauthenticate"),
    path("password/", allauth.password_change, name="account_change_password"),
    path("2fa/", include("allauth.mfa.urls")),
    path("awake/", awake, name="awake"),
    path("locked/", locked, name="locked"),
]
