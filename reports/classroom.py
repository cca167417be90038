"""A lesson in the terminal: plain prompts, one line each, so that a script can answer them too."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING

from pathways.teaching.answers import MOST_CAUSES, Answer, Guess, causes, next_steps, resolve
from pathways.teaching.score import URGENCIES, score, score_stage
from reports import teaching, words
from rules.problems import SpinepathError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pathways.teaching.answers import Session
    from pathways.teaching.lesson import Lesson, Scene
    from rules.documents import Urgency

QUIT = "q"
ORDINALS = ("Most likely", "Second", "Third")
HELP = (
    "Name causes and steps by id or by the beginning of a title; ? lists them, Enter leaves one out, q stops. "
    "How sure you are is in percent; causes may stand together, so that the percents need not add up."
)


class StoppedError(Exception):
    """The learner stopped, or the input ended."""


class Classroom:
    """Runs a lesson from where its session has come to."""

    def __init__(self, lesson: Lesson, session: Session, save: Path | None = None, width: int = 100) -> None:
        """Take the lesson, the session so far, and the file to keep it in after each stage."""
        self.lesson = lesson
        self.session = session
        self.save = save
        self.width = width
        self.causes = causes(lesson.base)
        self.steps = next_steps(lesson)

    def run(self) -> bool:
        """Go through the stages that are left. Returns whether the end was reached."""
        self._say([teaching.heading(self.lesson), HELP, ""])
        if self.session.rule_base.sha256 != self.lesson.base.sha256:
            self._say(["The rule base has changed since this session began; it is scored by the present one.", ""])
        done = len(self.session.answers)
        for number, scene in enumerate(self.lesson.scenes):
            self._tell(number, scene)
            if number < done:
                self._feedback(scene, self.session.answers[number])
                continue
            try:
                answer = self._ask(scene)
            except StoppedError:
                print()
                return False
            self.session = self.session.after(answer)
            self._keep()
            self._feedback(scene, answer)
        self._say(["", "=== The end ===", *teaching.ending(self.lesson), ""])
        self._say(teaching.result_lines(score(self.lesson, self.session.answers), self.lesson))
        return True

    def _say(self, lines: Iterable[str]) -> None:
        for line in lines:
            indent = " " * (len(line) - len(line.lstrip()) + 2)
            print(
                textwrap.fill(
                    line, self.width, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False
                )
                if line
                else ""
            )

    def _tell(self, number: int, scene: Scene) -> None:
        head = f"=== Stage {number + 1} of {len(self.lesson.scenes)}: {scene.stage.title} ==="
        lines = teaching.news(scene, self.lesson.base) or ["nothing is reported"]
        self._say([head, *(f"- {line}" for line in lines), ""])

    def _feedback(self, scene: Scene, answer: Answer) -> None:
        scored = score_stage(self.lesson, scene, answer)
        self._say(["", "--- What the rule base has at this stage ---", *teaching.view(scene, self.lesson)])
        self._say(["--- Your answer ---", *teaching.remarks(scene, answer, scored), teaching.stage_line(scored), ""])

    def _ask(self, scene: Scene) -> Answer:
        guesses: list[Guess] = []
        for ordinal in ORDINALS[:MOST_CAUSES]:
            cause = self._choice(f"{ordinal} cause: ", self.causes, "cause", {guess.cause for guess in guesses})
            if cause is None:
                break
            guesses.append(Guess(cause=cause, percent=self._percent()))
        flag = self._flag()
        step = self._choice("Next test or pathway: ", self.steps, "step", set())
        return Answer(stage=scene.stage.id, causes=guesses, red_flag=flag, next=step)

    def _line(self, prompt: str) -> str:
        try:
            line = input(prompt).strip()
        except EOFError:
            raise StoppedError from None
        if not sys.stdin.isatty():
            print(line)  # so that what a script answered can be read
        if line.lower() == QUIT:
            raise StoppedError
        return line

    def _choice(self, prompt: str, options: Mapping[str, str], kind: str, taken: set[str]) -> str | None:
        """Ask for one of the options until there is an answer. Returns None for an empty one."""
        while True:
            line = self._line(prompt)
            if not line:
                return None
            if line == "?":
                self._say(f"  {name}: {title}" for name, title in options.items())
                continue
            try:
                name = resolve(line, options, kind)
            except SpinepathError as error:
                self._say(f"  {problem.message}; ? lists the names" for problem in error.problems)
                continue
            if name in taken:
                self._say([f"  {name} is on your list already"])
                continue
            self._say([f"  {name}: {options[name]}"])
            return name

    def _percent(self) -> int:
        while True:
            line = self._line("  How sure, in percent: ").rstrip("% ")
            if line.isascii() and line.isdigit() and int(line) <= 100:
                return int(line)
            self._say(["  a whole number from 0 to 100 is wanted"])

    def _flag(self) -> Urgency | None:
        """Ask for a red flag and how soon to act."""
        choices = ", ".join(words.URGENCY[urgency] for urgency in URGENCIES)
        while True:
            line = self._line(f"Is there a red flag? (no, or how soon to act: {choices}): ")
            text = line.casefold().replace("_", " ")
            if text in ("n", "no", "none"):
                return None
            named = [u for u in URGENCIES if words.URGENCY[u].startswith(text) or u.replace("_", " ").startswith(text)]
            if text and len(named) == 1:
                return named[0]
            self._say([f"  no, or one of: {choices}"])

    def _keep(self) -> None:
        """Write the session beside its file and put it in place at once, so that a stop never leaves half a file."""
        if self.save is None:
            return
        part = self.save.with_name(f"{self.save.name}.part")
        part.write_text(self.session.text(), encoding="utf-8")
        part.replace(self.save)
