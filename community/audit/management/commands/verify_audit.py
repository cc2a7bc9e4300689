from django.core.management.base import BaseCommand, CommandError

from community.audit import chain


class Command(BaseCommand):
    """Check the audit log's hash chain and name the first broken link."""

    help = __doc__

    def handle(self, **options) -> None:
        chain.extend()
        if broken := chain.verify():
            raise CommandError(f"Entry {broken.entry}: {broken.what}.")
        self.stdout.write("The audit log is whole.")
