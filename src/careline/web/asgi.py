"""The web process's application: static files, then Django. `storage.start.start` must have run in this process."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "careline.storage.django_settings")

from django.core.asgi import get_asgi_application
from django.db import connections

from careline.web.static_files import StaticFiles

# Under ASGI each request has a thread of its own, so a connection kept per thread would be opened anew for each request.
_database = connections.settings["default"]
_database["CONN_MAX_AGE"] = 0
_database["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 16, "timeout": 10}

application = StaticFiles(get_asgi_application())
