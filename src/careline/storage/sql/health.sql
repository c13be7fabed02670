-- What stands waiting in the whole installation, as numbers and instants: for health and metrics, which see no practice's rows.

-- Promises due (or whose lease has ended) by `at` that nobody has taken, by kind.
CREATE FUNCTION promises_late(at timestamptz) RETURNS TABLE (kind text, late bigint, oldest timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = careline, pg_temp AS $$
    SELECT p.kind, count(*), min(p.wake_at) FROM promise p WHERE p.state = 'waiting' AND p.wake_at <= at GROUP BY p.kind
$$;

CREATE FUNCTION pages_unaccepted() RETURNS TABLE (practice uuid, pages bigint, oldest timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = careline, pg_temp AS $$
    SELECT practice_id, count(*), min(raised_at) FROM page WHERE state = 'open' GROUP BY practice_id
$$;

-- Entries of the journal that wait for the sealer, and since when.
CREATE FUNCTION journal_waiting() RETURNS TABLE (entries bigint, oldest timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = careline, pg_temp AS $$
    SELECT count(*), (SELECT e.at FROM journal_entry e WHERE e.id = min(p.id::text)::uuid) FROM journal_pending p
$$;

-- Pages ever accepted, by practice: how many, how long altogether, and how many within each number of seconds.
CREATE FUNCTION times_to_accept(within double precision[])
RETURNS TABLE (practice uuid, pages bigint, seconds double precision, counts bigint[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = careline, pg_temp AS $$
    SELECT practice_id, count(*), sum(took),
        (SELECT array_agg(n ORDER BY place) FROM (
            SELECT place, count(*) FILTER (WHERE one <= most) AS n
            FROM unnest(within) WITH ORDINALITY AS w (most, place), unnest(array_agg(took)) AS one GROUP BY place
        ) AS each)
    FROM (
        SELECT practice_id, extract(epoch FROM accepted_at - raised_at)::double precision AS took
        FROM page WHERE accepted_at IS NOT NULL
    ) AS accepted GROUP BY practice_id
$$;

CREATE FUNCTION contacts_ended() RETURNS TABLE (practice uuid, channel text, outcome text, contacts bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = careline, pg_temp AS $$
    SELECT practice_id, channel, outcome, count(*) FROM contact WHERE state <> 'open' GROUP BY 1, 2, 3
$$;

GRANT SELECT (practice_id, state, raised_at, accepted_at) ON page TO careline_finder;
GRANT SELECT (channel, outcome, state) ON contact TO careline_finder;
GRANT SELECT (id) ON journal_pending TO careline_finder;
GRANT SELECT (id, at) ON journal_entry TO careline_finder;
