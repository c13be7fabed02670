"""What providers of letters send us: receipts, and texts that people write back. Only what the provider signed is read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from careline.actions.hear_provider import hear_reply, record_receipt
from careline.core.errors import Refused
from careline.ports import Receipt, TextReply
from careline.web import outside

if TYPE_CHECKING:
    from django.http import HttpRequest


@csrf_exempt
@require_POST
def hook(request: HttpRequest, provider: str) -> HttpResponse:
    """The address that was signed is the one we gave out, whatever a proxy before us made of it."""
    receiver = outside.receivers().get(provider)
    if receiver is None:
        raise Http404
    url = settings.CARELINE.public_url + request.get_full_path()
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        news = receiver.receive(url, headers, request.body)
    except Refused:
        return HttpResponse(status=403)
    answer, now = "", datetime.now(UTC)
    match news:
        case Receipt():
            record_receipt(provider, news, now)
        case TextReply():
            answer = hear_reply(provider, news, now)
        case None:
            pass
    kind, body = receiver.answer(answer)
    return HttpResponse(body, content_type=kind)
