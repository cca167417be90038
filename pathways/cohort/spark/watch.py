"""How far Spark is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Progress = Callable[[int, int], None]

LOOK = 0.5  # seconds between two looks


class Watch:
    """Watches Spark at work, and tells how many rows are done, as if each pass did its part of every row."""

    def __init__(self, session: Any, progress: Progress, rows: int, passes: int) -> None:
        """Take the session, what is told (rows done, rows in all), and how many passes there will be."""
        self.context = session.sparkContext
        self.progress, self.rows, self.passes = progress, rows, passes
        self.done = 0
        progress(0, rows)

    def during(self, action: Callable[[], Any]) -> None:
        """Do what is one pass, and tell meanwhile how far it is."""
        group = f"spinepath {self.done}"

        def act() -> None:
            self.context.setJobGroup(group, group)
            action()

        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(act)
            while True:
                try:
                    future.result(LOOK)
                    break
                except NotYet:
                    self._tell(self.done + self._share(group))
        self.done += 1
        self._tell(self.done)

    def _tell(self, passes: float) -> None:
        self.progress(int(self.rows * min(passes / self.passes, 1)), self.rows)

    def _share(self, group: str) -> float:
        """Return which part of the tasks of a pass is done."""
        tracker = self.context.statusTracker()
        jobs = [tracker.getJobInfo(number) for number in tracker.getJobIdsForGroup(group)]
        stages = [tracker.getStageInfo(number) for job in jobs if job for number in job.stageIds]
        tasks = sum(stage.numTasks for stage in stages if stage)
        return sum(stage.numCompletedTasks for stage in stages if stage) / tasks if tasks else 0.0
