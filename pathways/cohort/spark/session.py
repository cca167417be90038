"""Starting Spark: what must be installed, what is set, and how its errors are told."""

from __future__ import annotations

import atexit
import contextlib
import importlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pathways.cohort.screening import quotes_masked
from rules.problems import Problem, SpinepathError

if TYPE_CHECKING:
    from collections.abc import Iterator

JAVA = 17
MISSING = "install it with `pip install 'spinepath[spark]'`; Spark also needs Java 17 or newer"
NO_JAVA = "install a Java runtime, 17 or newer, and put it on PATH or name it in JAVA_HOME"
ROOT = Path(__file__).resolve().parents[3]
SHIPPED = ("rules", "pathways")
PATIENCE = 60  # seconds for `java -version`
SHORT = 300
USUAL = {
    "spark.app.name": "spinepath",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "FATAL",  # a failure is told once, by us
    "spark.executorEnv.POLARS_MAX_THREADS": "1",  # Spark gives each core a task of its own
}
LOOPBACK = "127.0.0.1"
OWN_MACHINE = {"spark.driver.host": LOOPBACK, "spark.driver.bindAddress": LOOPBACK}
OURS = re.compile(r"^(?:RuntimeError|ModuleNotFoundError|ImportError|MemoryError): ?(.*)$", re.MULTILINE)


class ClusterError(SpinepathError):
    """Spark cannot be used, or could not finish."""


@dataclass(frozen=True)
class Cluster:
    """Which Spark is used, how it is set, and the names of the outputs as they were given: they may be URIs."""

    output: str
    fired: str | None = None
    quarantine: str | None = None
    master: str | None = None
    settings: tuple[str, ...] = ()


def start(cluster: Cluster) -> tuple[Any, bool]:
    """Return a Spark session, and whether it is ours to stop: where Spark runs already, it is used.

    Raises ClusterError where pyspark, its companions or Java are missing, or Spark does not start.
    """
    sql = _installed()
    running = sql.SparkSession.getActiveSession()
    with telling("Spark cannot be started"):
        session = _started(sql, cluster) if running is None else running.newSession()
        session.conf.set("spark.sql.caseSensitive", "true")  # as column names are everywhere else
        # A file is cut into the same blocks each time, whether a worker was lost meanwhile or not.
        session.conf.set("spark.sql.files.minPartitionNum", session.sparkContext.defaultParallelism)
        session.sparkContext.addPyFile(str(_code()))
    return session, running is None


def _started(sql: Any, cluster: Cluster) -> Any:
    _check_java()
    here = cluster.master is None or cluster.master.startswith("local")
    if here:
        os.environ.setdefault("SPARK_LOCAL_IP", LOOPBACK)
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)
    builder = sql.SparkSession.builder
    if cluster.master:
        builder = builder.master(cluster.master)
    for key, value in (USUAL | (OWN_MACHINE if here else {}) | _settings(cluster.settings)).items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def _installed() -> Any:
    try:
        for name in ("pyarrow", "pandas"):
            importlib.import_module(name)
        return importlib.import_module("pyspark.sql")
    except ImportError as error:
        name = (error.name or "pyspark").split(".")[0]
        raise ClusterError(f"Spark needs the package `{name}`", [Problem("", MISSING)]) from None


def _check_java() -> None:
    home = os.environ.get("JAVA_HOME")
    java = shutil.which(Path(home) / "bin" / "java" if home else "java")
    if java is None:
        raise ClusterError(f"Spark needs Java {JAVA} or newer, and there is none", [Problem("", NO_JAVA)])
    told = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=PATIENCE, check=False)
    version = re.search(r'version "(\d+)', told.stderr + told.stdout)
    if version and int(version.group(1)) < JAVA:
        title = f"Spark needs Java {JAVA} or newer, and {java} is Java {version.group(1)}"
        raise ClusterError(title, [Problem("", NO_JAVA)])


def _settings(given: tuple[str, ...]) -> dict[str, str]:
    wrong = [text for text in given if not re.match(r"spark\.[^=\s]+=", text)]
    if wrong:
        problems = [Problem(text, "write spark.NAME=VALUE, such as spark.executor.memory=4g") for text in wrong]
        raise ClusterError("these are no settings of Spark", problems)
    return dict(text.split("=", 1) for text in given)


@cache
def _code() -> Path:
    """Return an archive of this very code for the workers; what it imports from elsewhere must be installed there.

    Spark fetches it whenever a worker starts, so it stays for as long as the program runs.
    """
    folder = Path(tempfile.mkdtemp(prefix="spinepath-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    archive = folder / "spinepath.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for package in SHIPPED:
            for path in sorted((ROOT / package).rglob("*.py")):
                file.write(path, path.relative_to(ROOT))
    return archive


@contextlib.contextmanager
def telling(title: str) -> Iterator[None]:
    """Turn the errors of Spark into one of ours, short, and without values of a patient."""
    errors = importlib.import_module("pyspark.errors")
    java = importlib.import_module("py4j.protocol")
    try:
        yield
    except (errors.PySparkException, java.Py4JError) as error:
        raise ClusterError(title, [Problem("", reason(error))]) from None


def reason(error: BaseException) -> str:
    """Return why Spark failed, in a line: what a worker of ours said, or the first that Spark says."""
    text = str(error)
    ours: list[str] = OURS.findall(text)
    if ours:
        absent = "No module named" in ours[-1]
        return ours[-1] + ("; install spinepath in the Python that the workers run" if absent else "")
    lines = [line.strip(" :\t") for line in text.splitlines() if line.strip() and "An error occurred while" not in line]
    return quotes_masked((lines or [type(error).__name__])[0])[:SHORT]
