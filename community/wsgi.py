"""What Granian serves. Each of its processes begins here."""

import ctypes
import os
import signal
import sys

if sys.platform == "linux":
    # When the server's main process is killed, its children must not keep the port.
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG

from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.settings")
application = get_wsgi_application()
application.request_class = import_string("community.middleware.PlainRequest")  # its module needs the apps to be ready
