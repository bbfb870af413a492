-- The counterpart of container_short_last_seen: few rows, found among a hundred thousand short lives.
CREATE INDEX container_long_last_seen ON container (last_seen) WHERE last_seen - first_seen >= 600;
