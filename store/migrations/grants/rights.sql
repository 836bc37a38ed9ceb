-- What the role may do in this database. It is repeated after every migration: a new
-- table is granted like the others.
DO $$
DECLARE
    home text := quote_ident(current_schema());
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'smarticks_app') THEN
        RETURN;
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %s TO smarticks_app', home);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %s TO smarticks_app', home);
    EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA %s TO smarticks_app', home);
    REVOKE UPDATE, DELETE ON audit FROM smarticks_app;
    REVOKE INSERT, UPDATE, DELETE ON goose_db_version FROM smarticks_app;
END $$;
