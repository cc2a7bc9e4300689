from django.core.management.base import BaseCommand, CommandError, CommandParser

from community.audit import chain
from community.audit.models import Link


class Command(BaseCommand):
    """Check the audit log's hash chain and name the first broken link."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--head", default="", help="a link that was mailed: is it in the chain still?")

    def handle(self, *, head: str, **options) -> None:
        chain.extend()
        if broken := chain.verify():
            raise CommandError(f"Entry {broken.entry}: {broken.what}.")
        if head and not Link.objects.filter(hash=head.strip().lower()).exists():
            raise CommandError("That link is not in the chain: the log was written anew since it was mailed.")
        self.stdout.write("The audit log is whole.")
