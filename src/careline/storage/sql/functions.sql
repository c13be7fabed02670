-- Look-ups that must see more than one practice. They run as careline_finder, which may read only the columns granted below
-- and cannot log in, and they return ids, numbers and instants: never anything of a patient, a caller or a member of staff.
-- Instants are arguments: the database's clock decides nothing.

CREATE FUNCTION practice_of_line(dialled text) RETURNS TABLE (practice uuid, line uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = careline, pg_temp AS $$
    SELECT practice_id, id FROM line WHERE number = dialled AND active
$$;

CREATE FUNCTION practices_of_person(who uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = careline, pg_temp AS $$
    SELECT practice_id FROM membership WHERE person_id = who AND active ORDER BY practice_id
$$;

CREATE FUNCTION practice_of_contact(which uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = careline, pg_temp AS $$
    SELECT practice_id FROM contact WHERE id = which
$$;

-- Takes up to `most` promises that are due (or whose lease has ended), the longest due first, each with a new fence and an
-- attempt. Two callers never take the same one: the second skips what the first has locked. `repeat` is true when an earlier
-- attempt never reported, so that what it did may be done again.
CREATE FUNCTION claim_promises(kinds text[], worker text, at timestamptz, lease_until timestamptz, most integer)
RETURNS TABLE (practice uuid, promise uuid, fence bigint, n integer, repeat boolean)
LANGUAGE sql SECURITY DEFINER SET search_path = careline, pg_temp AS $$
    WITH due AS (
        SELECT chosen.id FROM unnest(kinds) AS wanted (kind), LATERAL (
            SELECT p.id, p.wake_at FROM promise p
            WHERE p.state = 'waiting' AND p.kind = wanted.kind AND p.wake_at <= at
            ORDER BY p.wake_at LIMIT most FOR UPDATE SKIP LOCKED
        ) AS chosen
        ORDER BY chosen.wake_at LIMIT most
    ), taken AS (
        UPDATE promise p SET wake_at = lease_until, fence = p.fence + 1, attempts = p.attempts + 1
        FROM due WHERE p.id = due.id
        RETURNING p.id, p.practice_id, p.fence, p.attempts, p.due_at
    )
    INSERT INTO promise_attempt
        (id, practice_id, promise_id, n, fence, worker, due_at, started_at, outcome, provider_ref, reason, repeat)
    SELECT gen_random_uuid(), t.practice_id, t.id, t.attempts, t.fence, worker, t.due_at, at, '', '', '',
        EXISTS (SELECT 1 FROM promise_attempt a WHERE a.promise_id = t.id AND a.outcome = '')
    FROM taken t
    RETURNING practice_id, promise_id, promise_attempt.fence, promise_attempt.n, promise_attempt.repeat
$$;

-- Lengthens leases that are still ours; what is not returned was taken over, cancelled or kept meanwhile.
CREATE FUNCTION renew_promises(promises uuid[], fences bigint[], lease_until timestamptz) RETURNS SETOF uuid
LANGUAGE sql SECURITY DEFINER SET search_path = careline, pg_temp AS $$
    UPDATE promise p SET wake_at = lease_until
    FROM unnest(promises, fences) AS mine (id, fence)
    WHERE p.id = mine.id AND p.fence = mine.fence AND p.state = 'waiting'
    RETURNING p.id
$$;

CREATE FUNCTION next_promise_at(kinds text[]) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = careline, pg_temp AS $$
    SELECT min(first.wake_at) FROM unnest(kinds) AS wanted (kind), LATERAL (
        SELECT p.wake_at FROM promise p WHERE p.state = 'waiting' AND p.kind = wanted.kind ORDER BY p.wake_at LIMIT 1
    ) AS first
$$;

CREATE FUNCTION practices_unsealed() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = careline, pg_temp AS $$
    SELECT DISTINCT practice_id FROM journal_pending
$$;

CREATE FUNCTION lost_calls(before timestamptz) RETURNS TABLE (practice uuid, contact uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = careline, pg_temp AS $$
    SELECT l.practice_id, l.contact_id FROM live_call l LEFT JOIN node n ON n.name = l.node
    WHERE n.name IS NULL OR n.heartbeat_at < before
$$;

CREATE FUNCTION commands_of_node(owner text, at timestamptz) RETURNS TABLE (practice uuid, command uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = careline, pg_temp AS $$
    SELECT practice_id, id FROM call_command
    WHERE node = owner AND claimed_at IS NULL AND expires_at > at ORDER BY made_at LIMIT 100
$$;

-- Every entry of the journal waits for the sealer; nobody can forget to list one.
CREATE FUNCTION list_for_sealer() RETURNS trigger LANGUAGE plpgsql SET search_path = careline, pg_temp AS $$
BEGIN
    INSERT INTO journal_pending (id, practice_id) SELECT id, practice_id FROM written;
    RETURN NULL;
END $$;

CREATE TRIGGER list_for_sealer AFTER INSERT ON journal_entry
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION list_for_sealer();

-- Pokes: who listens learns that something changed, and which row; to see it they ask as somebody who may.

CREATE FUNCTION poke_row() RETURNS trigger LANGUAGE plpgsql SET search_path = careline, pg_temp AS $$
BEGIN
    PERFORM pg_notify('careline_live', concat_ws(' ', NEW.practice_id, TG_TABLE_NAME, NEW.id));
    RETURN NULL;
END $$;

CREATE FUNCTION poke_contact() RETURNS trigger LANGUAGE plpgsql SET search_path = careline, pg_temp AS $$
DECLARE gone boolean := TG_OP = 'DELETE';
BEGIN
    PERFORM pg_notify('careline_live', concat_ws(' ',
        CASE WHEN gone THEN OLD.practice_id ELSE NEW.practice_id END, 'contact',
        CASE WHEN gone THEN OLD.contact_id ELSE NEW.contact_id END));
    RETURN NULL;
END $$;

CREATE FUNCTION poke_page() RETURNS trigger LANGUAGE plpgsql SET search_path = careline, pg_temp AS $$
BEGIN
    PERFORM pg_notify('careline_live', concat_ws(' ', NEW.practice_id, 'page', NEW.page_id));
    RETURN NULL;
END $$;

CREATE FUNCTION poke_keepers() RETURNS trigger LANGUAGE plpgsql SET search_path = careline, pg_temp AS $$
BEGIN
    PERFORM pg_notify('careline_promises', NEW.kind);
    RETURN NULL;
END $$;

CREATE FUNCTION poke_node() RETURNS trigger LANGUAGE plpgsql SET search_path = careline, pg_temp AS $$
BEGIN
    PERFORM pg_notify('careline_commands', NEW.node);
    RETURN NULL;
END $$;

CREATE TRIGGER poke AFTER INSERT OR UPDATE ON contact FOR EACH ROW EXECUTE FUNCTION poke_row();
CREATE TRIGGER poke AFTER INSERT OR UPDATE ON message FOR EACH ROW EXECUTE FUNCTION poke_row();
CREATE TRIGGER poke AFTER INSERT OR UPDATE ON page FOR EACH ROW EXECUTE FUNCTION poke_row();
CREATE TRIGGER poke AFTER INSERT OR UPDATE ON callback_task FOR EACH ROW EXECUTE FUNCTION poke_row();
CREATE TRIGGER poke AFTER INSERT OR UPDATE ON alarm FOR EACH ROW EXECUTE FUNCTION poke_row();
CREATE TRIGGER poke AFTER INSERT OR UPDATE OR DELETE ON live_call FOR EACH ROW EXECUTE FUNCTION poke_contact();
CREATE TRIGGER poke AFTER INSERT ON turn FOR EACH ROW EXECUTE FUNCTION poke_contact();
CREATE TRIGGER poke AFTER INSERT ON contact_event FOR EACH ROW EXECUTE FUNCTION poke_contact();
CREATE TRIGGER poke AFTER INSERT ON triage FOR EACH ROW EXECUTE FUNCTION poke_contact();
CREATE TRIGGER poke AFTER INSERT OR UPDATE ON recording FOR EACH ROW EXECUTE FUNCTION poke_contact();
CREATE TRIGGER poke AFTER INSERT OR UPDATE ON page_notice FOR EACH ROW EXECUTE FUNCTION poke_page();
CREATE TRIGGER poke_new AFTER INSERT ON promise FOR EACH ROW EXECUTE FUNCTION poke_keepers();
CREATE TRIGGER poke_sooner AFTER UPDATE OF wake_at ON promise FOR EACH ROW
    WHEN (NEW.state = 'waiting' AND NEW.wake_at < OLD.wake_at) EXECUTE FUNCTION poke_keepers();
CREATE TRIGGER poke AFTER INSERT ON call_command FOR EACH ROW EXECUTE FUNCTION poke_node();

-- What careline_finder may see, and only through the functions above.

GRANT SELECT (id, practice_id, number, active) ON line TO careline_finder;
GRANT SELECT (practice_id, person_id, active) ON membership TO careline_finder;
GRANT SELECT (id, practice_id) ON contact TO careline_finder;
GRANT SELECT (id, practice_id, kind, state, due_at, wake_at, fence, attempts) ON promise TO careline_finder;
GRANT UPDATE (wake_at, fence, attempts) ON promise TO careline_finder;
GRANT SELECT (practice_id, promise_id, n, fence, outcome, repeat) ON promise_attempt TO careline_finder;
GRANT INSERT ON promise_attempt TO careline_finder;
GRANT SELECT (practice_id) ON journal_pending TO careline_finder;
GRANT SELECT (practice_id, contact_id, node) ON live_call TO careline_finder;
GRANT SELECT (name, heartbeat_at) ON node TO careline_finder;
GRANT SELECT (id, practice_id, node, claimed_at, expires_at, made_at) ON call_command TO careline_finder;
