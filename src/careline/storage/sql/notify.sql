-- Whose number a text came from: ids of practices only.
CREATE FUNCTION practices_of_texting(number text) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = careline, pg_temp AS $$
    SELECT practice_id FROM membership
    WHERE active AND channels @> jsonb_build_array(jsonb_build_object('kind', 'sms', 'address', number))
    ORDER BY practice_id
$$;

CREATE INDEX membership_by_channel ON membership USING gin (channels jsonb_path_ops);

GRANT SELECT (channels) ON membership TO careline_finder;
