"""Another process, spoken to over pipes: what it answers, and that nobody ever waits for one that is gone."""

import os
import signal
import sys
import threading
import types
from pathlib import Path

import pytest

from pathways.cohort.process import Process


@pytest.fixture
def process():
    started = Process([3, 1, 2])
    yield started
    started.end()


def test_methods_are_called_on_the_object_there(process):
    assert process.ask("sort") is None
    assert process.ask("index", 1) == 0
    assert process.ask("copy") == [1, 2, 3]


def test_what_is_raised_there_is_raised_here_and_the_process_goes_on(process):
    with pytest.raises(ValueError, match="9 is not in list"):
        process.ask("index", 9)
    assert process.ask("count", 3) == 1


def test_a_killed_process_is_told_at_once(process):
    process.kill()
    with pytest.raises(OSError, match="ended from outside"):
        process.ask("sort")


class Unknown:
    """A class that another process cannot import."""


Unknown.__module__ = "nowhere"


def test_an_object_that_cannot_be_read_there_is_told_and_not_waited_for(monkeypatch, capfd):
    monkeypatch.setitem(sys.modules, "nowhere", types.SimpleNamespace(Unknown=Unknown))
    process = Process(Unknown())
    with pytest.raises(OSError, match="ended from outside"):
        process.ask("anything")
    process.end()
    assert "No module named 'nowhere'" in capfd.readouterr().err


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="there is no list of children here")
def test_a_process_that_is_killed_while_it_is_sent_a_large_object_is_not_waited_for():
    killing = threading.Thread(target=kill_the_next)
    killing.start()
    process = Process(b"x" * 50_000_000)
    killing.join()
    with pytest.raises(OSError, match="ended from outside"):
        process.ask("count", b"x")
    process.end()


def kill_the_next():
    while True:
        for listed in Path("/proc/self/task").glob("*/children"):
            for pid in listed.read_text().split():
                if b"pathways.cohort.process" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    os.kill(int(pid), signal.SIGKILL)
                    return
