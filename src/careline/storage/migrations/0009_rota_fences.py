"""Fences around the rota's tables; weekly shifts become rules of the rota, and their table goes."""

from __future__ import annotations

from importlib import import_module

from django.db import migrations

_fences = import_module("careline.storage.migrations.0002_fences")

SCOPED = (
    "rota", "rota_absence", "rota_holiday", "rota_key", "rota_override", "rota_rule", "rota_shift", "rota_swap",
)  # fmt: skip
TIED = {"rota_override.swap_id": "rota_swap"}

# The owner is bound by row level security too, where it is forced: for the length of this step it is not.
MOVE = """
    ALTER TABLE shift NO FORCE ROW LEVEL SECURITY;
    ALTER TABLE promise NO FORCE ROW LEVEL SECURITY;
    INSERT INTO rota (id, practice_id, backup_id, supervisor_id, desk, alarm_minutes, days_ahead, changed_at,
        enquiry_salt, enquiry_hash, enquiry_wrong)
    SELECT gen_random_uuid(), b.practice_id, b.person_id, s.person_id, '[]', 60, 14, now(), '', '', 0
    FROM shift b JOIN shift s ON s.practice_id = b.practice_id AND s.layer = 'supervisor' AND s.weekday = 0
    WHERE b.layer = 'backup' AND b.weekday = 0;
    WITH weekly AS (
        SELECT practice_id, person_id,
            string_agg((ARRAY['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])[weekday + 1], ',' ORDER BY weekday)
                || ' ' || to_char(starts, 'HH24:MI') || '-' || to_char(ends, 'HH24:MI') AS hours
        FROM shift WHERE layer = 'on_call' GROUP BY practice_id, person_id, starts, ends
    ), named AS (
        SELECT *, 'shift-' || row_number() OVER (PARTITION BY practice_id ORDER BY hours, person_id) AS name FROM weekly
    )
    INSERT INTO rota_rule (id, practice_id, name, "table", source, made_at)
    SELECT gen_random_uuid(), practice_id, name, jsonb_build_object('id', name, 'people', jsonb_build_array(person_id::text),
        'hours', jsonb_build_array(hours), 'together', true), 'file', now()
    FROM named;
    INSERT INTO promise (id, practice_id, kind, key, payload, state, due_at, wake_at, fence, attempts, made_at)
    SELECT gen_random_uuid(), practice_id, 'rota.watch', 'moved', '{}', 'waiting', now(), now(), 0, 0, now() FROM rota;
    SET CONSTRAINTS ALL IMMEDIATE;
    ALTER TABLE promise FORCE ROW LEVEL SECURITY;
"""

FUNCTION = """
    CREATE FUNCTION practice_of_rota_key(hash bytea) RETURNS TABLE (practice uuid, key uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = careline, pg_temp AS $$
        SELECT practice_id, id FROM rota_key WHERE token_hash = hash AND revoked_at IS NULL
    $$;
    GRANT SELECT (id, practice_id, token_hash, revoked_at) ON rota_key TO careline_finder;
    GRANT CREATE ON SCHEMA careline TO careline_finder;
"""

SQL = "\n".join(
    [
        MOVE,
        *(_fences.tie(reference, target) for reference, target in TIED.items()),
        *(_fences.policies(table) for table in SCOPED),
        _fences.finder_policies("rota_key"),
        FUNCTION,
        _fences.hand_over("practice_of_rota_key(bytea)"),
        "REVOKE CREATE ON SCHEMA careline FROM careline_finder;",
    ]
)


class Migration(migrations.Migration):
    dependencies = [("careline", "0008_rota")]
    operations = [
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
        migrations.DeleteModel(name="Shift"),
    ]
