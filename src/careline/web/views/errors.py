"""What is shown when something is not there, not allowed or broken: nothing of a patient, nothing of the cause."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.shortcuts import render

from careline.web.frame import bare_frame

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _show(request, 400, "That did not work", "The request could not be understood. Go back and try again.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _show(request, 403, "Not for your role", "Ask a manager of the practice if you need this page.")


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _show(request, 403, "This form was too old", "Nothing was changed. Load the page again and repeat it.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _show(request, 404, "Not here", "There is no such page, or it is not yours to see.")


def broken(request: HttpRequest) -> HttpResponse:
    return _show(
        request,
        500,
        "Something broke on our side",
        "What you did may not have been kept: look before you repeat it. If it stays, tell whoever runs this installation.",
    )


def _show(request: HttpRequest, status: int, title: str, words: str) -> HttpResponse:
    frame = bare_frame(request, datetime.now(UTC))
    return render(request, "careline/error.html", {"frame": frame, "title": title, "words": words}, status=status)
