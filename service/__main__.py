"""The `directline` command: serves, sets up and looks after a service.

Users' commands (`press`, `watch`, `replay`, `phones`) are programs of the client side: they are
started as a process and nothing of them is imported.
"""

import os
import sys
from typing import Annotated, Literal

import typer

REFUSED, WRONG_ARGUMENTS, NOT_REACHABLE = 1, 2, 3
CLIENT_COMMANDS = {"press", "watch", "replay", "phones"}

command = typer.Typer(
    name="directline",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,  # An error is one plain line, also in a narrow terminal or a log.
    help="Real-time overdose alert and responder dispatch for supervised consumption sites.",
)


@command.command()
def serve() -> None:
    """Run the service (settings in the environment or .env)."""
    from service import running

    raise typer.Exit(running.serve())


@command.command()
def demo(
    port: Annotated[int, typer.Option(help="Port of the service; 0 picks one.")] = 8080,
    phones_port: Annotated[
        int, typer.Option(help="Port of the simulated phones; 0 picks one.")
    ] = 8081,
    data: Annotated[
        str | None, typer.Option(help="Keep the data in this folder, and go on with it.")
    ] = None,
    language: Annotated[
        Literal["en", "nl"], typer.Option(help="What the site speaks on its screens.")
    ] = "en",
    fast: Annotated[bool, typer.Option("--fast", help="Ten times faster than real time.")] = False,
) -> None:
    """Run a demo site with simulated phones: nothing leaves this machine."""
    from service import demo as demonstration

    raise typer.Exit(demonstration.run(port, phones_port, data, language, fast=fast))


def main() -> None:
    """The console script."""
    if len(sys.argv) > 1 and sys.argv[1] in CLIENT_COMMANDS:
        os.execv(sys.executable, [sys.executable, "-m", "clients", *sys.argv[1:]])
    from service import operators

    operators.add_to(command)
    command()


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.argv.append("serve")
    main()
