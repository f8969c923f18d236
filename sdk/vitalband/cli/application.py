"""The application: built-in commands, and installed ones that are loaded only when they are named."""

from importlib.metadata import EntryPoint, entry_points, version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from bandwire.frames import VERSION
from vitalband.cli.analyze import analyze
from vitalband.cli.audit import audit
from vitalband.cli.check import check
from vitalband.cli.common import told_errors
from vitalband.cli.cuff import cuff
from vitalband.cli.disclose import disclose
from vitalband.cli.doctor import doctor
from vitalband.cli.ending import end_as_by_interrupt
from vitalband.cli.export import export
from vitalband.cli.forget import forget
from vitalband.cli.hosts import hosts
from vitalband.cli.info import info
from vitalband.cli.merge import merge
from vitalband.cli.pair import pair
from vitalband.cli.record import record
from vitalband.cli.rights import erase, log, retention
from vitalband.cli.scan import scan
from vitalband.cli.score import score_command
from vitalband.cli.stream import replay, stream
from vitalband.cli.sync import sync
from vitalband.cli.verify import verify
from vitalband.cli.wipe import wipe
from vitalband.errors import LocalError

COMMANDS_GROUP = "vitalband.commands"

_EPILOG = (
    "Exit codes: 0 done, 1 the band or its link failed, 2 wrong usage, 3 no band there, "
    "4 the band refused, 5 the store or the keys failed, 6 the band differs from its release, "
    "7 not paired, 130 interrupted."
)


class InstalledCommands(TyperGroup):
    """A group that also knows the commands of installed packages, and tells every command's errors.

    Help imports the module of each command, so such a module imports what its command works with only
    when the command runs.
    """

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was named."""
        with told_errors():
            return super().invoke(ctx)

    def list_commands(self, ctx: Any) -> list[str]:
        """Built-in commands, then installed ones."""
        return [*super().list_commands(ctx), *sorted(point.name for point in _points())]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of this name, imported if need be; None when there is none."""
        built_in = super().get_command(ctx, cmd_name)
        if built_in is not None:
            return built_in
        point = next((point for point in _points() if point.name == cmd_name), None)
        return None if point is None else _load(point)


def _points() -> list[EntryPoint]:
    return list(entry_points(group=COMMANDS_GROUP))


def _load(point: EntryPoint) -> Any:
    settings: dict[str, bool] = {}
    try:
        command = point.load()
    except ImportError as error:
        reason = str(error)
        # Whatever it is asked for, this is what is wrong.
        settings = {"allow_extra_args": True, "ignore_unknown_options": True}

        def command() -> None:
            raise LocalError(f"{point.name} needs a package that is missing: {reason}")

        command.__doc__ = f"(not installed: {reason})"
    if isinstance(command, typer.Typer):
        loaded = typer.main.get_command(command)
    else:
        holder = typer.Typer(add_completion=False)
        holder.command(point.name, context_settings=settings)(command)
        loaded = typer.main.get_command(holder)
    loaded.name = point.name
    return loaded


app = typer.Typer(
    name="vitalband",
    cls=InstalledCommands,
    help="Talk to a vital-signs wristband: look, record, replay, export.",
    epilog=_EPILOG,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"vitalband {version('vitalband')}, protocol version {VERSION}")
        raise typer.Exit


@app.callback()
def options(
    _: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Show the version.")
    ] = False,
) -> None:
    """Options of `vitalband` itself."""


for _command in (
    info,
    verify,
    disclose,
    audit,
    doctor,
    scan,
    pair,
    hosts,
    forget,
    cuff,
    stream,
    record,
    sync,
    check,
    merge,
    replay,
    export,
    log,
    retention,
    erase,
    wipe,
):
    app.command()(_command)
app.command("score")(score_command)
app.command()(analyze)


def main() -> None:
    """Run the command line."""
    end_as_by_interrupt()
    app()
