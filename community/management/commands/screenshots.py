import contextlib
import io
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from community.database import make_folder
from community.members.seed import DEMO_PASSWORD

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --hide-scrollbars".split()
BOARD = "/forums/caring-for-someone/"
# Name of the picture: the page, and as whom; the conversation is the first that the board lists.
PICTURES = {"front-door": ("/", ""), "conversation": (".rows .row-title a", "member@example.org")}
LIGHTS = {"light": "", "dark": "-dark"}
SIZE: Any = {"width": 1200, "height": 800}
MOST_BYTES = 150_000
READY_SECONDS = 120
READY = "Hearth is at home"


class Command(BaseCommand):
    """Make the README's pictures from a fresh demo, in light and dark."""

    help = "Make the README's pictures (docs/*.png) from a fresh demo, in light and dark. Needs Chromium."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("--into", type=Path, default=settings.BASE_DIR / "docs", help="the folder for the pictures (docs)")

    def handle(self, *, into: Path, **options: Any) -> None:
        chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
        if chromium is None:
            raise CommandError("There is no Chromium here. To have one: apt install chromium")
        into.mkdir(exist_ok=True)
        with demo() as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            try:
                for light, ending in LIGHTS.items():
                    for name, picture in taken(browser, address, light):
                        size = write(picture, into / f"{name}{ending}.png")
                        self.stdout.write(f"{name}{ending}.png  {size / 1000:.0f} kB")
            finally:
                browser.close()


@contextlib.contextmanager
def demo() -> Iterator[str]:
    """A fresh demo at a free port, with a folder and a database of its own; its address."""
    state = settings.STATE_DIR / "screenshots"
    make_folder(settings.STATE_DIR, 0o700)
    make_folder(state, 0o700)
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HEARTH_", "DATABASE_"))}
    with subprocess.Popen(
        [sys.executable, settings.BASE_DIR / "manage.py", "demo", "--fresh", "--port", str(port)],
        env=kept | {"HEARTH_STATE_DIR": str(state), "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        too_late = threading.Timer(READY_SECONDS, running.terminate)
        too_late.start()
        try:
            if not any(READY in line for line in running.stdout or ()):
                raise CommandError("The demo did not start; its words are above.")
            too_late.cancel()
            yield f"http://127.0.0.1:{port}"
        finally:
            too_late.cancel()
            running.terminate()
            # It says that it has stopped, and somebody must hear it.
            running.communicate()


def taken(browser: Browser, address: str, light: Any) -> Iterator[tuple[str, bytes]]:
    for name, (path, who) in PICTURES.items():
        with browser.new_context(
            base_url=address, viewport=SIZE, color_scheme=light, locale="en-GB", timezone_id="Europe/London"
        ) as context:
            page = context.new_page()
            if who:
                page.goto("/accounts/login/")
                page.locator("input[name=login]").fill(who)
                page.locator("input[name=password]").fill(DEMO_PASSWORD)
                page.locator("form:has(input[name=password]) button.button-main").click()
            if path.startswith("/"):
                page.goto(path)
            else:
                page.goto(BOARD)
                page.locator(path).first.click()
            page.wait_for_load_state("networkidle")
            yield name, page.screenshot()


def write(picture: bytes, path: Path) -> int:
    """Keep a picture, small; its size in bytes. Raises CommandError for one that is too large to keep."""
    drawn = Image.open(io.BytesIO(picture)).convert("RGB").quantize(colors=192, dither=Image.Dither.NONE)
    packed = io.BytesIO()
    drawn.save(packed, "PNG", optimize=True)
    if len(packed.getvalue()) > MOST_BYTES:
        raise CommandError(f"{path.name} would have {len(packed.getvalue()) // 1000} kB; the README keeps less than 150.")
    path.write_bytes(packed.getvalue())
    return len(packed.getvalue())
