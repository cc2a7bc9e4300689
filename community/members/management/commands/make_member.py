import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError, CommandParser

from community.members.joining import ROLES, join


class Command(BaseCommand):
    help = "Make an account by role and print it as JSON; for staff with the secret of their authenticator and recovery codes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--handle", required=True, help="the public name, 3 to 24 letters")
        parser.add_argument("--email", required=True)
        parser.add_argument("--password", required=True)
        parser.add_argument("--role", required=True, choices=ROLES)

    def handle(self, *, handle: str, email: str, password: str, role: str, **options: Any) -> None:
        try:
            joined = join(handle=handle, email=email, password=password, role=role)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        user = joined.user
        told: dict[str, Any] = {"id": user.pk, "handle": user.username, "email": user.email, "role": role}
        if user.is_staff:
            told |= {"totp_secret": joined.totp_secret, "recovery_codes": joined.recovery_codes}
        self.stdout.write(json.dumps(told))
