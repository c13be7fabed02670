"""Whom the product is to the database: neither superuser, nor owner, nor exempt, and with no right it does not use."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection

from careline.core.errors import Refused
from careline.storage.cluster import check_version, prepare
from database import TestDatabase


def test_the_product_and_these_tests_work_as_an_ordinary_role(db: TestDatabase) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, session_user, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb "
            "FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == ("careline_app", "careline_app", False, False, False, False)
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tableowner = current_user")
        assert cursor.fetchone() == (0,)
        cursor.execute(
            "SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = current_user"
        )
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal_entry SET action = ''",
        "DELETE FROM journal_entry",
        "UPDATE journal_seal SET seal = ''",
        "DELETE FROM journal_seal",
        "TRUNCATE journal_entry",
        "DELETE FROM contact",
        "UPDATE turn SET who = ''",
        "DELETE FROM message",
        "DROP TABLE contact",
        "ALTER TABLE contact DISABLE ROW LEVEL SECURITY",
        "CREATE POLICY all_of_it ON contact USING (true)",
        "SET ROLE careline_owner",
        "SET ROLE careline_finder",
        "SET session_replication_role = replica",
        "CREATE TABLE mine (id int)",
        "UPDATE django_migrations SET name = ''",
    ],
)
def test_what_it_may_not_do(db: TestDatabase, statement: str) -> None:
    with psycopg.connect(db.app) as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.execute(statement)


def test_the_owner_is_bound_by_row_level_security_too(demo: object, db: TestDatabase) -> None:
    with psycopg.connect(db.admin, options="-c role=careline_owner -c search_path=careline") as owner:
        assert owner.execute("SELECT count(*) FROM line").fetchone() == (0,)


def test_an_administrator_who_is_no_superuser_can_prepare_a_database(db: TestDatabase) -> None:
    name = psycopg.conninfo.conninfo_to_dict(db.admin)["dbname"]
    with psycopg.connect(db.admin, autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS hired_db WITH (FORCE)")
        admin.execute("DROP ROLE IF EXISTS hired")
        admin.execute("CREATE ROLE hired LOGIN CREATEROLE")
        admin.execute("GRANT careline_owner, careline_finder, careline_app TO hired WITH ADMIN OPTION")
        admin.execute("CREATE DATABASE hired_db OWNER hired")
        try:
            url = psycopg.conninfo.make_conninfo(db.admin, user="hired", dbname="hired_db")
            database = prepare(url, "a-password-nobody-guesses")
            with psycopg.connect(database.owner) as owner:
                assert owner.execute("SELECT current_user").fetchone() == ("careline_owner",)
                owner.execute("CREATE TABLE careline.x (id int)")
        finally:
            admin.execute("DROP DATABASE hired_db WITH (FORCE)")
            admin.execute("DROP ROLE hired")
    assert name


def test_an_administrator_without_the_rights_is_told_which_ones_are_missing(db: TestDatabase) -> None:
    with psycopg.connect(db.admin, autocommit=True) as admin:
        admin.execute("DROP ROLE IF EXISTS guest")
        admin.execute("CREATE ROLE guest LOGIN")
        try:
            with pytest.raises(Refused, match="CREATEROLE") as refused:
                prepare(psycopg.conninfo.make_conninfo(db.admin, user="guest", dbname="postgres"), "x")
            assert "\n" not in str(refused.value)
        finally:
            admin.execute("DROP ROLE guest")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://nobody@127.0.0.1:1/x", "cannot reach the database"),
        ("postgresql://a b", "cannot be read"),
        ("postgresql://nobody@nowhere.invalid/x", "cannot reach the database"),
    ],
)
def test_a_wrong_address_is_one_clear_line(url: str, says: str) -> None:
    with pytest.raises(Refused, match=says) as refused:
        prepare(url, None)
    assert "\n" not in str(refused.value)
    assert "CARELINE_DATABASE_URL" in str(refused.value)


def test_postgresql_14_is_too_old() -> None:
    with pytest.raises(Refused, match="PostgreSQL 14 is too old"):
        check_version(140_012)
    check_version(150_000)
