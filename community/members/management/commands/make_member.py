import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import transaction

from community.audit.models import record
from community.members.joining import ROLES, Joined, join


class Command(BaseCommand):
    help = "Make an account by role and print it as JSON; for staff with the secret of their authenticator and recovery codes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--handle", required=True, help="the public name, 3 to 24 letters")
        parser.add_argument("--email", required=True)
        parser.add_argument("--password", required=True)
        parser.add_argument("--role", required=True, choices=ROLES)

    def handle(self, *, handle: str, email: str, password: str, role: str, **options: Any) -> None:
        try:
            joined = self._join(handle=handle, email=email, password=password, role=role)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        user = joined.user
        told: dict[str, Any] = {"id": user.pk, "handle": user.username, "email": user.email, "role": role}
        if user.is_staff:
            told |= {"totp_secret": joined.totp_secret, "recovery_codes": joined.recovery_codes}
        self.stdout.write(json.dumps(told))

    @transaction.atomic
    def _join(self, *, role: str, **account: Any) -> Joined:
        """Whoever gets power from the command line stands in the record of who did what, like everybody else."""
        joined = join(role=role, **account)
        if joined.user.is_staff:
            record("members.staff_account_made", by=None, target=joined.user, reason=role)
        return joined
