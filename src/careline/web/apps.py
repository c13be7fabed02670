"""Registers the console with Django and connects what happens at sign-in."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "careline.web"
    label = "careline_web"

    def ready(self) -> None:
        from careline.web import accounts  # noqa: F401 - its receivers connect on import
