"""Registers the tables with Django under the label `careline`."""

from __future__ import annotations

from django.apps import AppConfig


class StorageConfig(AppConfig):
    name = "careline.storage"
    label = "careline"
