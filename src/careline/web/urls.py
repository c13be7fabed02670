"""Every address of the web process. A practice's pages stand under its name, so that rights are checked from the address;
nothing of a patient ever stands in one."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from careline.web.views import (
    account,
    audit,
    chat,
    contact,
    desk,
    errors,
    health,
    home,
    hooks,
    inbox,
    live,
    oncall,
    pages,
    phone,
    proof,
    rota,
    rota_feeds,
    rota_rules,
    rota_swaps,
    shown,
)

practice: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("desk/", desk.desk, name="desk"),
    path("desk/now/", desk.desk_now, name="desk_now"),
    path("desk/alarms/<uuid:alarm_id>/", desk.alarm_clear, name="alarm_clear"),
    path("desk/callbacks/<uuid:task_id>/", desk.callback_tried, name="callback_tried"),
    path("live/", live.live, name="live"),
    path("messages/", inbox.inbox, name="inbox"),
    path("messages/<uuid:message_id>/", inbox.message, name="message"),
    path("messages/<uuid:message_id>/accept/", inbox.accept, name="message_accept"),
    path("messages/<uuid:message_id>/close/", inbox.close, name="message_close"),
    path("on-call/", oncall.oncall, name="oncall"),
    path("on-call/change/", rota.change, name="rota_change"),
    path("on-call/take-over/", rota.takeover, name="rota_take_over"),
    path("on-call/changes/<uuid:override_id>/withdraw/", rota.withdraw, name="rota_withdraw"),
    path("on-call/away/", rota.away, name="rota_away"),
    path("on-call/absences/<uuid:absence_id>/end/", rota.back, name="rota_back"),
    path("on-call/swaps/", rota_swaps.swaps, name="rota_swaps"),
    path("on-call/swaps/new/", rota_swaps.propose, name="rota_swap_new"),
    path("on-call/swaps/<uuid:swap_id>/", rota_swaps.answer, name="rota_swap"),
    path("on-call/rotations/", rota_rules.rules, name="rota_rules"),
    path("on-call/rotations/new/", rota_rules.rule, name="rota_rule_new"),
    path("on-call/rotations/<uuid:rule_id>/", rota_rules.rule, name="rota_rule"),
    path("on-call/rotations/<uuid:rule_id>/end/", rota_rules.retire, name="rota_rule_end"),
    path("on-call/stand-ins/", rota_rules.stand_ins, name="rota_stand_ins"),
    path("on-call/holidays/", rota_rules.holidays, name="rota_holidays"),
    path("on-call/holidays/<uuid:holiday_id>/", rota_rules.holiday_gone, name="rota_holiday_gone"),
    path("on-call/import/", rota_rules.import_ics, name="rota_import"),
    path("on-call/feeds/", rota_feeds.feeds, name="rota_feeds"),
    path("on-call/feeds/<uuid:key_id>/revoke/", rota_feeds.revoke, name="rota_revoke"),
    path("contacts/<uuid:contact_id>/", contact.contact, name="contact"),
    path("contacts/<uuid:contact_id>/recordings/<uuid:recording_id>.wav", contact.recording, name="recording"),
    path("contacts/<uuid:contact_id>/proof.pdf", proof.proof_pdf, name="proof_pdf"),
    path("contacts/<uuid:contact_id>/proof.json", proof.proof_json, name="proof_json"),
    path("pages/", pages.pages, name="pages"),
    path("pages/<uuid:page_id>/", pages.page, name="page"),
    path("pages/<uuid:page_id>/accept/", pages.accept, name="page_accept"),
    path("pages/<uuid:page_id>/outcome/", pages.outcome, name="page_outcome"),
    path("my-phone/", shown.shown, name="shown"),
    path("my-phone/browsers/", shown.browsers, name="shown_browsers"),
    path("my-phone/browsers/<uuid:browser_id>/remove/", shown.browser_gone, name="shown_browser_gone"),
    path("journal/", audit.audit, name="audit"),
    path("journal/head.json", proof.journal_head, name="journal_head"),
    path("journal/verify/", audit.audit_verify, name="audit_verify"),
    path("people/", audit.people, name="people"),
    path("softphone/", phone.softphone, name="softphone"),
    path("softphone/token/", phone.softphone_token, name="softphone_token"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.root, name="root"),
    path("my/", home.my_pages, name="my"),
    path("p/<slug:slug>/", include(practice)),
    path("pages/<uuid:page_id>", home.page_link, name="page_link"),
    path("account/", include(account.urlpatterns)),
    path("chat/<slug:slug>/", chat.chat, name="chat"),
    path("chat/<slug:slug>/token/", chat.token, name="chat_token"),
    path("push-worker.js", shown.worker),
    path("manifest.webmanifest", shown.manifest, name="manifest"),
    path("hooks/<slug:provider>/", hooks.hook, name="hook"),
    path("calendar/<str:token>.ics", rota_feeds.feed, name="rota_feed"),
    path("api/practices/<slug:slug>/on-call", rota_feeds.api_on_call, name="api_on_call"),
    path("call/<slug:slug>/", phone.phone, name="phone"),
    path("call/<slug:slug>/token/", phone.token, name="phone_token"),
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("metrics", health.metrics),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.broken
