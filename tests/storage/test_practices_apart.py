"""One practice never sees, changes or adds to another's rows, in any table, by any statement; and who nobody is sees nothing."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest
from busy import TEST, busy
from django.apps import apps
from django.db import connection

from careline.core.errors import Refused
from careline.storage import lookups
from careline.storage.models import GLOBAL, Contact, Line, Membership
from careline.storage.transactions import Actor, NoPractice, practice
from careline.testing.clock import MovableClock
from database import TestDatabase

SCOPED = sorted(
    model._meta.db_table for model in apps.get_app_config("careline").get_models() if model._meta.db_table not in GLOBAL
)
# Django's and allauth's own tables: accounts, second factors, sessions. None has a column for patient or practice data.
FRAMEWORK = {
    "account_emailaddress", "account_emailconfirmation", "auth_group", "auth_group_permissions", "auth_permission",
    "django_content_type", "django_migrations", "django_session", "mfa_authenticator",
}  # fmt: skip


def bound(url: str, practices: str, writes: str | None = None) -> psycopg.Connection:
    """A connection of the application's, bound to practices as `practice(...)` binds one; plain SQL from here on."""
    session = psycopg.connect(url)
    session.execute("SELECT set_config('careline.practices', %s, true)", [practices])
    session.execute("SELECT set_config('careline.practice', %s, true)", [writes or practices.split(",")[0]])
    return session


def test_the_tables_without_row_level_security_are_these_and_no_others(db: TestDatabase) -> None:
    with psycopg.connect(db.admin) as admin:
        rows = admin.execute(
            "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class "
            "WHERE relnamespace = 'careline'::regnamespace AND relkind IN ('r', 'p')"
        ).fetchall()
    assert {name for name, secured in rows if not secured} == GLOBAL | FRAMEWORK
    assert {name for name, secured in rows if secured} == set(SCOPED)


@pytest.fixture
def two(db: TestDatabase, demo: UUID, other: UUID, clock: MovableClock) -> tuple[str, UUID, UUID]:
    busy(demo, "+12125550100", clock)
    busy(other, "+13125550100", clock)
    return db.app, demo, other


def test_every_table_holds_rows_of_both_and_shows_each_its_own(two: tuple[str, UUID, UUID]) -> None:
    url, demo, other = two
    for table in SCOPED:
        with bound(url, str(demo)) as session:
            seen = {row[0] for row in session.execute(f"SELECT practice_id FROM {table}")}
            assert seen == {demo}, table
        with psycopg.connect(url) as nobody:
            assert nobody.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table
        with bound(url, f"{demo},{other}") as both:
            assert {row[0] for row in both.execute(f"SELECT practice_id FROM {table}")} == {demo, other}, table


def test_no_table_takes_a_row_for_another_practice(two: tuple[str, UUID, UUID]) -> None:
    url, demo, other = two
    for table in SCOPED:
        with bound(url, f"{demo},{other}", str(other)) as session:
            columns = [row[0] for row in session.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = 'careline' AND table_name = %s",
                [table],
            )]  # fmt: skip
            values = ", ".join("gen_random_uuid()" if name == "id" else f'"{name}"' for name in columns)
            names = ", ".join(f'"{name}"' for name in columns)
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
                session.execute(
                    f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE practice_id = %s LIMIT 1", [demo]
                )


def test_no_table_lets_another_practices_rows_be_changed_moved_or_deleted(two: tuple[str, UUID, UUID]) -> None:
    """Both can be read; only the other one's may be written."""
    url, demo, other = two
    for table in SCOPED:
        for statement in (
            f"UPDATE {table} SET practice_id = practice_id WHERE practice_id = %s",
            f"DELETE FROM {table} WHERE practice_id = %s",
        ):
            with bound(url, f"{demo},{other}", str(other)) as session:
                try:
                    assert session.execute(statement, [demo]).rowcount == 0, statement
                except psycopg.errors.InsufficientPrivilege:
                    continue  # this table takes no such statement from the application at all
        with bound(url, f"{demo},{other}", str(demo)) as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute(f"UPDATE {table} SET practice_id = %s WHERE practice_id = %s", [other, demo])


def test_a_row_cannot_hang_on_another_practices_row(two: tuple[str, UUID, UUID]) -> None:
    url, demo, other = two
    with bound(url, f"{demo},{other}", str(demo)) as session:
        (theirs,) = session.execute("SELECT id FROM contact WHERE practice_id = %s", [other]).fetchone() or (None,)
        session.execute("UPDATE page SET contact_id = %s WHERE practice_id = %s", [theirs, demo])
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            session.commit()


def test_look_ups_across_practices_return_ids_and_only_to_who_knows_the_question(two: tuple[str, UUID, UUID]) -> None:
    _, demo, other = two
    found = lookups.practice_of_line("+13125550100")
    assert found is not None
    assert found[0] == other
    assert lookups.practice_of_line("+19995550100") is None
    with practice(demo, actor=TEST, purpose="test", now=MovableClock().now()):
        rivera = Membership.objects.get(staff_id="rivera").person_id
    assert lookups.practices_of_person(rivera) == [demo]


def test_nobody_can_call_the_look_ups_but_the_application(db: TestDatabase) -> None:
    with psycopg.connect(db.admin) as admin:
        open_to_all = admin.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'careline'::regnamespace AND prosecdef "
            "AND has_function_privilege('public', oid, 'execute')"
        ).fetchall()
        elevated = admin.execute(
            "SELECT proname, pg_get_userbyid(proowner), proconfig FROM pg_proc "
            "WHERE pronamespace = 'careline'::regnamespace AND prosecdef"
        ).fetchall()
    assert open_to_all == []
    assert {owner for _, owner, _ in elevated} == {"careline_finder"}
    assert all(config == ["search_path=careline, pg_temp"] for _, _, config in elevated)


def test_a_person_opens_only_practices_they_belong_to(demo: UUID, other: UUID, clock: MovableClock) -> None:
    with practice(demo, actor=TEST, purpose="test", now=clock.now()):
        rivera = Membership.objects.get(staff_id="rivera").person_id
    with practice(demo, actor=Actor.person(rivera), purpose="test", now=clock.now()):
        assert Line.objects.count() == 2
    with pytest.raises(Refused), practice(other, actor=Actor.person(rivera), purpose="test", now=clock.now()):
        raise AssertionError("opened")
    with (
        pytest.raises(Refused),
        practice(demo, also=[other], actor=Actor.person(rivera), purpose="test", now=clock.now()),
    ):
        raise AssertionError("opened")


def test_sealed_values_open_only_inside_their_practice(two: tuple[str, UUID, UUID], clock: MovableClock) -> None:
    _, demo, other = two
    with practice(demo, also=[other], actor=TEST, purpose="test", now=clock.now()) as tx:
        theirs = Contact.objects.get(practice_id=other)
        tx.journal("test", "contact")
    with practice(demo, actor=TEST, purpose="test", now=clock.now()), pytest.raises(NoPractice):
        assert theirs.reason
    with pytest.raises(NoPractice):
        assert theirs.reason


def test_the_setting_ends_with_the_transaction(demo: UUID, clock: MovableClock) -> None:
    with practice(demo, actor=TEST, purpose="test", now=clock.now()):
        assert Line.objects.count() == 2
    assert Line.objects.count() == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('careline.practice', true)")
        assert cursor.fetchone() in ((None,), ("",))
