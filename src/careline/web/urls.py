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
    path("contacts/<uuid:contact_id>/", contact.contact, name="contact"),
    path("contacts/<uuid:contact_id>/recordings/<uuid:recording_id>.wav", contact.recording, name="recording"),
    path("pages/", pages.pages, name="pages"),
    path("pages/<uuid:page_id>/", pages.page, name="page"),
    path("pages/<uuid:page_id>/accept/", pages.accept, name="page_accept"),
    path("pages/<uuid:page_id>/outcome/", pages.outcome, name="page_outcome"),
    path("journal/", audit.audit, name="audit"),
    path("journal/verify/", audit.audit_verify, name="audit_verify"),
    path("people/", audit.people, name="people"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.root, name="root"),
    path("my/", home.my_pages, name="my"),
    path("p/<slug:slug>/", include(practice)),
    path("pages/<uuid:page_id>", home.page_link, name="page_link"),
    path("account/", include(account.urlpatterns)),
    path("chat/<slug:slug>/", chat.chat, name="chat"),
    path("chat/<slug:slug>/token/", chat.token, name="chat_token"),
    path("hooks/<slug:provider>/", hooks.hook, name="hook"),
    path("health/live", health.live),
    path("health/ready", health.ready),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.broken
