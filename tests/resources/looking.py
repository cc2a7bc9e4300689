"""What a list of the library holds, read off its page."""

import re

from django.test import Client

FOUND = re.compile(r'<h3 class="row-title"><a href="[^"]*" dir="auto">([^<]*)</a></h3>')


def found(client: Client, **asked: str) -> list[str]:
    answer = client.get("/resources/", asked)
    assert answer.status_code == 200
    return FOUND.findall(answer.content.decode())
