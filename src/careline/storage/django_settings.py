"""Django's settings, derived from Careline's own (`careline.settings`); `storage.start` must have named the database.

Processes connect as `careline_app`. The alias `owner` exists only in the process that migrates.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from psycopg.conninfo import conninfo_to_dict

from careline.settings import derive, ensure_key_file, from_environment

CARELINE = from_environment()

SECRET_KEY = derive(ensure_key_file(CARELINE.key_file), "django").hex()
DEBUG = False
_site = urlsplit(CARELINE.public_url)
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *([_site.hostname] if _site.hostname else [])]
CSRF_TRUSTED_ORIGINS = [CARELINE.public_url]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "careline.storage",
    "careline.web",
]
# Our own templates come before those of allauth, which they restyle.
TEMPLATES_FIRST = Path(__file__).parents[1] / "web" / "templates"
MIDDLEWARE = [
    "careline.web.middleware.headers",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "careline.web.middleware.session_clocks",
]
ROOT_URLCONF = "careline.web.urls"
CSRF_FAILURE_VIEW = "careline.web.views.errors.csrf_failed"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "careline.web.static_files.NamedByContent"},
}
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "careline.web.frame.for_templates",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        ("django.template.loaders.filesystem.Loader", [TEMPLATES_FIRST]),
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
        },
    },
]
# An exception's text may quote a patient: logs say its type and where it was raised, never what it said.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"safe": {"()": "careline.web.logs.SafeFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "safe"}},
    "loggers": {"django": {"handlers": ["console"], "level": "ERROR", "propagate": False}},
}
# The console's idle lock, and what a patient's browser may be embedded in and connect to (see `careline.web`).
CARELINE_IDLE_SECONDS = 15 * 60
CARELINE_CHAT_EMBEDDED_BY = "'self'"


def _database(conninfo: str) -> dict[str, Any]:
    parts = conninfo_to_dict(conninfo)
    named = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    plain = {django: str(parts.pop(libpq)) for django, libpq in named.items() if parts.get(libpq)}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": parts,
        **plain,
    }


DATABASES = {"default": _database(os.environ.get("CARELINE_APP_DATABASE", "dbname=careline"))}
if "CARELINE_OWNER_DATABASE" in os.environ:
    DATABASES["owner"] = _database(os.environ["CARELINE_OWNER_DATABASE"])

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
STATIC_URL = "/static/"

AUTH_USER_MODEL = "careline.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",  # memory-hard, and five times as quick to check as PBKDF2
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_ADAPTER = "careline.web.accounts.Adapter"
ACCOUNT_LOGOUT_REDIRECT_URL = "/account/login/"
ACCOUNT_SESSION_REMEMBER = False
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _site.scheme == "https"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
