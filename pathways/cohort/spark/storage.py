"""Files where Spark keeps them: on this machine, or wherever a URI leads (HDFS, object stores)."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pathways.cohort import sources
from pathways.cohort.sources import SUFFIXES, File, Source
from pathways.cohort.spark.places import URI, Place, key_of
from rules.problems import CaseError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pathways.cohort.spark.places import Key

READ = (sources.PARQUET, sources.CSV, sources.LINES)
HIDDEN = ("_", ".")
PARTS = re.compile(r"part-\d+\..*|[_.].*")


class Storage:
    """Hadoop's file systems, as far as a run needs them."""

    def __init__(self, session: Any) -> None:
        """Take the Spark session, which knows how they are set up."""
        self._java = session.sparkContext._jvm
        self._settings = session.sparkContext._jsc.hadoopConfiguration()
        default = self._java.org.apache.hadoop.fs.FileSystem.getDefaultUri(self._settings)
        self._local_by_default = default.getScheme() == "file"

    def full(self, name: str) -> str:
        """Return a name as Spark takes it: a URI stays, a name on this machine becomes absolute."""
        return name if URI.match(name) or not self._local_by_default else f"file:{os.path.abspath(name)}"  # noqa: PTH100

    def on_this_machine(self, name: str) -> bool:
        """Say whether a name is a plain path of this machine."""
        return self._local_by_default and not URI.match(name)

    def find(self, inputs: Sequence[str]) -> list[tuple[Source, Place]]:
        """Return the files that paths, folders, globs and URIs name, in order and once.

        Raises CaseError for what is not there, is empty, or cannot be read by Spark.
        """
        found: dict[str, Source] = {}
        for name in inputs:
            if self.on_this_machine(name):
                named = [
                    (str(p), Source(str(p), s.form, (p,), [sources.hashed(p)]))
                    for s in sources.find([name])
                    for p in s.paths
                ]
            else:
                named = [(uri, self._source(uri)) for uri in self._listed(name)]
            found |= {self.full(path): source for path, source in named if self.full(path) not in found}
        problems = [Problem("", f"Spark reads {', '.join(READ)}", s.name) for s in found.values() if s.form not in READ]
        if problems:
            raise CaseError("the input cannot be read by Spark", problems)
        placed = [(source, self.place(path)) for path, source in found.items()]
        empty = [Problem("", "the file is empty", source.name) for source, place in placed if not place.size]
        if empty:
            raise CaseError("the input cannot be read", empty)
        for source, place in placed:
            source.files = source.files or [File(source.name, place.size, "")]
        return placed

    def _source(self, uri: str) -> Source:
        return Source(uri, SUFFIXES[_suffix(uri)], (Path(uri),))

    def _listed(self, name: str) -> Iterator[str]:
        system, path = self._system(name)
        found = [
            str(inner.getPath().toString())
            for status in system.globStatus(path) or ()
            for inner in (system.listStatus(status.getPath()) if status.isDirectory() else (status,))
            if not inner.isDirectory() and not inner.getPath().getName().startswith(HIDDEN)
        ]
        found = sorted(uri for uri in found if _suffix(uri) in SUFFIXES)
        if not found:
            message = f"there is no such file; the suffix says the form: {', '.join(SUFFIXES)}"
            raise CaseError("the input cannot be read", [Problem("", message, name)])
        yield from found

    def _system(self, name: str) -> tuple[Any, Any]:
        path = self._java.org.apache.hadoop.fs.Path(self.full(name))
        return path.getFileSystem(self._settings), path

    def place(self, name: str) -> Place:
        """Return a file's place, by its name as Spark takes it."""
        system, path = self._system(name)
        status = system.getFileStatus(path)
        return Place(name, status.getLen(), status.getModificationTime())

    def key(self, name: str) -> Key:
        """Return what Spark's name of a file or folder is compared by."""
        system, path = self._system(name)
        return key_of(str(system.makeQualified(path).toUri().toString()))

    def head(self, name: str, most: int) -> bytes | None:
        """Return the first line of a file, or None if it is longer than that."""
        system, path = self._system(name)
        stream = system.open(path)
        try:
            read = b""
            while b"\n" not in read and len(read) <= most:
                block = bytes(stream.readNBytes(1 << 16))
                if not block:
                    return read if len(read) <= most else None
                read += block
        finally:
            stream.close()
        line = read.split(b"\n", 1)[0]
        return line if len(line) <= most else None

    def write(self, name: str, blocks: Iterable[bytes]) -> str:
        """Write a file under another name, and rename it; return the hash of its content."""
        waiting = f"{name}.tmp"
        system, path = self._system(waiting)
        stream, digest = system.create(path, True), hashlib.sha256()
        try:
            for block in blocks:
                digest.update(block)
                stream.write(bytearray(block))
        finally:
            stream.close()
        self.delete(name)
        self.rename(waiting, name)
        return digest.hexdigest()

    def rename(self, name: str, other: str) -> None:
        """Give a file or folder another name. Raises OSError if that fails."""
        system, path = self._system(name)
        if not system.rename(path, self._system(other)[1]):
            raise OSError(0, "cannot be renamed", name)

    def delete(self, name: str) -> None:
        """Delete a file or folder, if it is there."""
        system, path = self._system(name)
        system.delete(path, True)

    def foreign(self, name: str) -> list[str]:
        """Return what is in a folder that Spark did not write as parts of a table."""
        system, path = self._system(name)
        if not system.exists(path) or not system.getFileStatus(path).isDirectory():
            return []
        return [n for s in system.listStatus(path) if not PARTS.fullmatch(n := str(s.getPath().getName()))]

    def name_parts(self, folder: str, form: str) -> int:
        """Give the parts that Spark wrote into a folder plain names, in their order; return how many they are."""
        system, path = self._system(folder)
        names = sorted(str(status.getPath().getName()) for status in system.listStatus(path))
        parts = [name for name in names if not name.startswith(HIDDEN)]
        for number, name in enumerate(parts):
            self.rename(f"{folder}/{name}", f"{folder}/part-{number:05}.{form}")
        return len(parts)


def _suffix(name: str) -> str:
    return Path(name).suffix.lower()
