"""The users' commands: press, watch, replay and phones. They speak HTTP and open no database.

Each command imports what it needs when it runs, so that a press starts fast.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

app = typer.Typer(
    name="directline",
    help="Commands that talk to a Directline server.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # An error is one plain line, also in a narrow terminal or a log.
    pretty_exceptions_enable=False,
)


class Kind(StrEnum):
    """What a press may say about itself."""

    UNCLEAR = "unclear"
    OVERDOSE = "overdose"
    OVERAMP = "overamp"
    MEDICAL = "medical"


def _address(text: str) -> str:
    parts = urlsplit(text)
    try:
        whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        whole = False
    if not whole:
        raise typer.BadParameter(f"{text!r} is not an address such as http://127.0.0.1:8080")
    return text.rstrip("/")


def _token(text: str) -> str:
    # What cannot stand in a header would fail later with a traceback that shows it.
    if not text.isascii() or not text.isprintable() or not text.strip():
        raise typer.BadParameter("a token is one line of plain letters, digits and signs")
    return text.strip()


Url = Annotated[str, typer.Option("--url", help="The server's address.", callback=_address)]
Token = Annotated[
    str,
    typer.Option(
        "--token",
        envvar="DIRECTLINE_TOKEN",
        callback=_token,
        help="The device's token, as `device add` printed it.",
    ),
]


@app.command()
def press(
    url: Url,
    token: Token,
    booth: Annotated[int | None, typer.Option(help="Needed unless the device has one.")] = None,
    kind: Annotated[Kind | None, typer.Option(help="Left out: unclear.")] = None,
    patience: Annotated[
        float, typer.Option("--for", min=0.1, help="Seconds to go on trying.")
    ] = 60.0,
) -> None:
    """Raise an alert. Exit 0 only when it is stored; 1 refused or not stored; 3 not reachable."""
    from clients.press import Press, run

    raise typer.Exit(
        run(Press(url, token, booth, kind.value if kind else None, patience), typer.echo, _warn)
    )


@app.command()
def watch(
    url: Url,
    token: Token,
    as_json: Annotated[bool, typer.Option("--json", help="One frame a line.")] = False,
    patience: Annotated[
        float | None,
        typer.Option("--for", min=0.1, help="Give up when never connected for so many seconds."),
    ] = None,
) -> None:
    """Show the live board until Ctrl-C. Exit 1 refused; 3 never connected within --for."""
    from clients.watch import Watch, run

    raise typer.Exit(run(Watch(url, token, as_json, patience), _warn))


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV of time,kind.")],
    url: Url,
    token: Annotated[
        str | None, typer.Option(help="A bridge's token. Left out: from --keys.")
    ] = None,
    phones: Annotated[
        str | None, typer.Option(help="The phone simulator's address. Left out: from --keys.")
    ] = None,
    speed: Annotated[
        float, typer.Option(min=0.001, help="Divides the waits between the rows.")
    ] = 1.0,
    fold_days: Annotated[
        bool, typer.Option("--fold-days", help="Lay all days over one another by time of day.")
    ] = False,
    keys: Annotated[
        Path | None,
        typer.Option(help="The keys file of the demo: the staff can then close alerts, too."),
    ] = None,
    only: Annotated[
        str | None, typer.Option(help="Play only rows whose kind contains this word.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Draws who answers, comes late or never does.")] = 1,
    screens: Annotated[int, typer.Option(min=0, max=8, help="Screens to open.")] = 3,
    screen_token: Annotated[str | None, typer.Option(help="Left out: from --keys.")] = None,
    booths: Annotated[
        int, typer.Option(min=1, help="Booths 1 to N, where no token may read the site.")
    ] = 8,
    patience: Annotated[
        float, typer.Option("--for", min=1, help="Seconds to go on with one press.")
    ] = 600.0,
    settle: Annotated[
        float | None, typer.Option(min=0, help="Seconds to wait for the last alerts to end.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--json", help="Write the figures to this file, too.")
    ] = None,
) -> None:
    """Play a file of calls with simulated staff, and print what happened."""
    from clients.replay import Plan, run

    plan = Plan(
        file=file,
        url=url,
        token=None if token is None else _token(token),
        phones=None if phones is None else _address(phones),
        speed=speed,
        fold_days=fold_days,
        keys=keys,
        only=only,
        seed=seed,
        screens=screens,
        screen_token=None if screen_token is None else _token(screen_token),
        booths=booths,
        patience=patience,
        settle=settle,
        report=report,
    )
    raise typer.Exit(run(plan, _warn))


@app.command()
def phones(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 picks a free one.")] = 0,
    account: Annotated[str | None, typer.Option(help="The account the server sends with.")] = None,
    auth: Annotated[
        str | None, typer.Option(help="The secret that callbacks are signed with.")
    ] = None,
    sms_url: Annotated[str | None, typer.Option(help="Where texts of people are told.")] = None,
    voice_url: Annotated[str | None, typer.Option(help="Where calls of people are told.")] = None,
    seed: Annotated[int, typer.Option(help="Draws what is left to chance.")] = 0,
    truth: Annotated[
        Path | None, typer.Option(help="A file to write the truth log to, one entry a line.")
    ] = None,
    until_eof: Annotated[
        bool, typer.Option("--until-eof", help="End when standard input ends, too.")
    ] = False,
) -> None:
    """Run the phone network simulator until Ctrl-C."""
    from clients.phones import server

    raise typer.Exit(
        server.main(
            port=port,
            account=account or server.ACCOUNT,
            auth=auth or server.AUTH,
            sms_url=sms_url,
            voice_url=voice_url,
            seed=seed,
            truth=truth,
            until_eof=until_eof,
        )
    )


def _warn(words: str) -> None:
    typer.echo(words, err=True)


def main() -> None:
    """Run the command that the arguments name."""
    app(prog_name="directline")


if __name__ == "__main__":
    main()
