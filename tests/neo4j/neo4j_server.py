"""A real Neo4j Community server for the tests: jars from Maven Central, free ports, stopped at the end."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
LTS = "5.26.30"
NEWEST = "2026.08.1"
JAVA_FOR = {LTS: range(17, 22), NEWEST: range(21, 26)}  # what these releases support
PASSWORD = "kites-over-ponds"
_OPTIONS = (
    *("-Xmx1g", "-Xms256m", "-XX:+UseSerialGC", "-Dfile.encoding=UTF-8"),
    # as the release's own start script has it
    *("--add-opens=java.base/java.nio=ALL-UNNAMED", "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED"),
)
QUICK = ("-XX:TieredStopAtLevel=1",)  # for short tests: less compiling, though slower in the long run
_MAIN = "META-INF/services/org.neo4j.server.startup.EntryPoint"  # in the jar, names the main class of the release


def cache_dir() -> Path:
    """Where the jars are kept between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("KG_TEST_CACHE") or Path(base) / "mlpapers-kg-tests")


def java_major(java: Path) -> int:
    """The major version of a Java, 0 if it is none."""
    try:
        shown = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60, check=False).stderr
    except OSError:
        return 0
    found = re.search(r'version "(?:1\.)?(\d+)', shown)
    return int(found[1]) if found else 0


def find_java(versions: range) -> Path | None:
    """A Java of one of these major versions: JAVA_HOME's, the path's, or one installed beside it; the oldest fits."""
    places = [Path(os.environ["JAVA_HOME"], "bin", "java")] if os.environ.get("JAVA_HOME") else []
    places += [Path(found)] if (found := shutil.which("java")) else []
    for home in ("/usr/lib/jvm", "/opt", "/Library/Java/JavaVirtualMachines"):
        places += sorted(Path(home).glob("*/bin/java")) + sorted(Path(home).glob("*/Contents/Home/bin/java"))
    known = {java: java_major(java) for java in dict.fromkeys(p.resolve() for p in places)}
    fitting = sorted((major, str(java)) for java, major in known.items() if major in versions)
    return Path(fitting[0][1]) if fitting else None


def jars(version: str, java: Path) -> Path:
    """The folder of the jars of a release, fetched once by Maven. Raises RuntimeError with Maven's words."""
    home = cache_dir() / f"neo4j-{version}"
    home.parent.mkdir(parents=True, exist_ok=True)
    with (home.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.is_dir():
            fresh = home.with_name(f"{home.name}.part")
            shutil.rmtree(fresh, ignore_errors=True)
            command = ["mvn", "-q", "-B", "-f", HERE / "pom.xml", f"-Dneo4j.version={version}"]
            command += ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={fresh}"]
            env = {**os.environ, "JAVA_HOME": str(java.parent.parent)}
            done = subprocess.run(command, capture_output=True, text=True, env=env, check=False, timeout=900)
            if done.returncode:
                raise RuntimeError(f"Maven could not fetch Neo4j {version}: {(done.stdout + done.stderr)[-2000:]}")
            fresh.rename(home)
    return home


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _die_with_parent() -> None:
    """Linux: the child is ended even when the tests are killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


@dataclass
class Server:
    """One server with a home of its own; `start` and `stop` may be called in turn."""

    version: str
    java: Path
    lib: Path
    home: Path
    settings: dict[str, str] = field(default_factory=dict)
    bolt: int = field(default_factory=free_port)
    options: tuple[str, ...] = QUICK
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"localhost:{self.bolt}"

    @property
    def uri(self) -> str:
        return f"bolt://{self.address}"

    @property
    def log(self) -> str:
        path = self.home / "logs" / "neo4j.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def prepare(self) -> None:
        """Write the configuration and set the password."""
        conf = self.home / "conf"
        conf.mkdir(parents=True, exist_ok=True)
        settings = {
            "server.default_listen_address": "127.0.0.1",
            "server.bolt.listen_address": f"127.0.0.1:{self.bolt}",
            "server.bolt.advertised_address": self.address,
            "server.http.enabled": "false",
            "server.https.enabled": "false",
            "server.memory.pagecache.size": "128m",
            "db.tx_log.rotation.size": "16m",
            "db.tx_log.preallocate": "false",
            "dbms.usage_report.enabled": "false",
            **self.settings,
        }
        lines = "".join(f"{key}={value}\n" for key, value in settings.items())
        (conf / "neo4j.conf").write_text(lines, encoding="utf-8")
        if not (self.home / "data" / "dbms").exists():
            self.admin("dbms", "set-initial-password", PASSWORD)

    def start(self) -> None:
        """Start and wait until it answers. Raises RuntimeError with the end of its log."""
        before = len(self.log)
        with zipfile.ZipFile(self.lib / f"neo4j-{self.version}.jar") as jar:
            main = jar.read(_MAIN).decode().split()[0]
        command = [*self.command(main), f"--home-dir={self.home}", f"--config-dir={self.home / 'conf'}"]
        with (self.home / "console.log").open("ab") as console:
            self.process = subprocess.Popen(
                command,
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        deadline = time.monotonic() + 180
        while "Started." not in self.log[before:]:
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                said = (self.home / "console.log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"Neo4j {self.version} did not start: {said}{self.log[-2000:]}")
            time.sleep(0.2)

    def stop(self, *, kill: bool = False) -> None:
        """End the server; `kill` without giving it time to write."""
        if self.process is None:
            return
        self.process.kill() if kill else self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(60)
        self.process = None

    def admin(self, *arguments: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run `neo4j-admin` (its main class; the shell script of that name only finds a Java and calls it)."""
        command = [*self.command("org.neo4j.cli.AdminTool"), *map(str, arguments)]
        env = {**os.environ, "NEO4J_HOME": str(self.home), "NEO4J_CONF": str(self.home / "conf")}
        done = subprocess.run(command, cwd=self.home, env=env, capture_output=True, text=True, check=False, timeout=280)
        if check and done.returncode:
            raise RuntimeError(f"neo4j-admin ended with {done.returncode}: {done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done

    def command(self, main: str) -> list[str]:
        options = [*_OPTIONS, *self.options]
        if java_major(self.java) >= 24:  # what the release's own start script says there
            options += ["--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"]
        return [str(self.java), *options, "-cp", f"{self.lib}/*", main]


@contextlib.contextmanager
def running(
    version: str, java: Path, home: Path, settings: dict[str, str] | None = None, options: tuple[str, ...] = QUICK
) -> Iterator[Server]:
    """A started server, stopped when the block is left, however."""
    server = Server(version, java, jars(version, java), home, settings or {}, options=options)
    server.prepare()
    try:
        server.start()
        yield server
    finally:
        server.stop()
