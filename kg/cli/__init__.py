"""The command line: the only place that prints and exits. One verb a module, loaded when it is called."""

from __future__ import annotations

import errno
import os
import sys
from importlib import import_module
from typing import Any, NoReturn

import click

from kg import __version__
from kg.cli.common import err, harmless, quiet_exit, tolerant_streams
from kg.errors import KgError

# verb -> (module, one line of help); the order is that of the help text
VERBS: dict[str, tuple[str, str]] = {
    "build": ("kg.cli.build", "Read sources and build a graph directory (the main job)."),
    "show": ("kg.cli.show", "Show one entity or paper with its neighbours and sentences."),
    "search": ("kg.cli.search", "Find entities and papers by name, alias or typo."),
    "stats": ("kg.cli.stats", "Count what a graph holds; top lists."),
    "view": ("kg.cli.view", "Write an offline HTML page of a part of the graph."),
    "export": ("kg.cli.export", "Write RDF, GraphML, JSON Lines or CSV files."),
    "sparql": ("kg.cli.sparql", "Ask in SPARQL; nothing needs to be installed."),
    "cypher": ("kg.cli.cypher", "Ask in Cypher; nothing needs to be installed."),
    "serve": ("kg.cli.serve", "Serve the graph over HTTP: SPARQL endpoint, query page, JSON."),
    "load": ("kg.cli.load", "Load the graph into a Neo4j database; run again to update it."),
    "validate": ("kg.cli.validate", "Check integrity and SHACL shapes; report in sentences."),
    "extract": ("kg.cli.extract", "Extract entities, relations and results only, one JSON record a paper."),
    "eval": ("kg.cli.evaluate", "Measure extraction against gold annotations."),
    "train": ("kg.cli.train", "Train a model of your own from annotated papers."),
}


class Verbs(click.Group):
    """A group that knows its commands without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command = import_module(VERBS[cmd_name][0]).command
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # click would end with 1 and lose that it was only the reader who left
            quiet_exit(141)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(verb, text) for verb, (_, text) in VERBS.items()])


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Example: kg build papers/ -o my.kg && kg show my.kg LoRA && kg view my.kg --around LoRA -o lora.html",
)
@click.version_option(__version__, prog_name="kg")
def cli() -> None:
    """Build and ask knowledge graphs of machine-learning papers, from their abstracts.

    A graph is a directory of Parquet tables. Every edge in it can be traced to the sentence that says it.
    """


def _fail(message: str, code: int) -> NoReturn:
    err(click.style("Error: ", fg="red", bold=True) + harmless(message))
    sys.exit(code)


def main(args: list[str] | None = None, **extra: Any) -> NoReturn:
    """Run the command line; ends the process with 0, 1 (KgError), 2 (usage) or 130 (interrupted)."""
    tolerant_streams()
    # One encoder run is too small to share between threads: they would wait for each other at three times the cost.
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    try:
        # Arguments arrive unchanged on every system: click would expand "*" and "$HOME" in queries on Windows.
        code = cli.main(args=args, standalone_mode=False, windows_expand_args=False, **extra)
        sys.stdout.flush()
    except KgError as error:
        _fail(str(error), error.exit_code)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.UsageError as error:
        error.show()
        sys.exit(2)
    except click.ClickException as error:
        _fail(error.format_message(), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        err("Interrupted.")
        quiet_exit(130)
    except BrokenPipeError:
        quiet_exit(141)
    except OSError as error:
        if error.errno in (errno.EPIPE, errno.EINVAL) and os.name == "nt":
            quiet_exit(141)
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EFBIG):
            where = error.filename or "the output"
            try:
                err(f"Error: {harmless(str(where))}: {os.strerror(error.errno)}")
            finally:
                quiet_exit(1)
        raise
    sys.exit(code if isinstance(code, int) else 0)
