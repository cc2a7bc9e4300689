"""`./run` from outside: what it hands over to, and what it says when it can't."""

import ast
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from community.database import PROJECT

LOCKS = ("requirements.txt", "requirements-dev.txt")
# Runs the script as the Python says it is, after some lines that change what it finds.
AS_IF = """
import sys
sys.argv = sys.argv[1:]
{lines}
with open(sys.argv[0]) as script:
    program = compile(script.read(), sys.argv[0], "exec")
exec(program, {{"__name__": "__main__", "__file__": sys.argv[0]}})
"""


@pytest.fixture
def clone(tmp_path) -> Path:
    """A folder with the script and the lock files, without an environment."""
    folder = tmp_path / "my clone"
    folder.mkdir()
    for name in ("run", *LOCKS):
        shutil.copy(PROJECT / name, folder / name)
    (folder / "templates").mkdir()
    return folder


def run(clone: Path, *arguments: str, lines: str = "", path: str | None = None, **options) -> subprocess.CompletedProcess[str]:
    """What `./run` does in the clone, called from another folder; `lines` are run before it, `path` is its PATH."""
    environment = {key: value for key, value in os.environ.items() if key not in {"HEARTH_JOURNEYS", "PYTHONPATH"}}
    if path is not None:
        environment["PATH"] = path
    return subprocess.run(
        [sys.executable, "-c", AS_IF.format(lines=lines), str(clone / "run"), *arguments],
        cwd="/",
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **options,
    )


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def make_environment(clone: Path, lock: str) -> None:
    """An environment that counts as made from that lock file; its Python says what it was asked to run."""
    script(clone / ".venv/bin/python", 'echo "$@"')
    digest = hashlib.sha256((clone / lock).read_bytes()).hexdigest()
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    (clone / ".venv/.made-from").write_text(f"{lock} {digest} {version}\n{clone / '.venv'}\n")


def one_line(ran: subprocess.CompletedProcess[str]) -> str:
    """The only line that was said, by a command that failed."""
    assert ran.returncode not in (0, None)
    assert "Traceback" not in ran.stderr
    said = [line for line in (ran.stdout + ran.stderr).splitlines() if line and not line.startswith("Setting up:")]
    assert len(said) == 1, said
    return said[0]


def test_run_alone_says_what_there_is():
    ran = subprocess.run([PROJECT / "run"], cwd="/", capture_output=True, text=True, check=False)
    assert ran.returncode == 0
    for command in ("demo", "test", "check", "manage", "serve", "keys"):
        assert f"./run {command}" in ran.stdout


def test_unknown_command_gets_a_line(clone):
    assert "./run dmeo" in one_line(run(clone, "dmeo"))
    assert not (clone / ".venv").exists()


def test_old_python_can_read_the_script():
    ast.parse((PROJECT / "run").read_text(), feature_version=(3, 8))


def test_old_python_is_told_which_one_is_needed(clone):
    said = one_line(run(clone, "demo", lines="sys.version_info = (3, 8, 1)", path=""))
    assert "Python 3.11" in said
    assert "apt install" in said


def test_newer_python_on_the_path_is_used(clone, tmp_path):
    script(tmp_path / "bin/python3.13", 'echo "newer $@"')
    ran = run(clone, "demo", "--port", "81", lines="sys.version_info = (3, 8, 1)", path=str(tmp_path / "bin"))
    assert ran.stdout.splitlines()[-1] == f"newer {clone}/run demo --port 81"


def test_missing_venv_module_is_named_with_its_package(clone):
    lines = "import importlib.util; importlib.util.find_spec = lambda name: None"
    assert "apt install python3-venv" in one_line(run(clone, "demo", lines=lines, path=""))


def test_folder_that_cannot_be_written_gets_a_line():
    """As somebody without power: root may write anywhere."""
    folder = Path(tempfile.mkdtemp())
    try:
        for name in ("run", *LOCKS):
            shutil.copy(PROJECT / name, folder / name)
        folder.chmod(0o555)
        who = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        ran = subprocess.run(
            ["/usr/bin/env", "python3", folder / "run", "demo"],
            cwd="/",
            env={"PATH": "/usr/bin:/bin"} if who else os.environ,
            capture_output=True,
            text=True,
            check=False,
            **who,
        )
        assert f"{folder} can't be written to" in one_line(ran)
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


@pytest.mark.parametrize("lock", LOCKS)
def test_environment_that_is_there_is_handed_over_to_at_once(clone, lock):
    make_environment(clone, lock)
    ran = run(clone, "manage", "check", "--deploy")
    assert ran.stdout == f"{clone}/manage.py check --deploy\n"
    assert run(clone, "demo", "--fresh").stdout == f"{clone}/manage.py demo --fresh\n"


def test_tests_are_run_in_the_project_with_what_follows(clone):
    make_environment(clone, "requirements-dev.txt")
    ran = run(clone, "test", "--deep", "-k", "kept", path="")
    assert ran.stdout == "-m pytest --deep -k kept\n"
    assert "apt install chromium" in ran.stderr


def test_check_names_what_failed(clone):
    make_environment(clone, "requirements-dev.txt")
    for tool in ("ruff", "djade", "djlint", "lint-imports"):
        script(clone / ".venv/bin" / tool, "exit 0")
    script(clone / ".venv/bin/mypy", "echo its reasons; exit 1")
    ran = run(clone, "check")
    assert ran.returncode == 1
    assert "its reasons" in ran.stdout
    assert ran.stderr == "Failed: mypy\n"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda clone: (clone / ".venv/.made-from").unlink(),
        lambda clone: (clone / ".venv/bin/python").unlink(),
        lambda clone: (clone / "requirements.txt").write_text("other==1\n"),
        lambda clone: shutil.copytree(clone / ".venv", clone.with_name("moved") / ".venv"),
    ],
    ids=["half made", "python gone", "other lock", "moved"],
)
def test_environment_that_does_not_fit_is_made_again(clone, spoil):
    make_environment(clone, "requirements.txt")
    spoil(clone)
    moved = clone.with_name("moved")
    if moved.exists():
        for name in ("run", *LOCKS):
            shutil.copy(clone / name, moved / name)
        clone = moved
    # Without any tool to make it with, it says so; that it tried is what counts here.
    lines = "import importlib.util; importlib.util.find_spec = lambda name: None"
    assert "apt install python3-venv" in one_line(run(clone, "manage", "check", lines=lines, path=""))


@pytest.mark.deep
def test_missing_network_is_told_in_a_line(clone, monkeypatch):
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    assert "Check the network" in one_line(run(clone, "keys", path="/usr/bin:/bin"))
    assert not (clone / ".venv/.made-from").exists()


@pytest.mark.deep
def test_two_runs_at_once_make_one_environment(clone):
    (clone / "manage.py").write_text("import django; print(django.VERSION[0])")
    command = [sys.executable, clone / "run", "manage"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=300) for process in both]
    assert [out for out, _ in said] == ["5\n", "5\n"]
    assert sum("waiting for it" in err for _, err in said) == 1
