-- The Compose service that the container is a replica of: `shop/db`. null for others, and in rows of earlier versions.
ALTER TABLE container ADD COLUMN compose TEXT;
