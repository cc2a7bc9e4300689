"""The two roles of every cluster, and what the one lets the other do."""

import hashlib

OWNER = "hearth_owner"
WEB = "hearth_web"
SUPERUSER = "postgres"

# The owner migrates; the web role serves and gets no more than it needs, in every database made from template1.
ROLES = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{OWNER}') THEN CREATE ROLE {OWNER} LOGIN CREATEDB; END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{WEB}') THEN CREATE ROLE {WEB} LOGIN; END IF;
END $$;
GRANT {WEB} TO {OWNER} WITH INHERIT FALSE, SET TRUE;
GRANT USAGE ON SCHEMA public TO {WEB};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {WEB};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT USAGE, SELECT ON SEQUENCES TO {WEB};
"""  # noqa: S608 our own names
EDITION = hashlib.sha256(ROLES.encode()).hexdigest()[:16]
