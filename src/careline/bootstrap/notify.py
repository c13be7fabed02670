"""Finds the providers of letters: every folder of `careline.notify` that names one. A new folder is all it takes."""

from __future__ import annotations

import importlib
import os
import pkgutil
from functools import cache
from typing import TYPE_CHECKING

from careline import notify
from careline.notify.post import Post
from careline.ports import Means, Provider
from careline.settings import derive, ensure_key_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from careline.ports import Messenger, Receiver, Subscriptions
    from careline.settings import Settings


@cache
def providers() -> tuple[Provider, ...]:
    folders = (module.name for module in pkgutil.iter_modules(notify.__path__, "careline.notify.") if module.ispkg)
    return tuple(importlib.import_module(name).PROVIDER for name in folders)


def means(settings: Settings, environment: Mapping[str, str] | None = None) -> Means:
    key = ensure_key_file(settings.key_file)
    return Means(
        os.environ if environment is None else environment, settings.public_url, lambda name: derive(key, name)
    )


def post(given: Means) -> Post:
    """Everything that is set up. Raises `Refused` for what is set up wrongly."""
    built: dict[str, list[Messenger]] = {}
    for provider in providers():
        if (messenger := provider.build(given)) is not None:
            built.setdefault(provider.channel, []).append(messenger)
    return Post(built, {provider.channel: provider.mend for provider in providers()})


def receivers(given: Means) -> dict[str, Receiver]:
    """The inbound halves, by the provider's name as it stands in their addresses."""
    found = {provider.name: provider.receiver(given) for provider in providers() if provider.receiver}
    return {name: receiver for name, receiver in found.items() if receiver is not None}


def subscriptions(given: Means) -> Subscriptions | None:
    offers = (provider.subscriptions(given) for provider in providers() if provider.subscriptions)
    return next((offer for offer in offers if offer is not None), None)
