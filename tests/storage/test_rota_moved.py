"""An installation from before the rota keeps who is on call: its weekly shifts become rules, and the watch begins."""

from __future__ import annotations

import os
from uuid import uuid4

import psycopg
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from careline.storage.cluster import prepare
from database import TestDatabase, named, point_django_at

BEFORE, AFTER = ("careline", "0007_people_on_the_line"), ("careline", "0009_rota_fences")


def test_weekly_shifts_become_rules(cluster: TestDatabase) -> None:
    name, url = f"moved_{os.getpid()}", cluster.admin
    with psycopg.connect(named(url, "postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        _moved(named(url, name))
    finally:
        connections["owner"].close()
        with psycopg.connect(named(url, "postgres"), autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _moved(admin_url: str) -> None:
    point_django_at(prepare(admin_url, None).owner, "owner")
    MigrationExecutor(connections["owner"]).migrate([BEFORE])
    here, rivera, lindgren = uuid4(), uuid4(), uuid4()
    with psycopg.connect(admin_url) as admin:
        admin.execute("SET search_path = careline")
        admin.execute("INSERT INTO practice (id, slug, name, zone, live) VALUES (%s, 'a', 'A', 'UTC', false)", [here])
        for person in (rivera, lindgren):
            admin.execute(
                "INSERT INTO person (id, email, name, language, is_active, password) VALUES (%s, %s, 'x', 'en', true, '!')",
                [person, f"{person}@a.example"],
            )
        rows = [("on_call", day, rivera, "17:00", "08:00") for day in (0, 1, 4)]
        rows += [(layer, day, lindgren, "00:00", "00:00") for layer in ("backup", "supervisor") for day in range(7)]
        for layer, day, person, starts, ends in rows:
            admin.execute(
                "INSERT INTO shift (id, practice_id, person_id, layer, weekday, starts, ends) "
                "VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, %s)",
                [here, person, layer, day, starts, ends],
            )
    MigrationExecutor(connections["owner"]).migrate([AFTER])
    with psycopg.connect(admin_url) as admin:
        admin.execute("SET search_path = careline")
        assert admin.execute("SELECT backup_id, supervisor_id FROM rota").fetchall() == [(lindgren, lindgren)]
        (table,) = admin.execute('SELECT "table" FROM rota_rule').fetchone() or (None,)
        assert table == {
            "id": "shift-1",
            "people": [str(rivera)],
            "hours": ["mon,tue,fri 17:00-08:00"],
            "together": True,
        }
        assert admin.execute("SELECT kind, state FROM promise").fetchall() == [("rota.watch", "waiting")]
