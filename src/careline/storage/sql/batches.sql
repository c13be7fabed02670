-- Promises claimed and finished many at a time, across practices, in one statement each. A promise's key and payload hold ids and
-- fixed words only, so a keeper is given them with the claim. They replace the look-up of the first release.

SET LOCAL ROLE careline_finder;
DROP FUNCTION claim_promises(text[], text, timestamptz, timestamptz, integer);
RESET ROLE;

-- Takes up to `most` promises that are due (or whose lease has ended), the longest due first, each with a new fence and an
-- attempt. Two callers never take the same one: the second skips what the first has locked. `repeat` is true when nobody knows
-- that no earlier attempt took effect: it never reported, ended in an error, or reported after it had been overtaken.
CREATE FUNCTION claim_promises(kinds text[], worker text, at timestamptz, lease_until timestamptz, most integer)
RETURNS TABLE (
    practice uuid, promise uuid, kind text, key text, payload jsonb, due_at timestamptz, fence bigint, n integer, repeat boolean
)
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
        RETURNING p.id, p.practice_id, p.kind, p.key, p.payload, p.due_at, p.fence, p.attempts
    ), tried AS (
        INSERT INTO promise_attempt
            (id, practice_id, promise_id, n, fence, worker, due_at, started_at, outcome, provider_ref, reason, repeat)
        SELECT gen_random_uuid(), t.practice_id, t.id, t.attempts, t.fence, worker, t.due_at, at, '', '', '',
            EXISTS (
                SELECT 1 FROM promise_attempt a
                WHERE a.promise_id = t.id AND (a.outcome IN ('', 'error') OR a.outcome LIKE 'overtaken:%')
            )
        FROM taken t
        RETURNING promise_id, promise_attempt.repeat
    )
    SELECT t.practice_id, t.id, t.kind, t.key, t.payload, t.due_at, t.fence, t.attempts, tried.repeat
    FROM taken t JOIN tried ON tried.promise_id = t.id
    ORDER BY t.due_at, t.id
$$;

-- What became of claims: one element of each array per claim. `state` is what the promise becomes where it is still ours (waiting:
-- it falls due again at `again_at`); whoever was overtaken has that written to its attempt and changes nothing else.
CREATE FUNCTION finish_promises(
    promises uuid[], fences bigint[], tries integer[], states text[], again_at timestamptz[],
    outcomes text[], provider_refs text[], reasons text[], at timestamptz
) RETURNS TABLE (promise uuid, standing text)
LANGUAGE sql SECURITY DEFINER SET search_path = careline, pg_temp AS $$
    WITH told AS (
        SELECT * FROM unnest(promises, fences, tries, states, again_at, outcomes, provider_refs, reasons)
            AS t (id, fence, n, state, again, outcome, provider_ref, reason)
    ), held AS MATERIALIZED (
        SELECT p.id, p.fence AS newest, p.state AS stands, t.fence, t.n, t.state, t.again, t.outcome, t.provider_ref, t.reason
        FROM promise p JOIN told t ON t.id = p.id ORDER BY p.id FOR UPDATE OF p
    ), judged AS MATERIALIZED (
        SELECT *, CASE WHEN newest <> fence THEN 'overtaken' WHEN stands <> 'waiting' THEN 'cancelled' ELSE 'ours' END AS standing
        FROM held
    ), reported AS (
        UPDATE promise_attempt a SET
            finished_at = at, provider_ref = left(j.provider_ref, 200), reason = left(j.reason, 200),
            outcome = left(CASE WHEN j.standing = 'overtaken' THEN 'overtaken:' ELSE '' END || j.outcome, 40)
        FROM judged j WHERE a.promise_id = j.id AND a.n = j.n
    ), settled AS (
        UPDATE promise p SET
            state = j.state, wake_at = coalesce(j.again, p.wake_at),
            finished_at = CASE WHEN j.state = 'waiting' THEN NULL ELSE at END
        FROM judged j WHERE p.id = j.id AND j.standing = 'ours'
    )
    SELECT id, standing FROM judged
$$;

GRANT SELECT (key, payload) ON promise TO careline_finder;
GRANT UPDATE (state, finished_at) ON promise TO careline_finder;
GRANT UPDATE (finished_at, outcome, provider_ref, reason) ON promise_attempt TO careline_finder;
