"""The command line of Spinepath: which verbs there are. The verbs themselves are in `reports/commands/`."""

from __future__ import annotations

import codecs
import gc
import io
import sys

import typer

from reports.commands import cases, cohorts, core, explain, knowledge, synthetic, teaching
from reports.commands.shared import fail

app = typer.Typer(
    name="spinepath",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Explainable, rule-based decision support for persistent or new pain after lumbar spine surgery.\n\n"
    "Start with `spinepath library` for published cases, `spinepath assess NAME` for a report, and `spinepath new` for "
    "a blank case of your own. Not clinically validated; it supports a clinician, who can check every line.",
)
VERBS = (
    core.assess,
    core.new,
    explain.why,
    explain.whynot,
    explain.next_,
    explain.settled,
    explain.whatif,
    explain.compare,
    core.facts,
    cases.library,
    core.verify,
    cohorts.batch,
    teaching.teach,
    synthetic.synth,
)
for verb in VERBS:
    app.command(verb.__name__.rstrip("_"))(verb)
app.add_typer(knowledge.rules, name="rules")


def main() -> None:
    """Run the command line; errors that a user can mend are printed in one clear form."""
    from rules.problems import SpinepathError

    gc.set_threshold(200_000)  # a command makes much and lets little go
    for stream in (sys.stdout, sys.stderr):  # what a terminal cannot show is shown as ?; a file is always UTF-8
        if isinstance(stream, io.TextIOWrapper) and codecs.lookup(stream.encoding).name != "utf-8":
            if stream.isatty():
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8")
    try:
        app()
    except SpinepathError as error:
        fail(error)
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(0) from None
    except OSError as error:
        fail(f"{error.filename or 'a file'}: {error.strerror or error}")
    except KeyboardInterrupt:
        fail("stopped", 130)


if __name__ == "__main__":
    main()
