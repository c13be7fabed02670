"""Swaps of shifts: proposed, agreed to, approved."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from careline.actions.rota.swaps import agree_to_swap, approve_swap, decline_swap, propose_swap
from careline.core.errors import Refused
from careline.core.oncall.changes import Part
from careline.storage.models import RotaSwap
from careline.web.access import console
from careline.web.forms.rota import swap_form
from careline.web.reading.rota import people_choices, read_swaps
from careline.web.rights import Right
from careline.web.views.rota import acting, keeps_rota, tell_gaps

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from careline.web.access import Viewer
    from careline.web.forms.rota import RotaForm


@login_required
@require_safe
def swaps(request: HttpRequest, slug: str) -> HttpResponse:
    with console(request, slug, Right.ON_CALL, purpose="operations") as (viewer, tx):
        found = read_swaps(tx, viewer.person.id, may_approve=keeps_rota(viewer))
    return viewer.show(request, "careline/rota/swaps.html", swaps=found, tab="swaps")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, slug: str) -> HttpResponse:
    """One's own shift; anybody's, for whoever keeps the rota."""
    with console(request, slug, Right.ON_CALL, purpose="operations") as (viewer, tx):
        people = people_choices(tx)
    initial = {key: request.GET[key] for key in ("start", "end") if key in request.GET}
    first = request.GET.get("leaves", "") if keeps_rota(viewer) else str(viewer.person.id)
    form = swap_form(request.POST or None, viewer.zone, people, {"first": first, **initial})
    if not keeps_rota(viewer):
        form.fields["first"].choices = [one for one in people if one[0] == first]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        try:
            _propose(viewer, form)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, "Proposed. It counts once the colleague agrees and somebody approves it.")
            return redirect("rota_swaps", slug)
    context = {"form": form, "title": "Propose a swap", "submit": "Propose it", "back": "rota_swaps", "tab": "swaps"}
    return viewer.show(request, "careline/rota/form.html", **context)


def _propose(viewer: Viewer, form: RotaForm) -> None:
    given = form.cleaned_data
    start, end = given["back_start"], given["back_end"]
    if (start is None) != (end is None):
        raise Refused("what is given in return has a beginning and an end — fill in both, or neither")
    second = Part(given["colleague"], "", start, end) if start else None
    propose_swap(
        acting(viewer), Part(given["first"], "", given["start"], given["end"]), UUID(given["colleague"]), second
    )


@login_required
@require_POST
def answer(request: HttpRequest, slug: str, swap_id: UUID) -> HttpResponse:
    """Agree, approve or decline; who may do which is the action's to say."""
    with console(request, slug, Right.ON_CALL, purpose="operations") as (viewer, tx):
        if not RotaSwap.objects.filter(practice_id=tx.practice, id=swap_id).exists():
            raise Http404
    who, wanted = acting(viewer, despite_gaps=True), request.POST.get("answer", "")
    try:
        if wanted == "agree":
            agree_to_swap(who, swap_id)
            messages.success(request, "Agreed. Somebody who keeps the rota approves it now.")
        elif wanted == "approve" and keeps_rota(viewer):
            tell_gaps(request, "Approved: the swap is in force.", approve_swap(who, swap_id).gaps)
        elif wanted == "decline":
            decline_swap(who, swap_id, anybodys=keeps_rota(viewer))
            messages.success(request, "Not made.")
        else:
            messages.warning(request, "Only somebody who keeps the rota approves a swap.")
    except Refused as refused:
        messages.warning(request, str(refused))
    return redirect("rota_swaps", slug)
