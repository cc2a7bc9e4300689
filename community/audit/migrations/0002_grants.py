from django.conf import settings
from django.db import migrations


def restrict(apps, schema_editor) -> None:
    """The role that serves pages may add entries and read them; only words may be forgotten."""
    web, quote = settings.WEB_ROLE, schema_editor.quote_name
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        if cursor.fetchone()[0] == web:
            return  # one role for everything: `check --deploy` warns about it
        for table, rights in (("audit_entry", ""), ("audit_link", ""), ("audit_entrywords", ", DELETE")):
            cursor.execute(f"REVOKE ALL ON {quote(table)} FROM {quote(web)}")
            cursor.execute(f"GRANT SELECT, INSERT{rights} ON {quote(table)} TO {quote(web)}")


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunPython(restrict, migrations.RunPython.noop)]
