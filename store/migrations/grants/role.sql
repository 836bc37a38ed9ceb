-- The role, which the whole server shares; whoever migrates may become it. Who may
-- not make roles goes on without it.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'smarticks_app') THEN
        CREATE ROLE smarticks_app NOLOGIN;
    END IF;
    EXECUTE format('GRANT smarticks_app TO %I', current_user);
EXCEPTION WHEN insufficient_privilege OR duplicate_object OR unique_violation THEN
    RAISE NOTICE 'the role smarticks_app: %', SQLERRM;
END $$;
