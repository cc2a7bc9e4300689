"""CPU time and memory of the server and of PostgreSQL, as the operating system (Linux) counts them."""

import os
from pathlib import Path

_PROC = Path("/proc")
_TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def is_countable() -> bool:
    return (_PROC / "self" / "schedstat").exists()


class Meter:
    """What the server's processes and the back ends of one database have used so far."""

    def __init__(self, *, server: int, postmaster: int, database: str) -> None:
        self.server, self.postmaster, self.database = server, postmaster, database

    def read(self) -> dict[tuple[int, int], int]:
        """CPU time in ns of every thread, exact to the moment; of PostgreSQL's ended processes as one, in ticks."""
        used = {}
        for pid in self._server_pids() + self._back_end_pids():
            try:
                for task in (_PROC / str(pid) / "task").iterdir():
                    used[pid, int(task.name)] = int((task / "schedstat").read_text().split(" ", 1)[0])
            except (FileNotFoundError, ProcessLookupError):
                continue
        ended = _stat(self.postmaster)
        used[0, 0] = (int(ended[13]) + int(ended[14])) * _TICK_NS
        return used

    @staticmethod
    def between(before: dict[tuple[int, int], int], after: dict[tuple[int, int], int]) -> float:
        """The CPU time in ms from one reading to the next."""
        return sum(used - before.get(key, 0) for key, used in after.items()) / 1e6

    def memory(self) -> float:
        """MB that the largest process of the server holds."""
        return max(int((_PROC / str(pid) / "statm").read_text().split()[1]) for pid in self._server_pids()) * _PAGE_BYTES / 1e6

    def is_of_server(self, pid: int) -> bool:
        return pid in self._server_pids()

    def _server_pids(self) -> list[int]:
        """Everything in the session that the server was started in."""
        return [pid for pid in _all_pids() if (stat := _stat(pid)) and int(stat[3]) == self.server]

    def _back_end_pids(self) -> list[int]:
        """PostgreSQL itself and its processes, but for those that serve other databases."""
        found = [self.postmaster]
        for pid in _all_pids():
            if (stat := _stat(pid)) and int(stat[1]) == self.postmaster:
                title = _title(pid)
                # A back end's title is "postgres: role database address activity"; the others have no role.
                if "hearth_" not in title.split(":", 1)[-1][:12] or f" {self.database} " in title:
                    found.append(pid)
        return found


def _all_pids() -> list[int]:
    return [int(folder.name) for folder in _PROC.iterdir() if folder.name.isdigit()]


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat that follow the name: state, parent, group, session …; empty when it has ended."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _title(pid: int) -> str:
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
