"""Puts row level security under every practice's table, ties references to one practice, and adds the look-ups and pokes.

What a migration has written is not edited later; a table added later brings its own policies.
"""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

SCOPED = (
    "alarm call_command callback_task contact contact_event data_key journal_entry journal_pending journal_seal line live_call "
    "membership message message_amendment page page_notice patient practice_file promise promise_attempt recording shift "
    "triage turn"
).split()

# table.column -> table: both rows must be of the same practice.
TIED = {
    "alarm.page_id": "page", "alarm.contact_id": "contact", "call_command.contact_id": "contact",
    "callback_task.contact_id": "contact", "callback_task.message_id": "message", "contact.line_id": "line",
    "contact.practice_file_id": "practice_file", "contact.patient_id": "patient", "contact_event.contact_id": "contact",
    "live_call.contact_id": "contact", "message.contact_id": "contact", "message.patient_id": "patient",
    "message_amendment.message_id": "message", "page.message_id": "message", "page.contact_id": "contact",
    "page_notice.page_id": "page", "page_notice.promise_id": "promise", "promise_attempt.promise_id": "promise",
    "recording.contact_id": "contact", "triage.contact_id": "contact", "turn.contact_id": "contact",
}  # fmt: skip

FINDS = ("line", "membership", "contact", "promise", "promise_attempt", "journal_pending", "live_call", "call_command")

# A sub-select is worked out once a statement, not once a row.
MAY_WRITE = "practice_id = (SELECT nullif(current_setting('careline.practice', true), '')::uuid)"
MAY_READ = (
    "practice_id = ANY ((SELECT string_to_array(nullif(current_setting('careline.practices', true), ''), ',')::uuid[])::uuid[])"
)

FUNCTIONS = (
    "practice_of_line(text)", "practices_of_person(uuid)", "practice_of_contact(uuid)",
    "claim_promises(text[], text, timestamptz, timestamptz, integer)",
    "renew_promises(uuid[], bigint[], timestamptz)", "next_promise_at(text[])", "practices_unsealed()",
    "lost_calls(timestamptz)", "commands_of_node(text, timestamptz)",
)  # fmt: skip


def policies(table: str) -> str:
    return f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY may_read ON {table} FOR SELECT TO careline_app USING ({MAY_READ});
        CREATE POLICY may_add ON {table} FOR INSERT TO careline_app WITH CHECK ({MAY_WRITE});
        CREATE POLICY may_change ON {table} FOR UPDATE TO careline_app USING ({MAY_WRITE}) WITH CHECK ({MAY_WRITE});
        CREATE POLICY may_delete ON {table} FOR DELETE TO careline_app USING ({MAY_WRITE});
    """


def finder_policies(table: str) -> str:
    return f"CREATE POLICY finds ON {table} TO careline_finder USING (true) WITH CHECK (true);"


def tie(reference: str, target: str) -> str:
    table, column = reference.split(".")
    return f"""ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_same_practice
        FOREIGN KEY (practice_id, {column}) REFERENCES {target} (practice_id, id) DEFERRABLE INITIALLY DEFERRED;"""


def hand_over(function: str) -> str:
    """Rights first: once handed over it is no longer ours to give."""
    return f"""
        REVOKE ALL ON FUNCTION {function} FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION {function} TO careline_app;
        ALTER FUNCTION {function} OWNER TO careline_finder;
    """


SQL = "\n".join(
    [
        *(tie(reference, target) for reference, target in TIED.items()),
        *(policies(table) for table in SCOPED),
        *(finder_policies(table) for table in FINDS),
        (Path(__file__).parent.parent / "sql" / "functions.sql").read_text(),
        "GRANT CREATE ON SCHEMA careline TO careline_finder;",
        *(hand_over(function) for function in FUNCTIONS),
        "REVOKE CREATE ON SCHEMA careline FROM careline_finder;",
    ]
)


class Migration(migrations.Migration):
    dependencies = [("careline", "0001_initial")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
