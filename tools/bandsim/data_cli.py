"""`vitalband data`: what recordings there are, how to get them, and where they lie."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from bandsim.datasets import DATA_VARIABLE, PUBLISHED_SETS, data_folder, fetch, layout_of, published_set
from bandsim.errors import RecordingError
from vitalband.cli.common import EXIT_FAILED, console, print_json
from vitalband.errors import BandError
from vitalband.view import printable

if TYPE_CHECKING:
    from requests import RequestException

    from bandsim.recordings.converting import Converted

data_app = typer.Typer(no_args_is_help=True, help="Recordings that the virtual band can wear.")

_Data = Annotated[
    Path | None, typer.Option("--data", envvar=DATA_VARIABLE, help="The data folder.", file_okay=False)
]


@data_app.command("list")
def list_command(
    data: _Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the data sets, and the recordings of them that are there.

    Example: vitalband data list --data ~/vitalband-data
    """
    from bandsim.recordings import list_recordings

    folder = data_folder(data)
    if folder is not None and not folder.is_dir():
        raise RecordingError(f"wanted a folder of recordings, got {folder}, which is none")
    names = list_recordings(data)
    here = {name: [n for n in names if n.partition("/")[0] == name] for name in PUBLISHED_SETS}
    if as_json:
        print_json(here)
    else:
        console.print(_table(here))


def _table(here: dict[str, list[str]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("data set")
    table.add_column("recordings here", justify="right", max_width=10)
    table.add_column("what it is")
    for name, published in PUBLISHED_SETS.items():
        few = ", ".join(here[name][:3]) + (", ..." if len(here[name]) > 3 else "")
        lines = [f"{published.title}.", f"Licence: {published.licence}.", few]
        told = "\n".join(printable(line) for line in lines if line)
        table.add_row(name, str(len(here[name])), Text(told))
    return table


@data_app.command("fetch")
def fetch_command(
    name: Annotated[str, typer.Argument(help="A data set, as `vitalband data list` names it.")],
    data: _Data = None,
    yes: Annotated[bool, typer.Option("--yes", help="Accept the terms without being asked.")] = False,
    mirror: Annotated[
        str | None, typer.Option(help="A folder on the web laid out as the data folder.")
    ] = None,
) -> None:
    """Fetch a data set's files one by one, after its terms; checksums are compared.

    The publishers' addresses are untried: this has been tested against a local server only.

    Example: vitalband data fetch hoffman --data ~/vitalband-data
    """
    published = published_set(name)
    folder = _named_folder(data)
    typer.echo(f"{published.title}\nCite:    {published.citation}\nLicence: {published.licence}")
    typer.echo(f"Page:    {published.page}\nLayout:  {layout_of(published)}")
    if not yes and not typer.confirm("Fetch it under these terms?"):
        raise typer.Exit(EXIT_FAILED)
    try:
        paths = fetch(published, folder, mirror=mirror)
    except RecordingError as error:
        raise _failure(name, error) from error.__cause__
    typer.echo(f"{len(paths)} files in {folder / published.folder}, checksums right")


@data_app.command("convert")
def convert_command(
    name: Annotated[str, typer.Argument(help="A data set, or one of its recordings: troika, troika/01.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the files.", file_okay=False)],
    data: _Data = None,
    shortest_s: Annotated[
        float, typer.Option("--shortest", min=0, help="Repeat a recording shorter than so many seconds.")
    ] = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a recording.")] = False,
) -> None:
    """Turn recordings into files: RECORDING.npz for an estimate, RECORDING.reference.csv to score it by.

    Example: vitalband data convert troika -o troika-files --data ~/vitalband-data
    """
    from bandsim.recordings.converting import convert

    for made in convert(name, output, data, shortest_s=shortest_s):
        if as_json:
            print_json(_document(made))
        else:
            console.print(Text(printable(_line(made))), soft_wrap=True)


def _document(made: "Converted") -> dict[str, Any]:
    recording = made.recording
    return {
        "recording": recording.name,
        "files": made.files,
        "duration_s": recording.duration_s,
        "scale": made.scale,
        "reference": {
            vital: {"rows": count, "source": recording.sources[vital]} for vital, count in made.rows.items()
        },
    }


def _line(made: "Converted") -> str:
    recording = made.recording
    true = ", ".join(f"{count} {vital} ({recording.sources[vital]})" for vital, count in made.rows.items())
    scale = f", {made.scale}" if made.scale else ""
    return f"{made.files[0]}: {recording.duration_s:.1f} s{scale}; reference: {true or 'none'}"


@data_app.command("path")
def path_command(
    name: Annotated[str, typer.Argument(help="A data set, as `vitalband data list` names it.")],
    data: _Data = None,
) -> None:
    """Print the folder of a data set.

    Example: vitalband data path hoffman --data ~/vitalband-data
    """
    typer.echo(_named_folder(data) / published_set(name).folder)


def _failure(name: str, error: RecordingError) -> BandError:
    """What a failed fetch ends with: on the web in short, and wrong usage only of what the user named."""
    from requests import RequestException

    cause = error.__cause__
    if not isinstance(cause, RequestException):
        return error if cause is None else BandError(str(error))
    if cause.request is None:  # never sent: an address that is none
        return error
    return BandError(f"{name}: cannot fetch {cause.request.url}: {_reason(cause)}")


def _reason(error: "RequestException") -> str:
    if error.response is not None:
        return f"{error.response.status_code} {error.response.reason}"
    root: BaseException = error
    while root.__context__ is not None:
        root = root.__context__
    return root.strerror if isinstance(root, OSError) and root.strerror else str(root)


def _named_folder(data: Path | None) -> Path:
    folder = data_folder(data)
    if folder is None:
        raise RecordingError(f"no data folder is named: wanted --data DIR or {DATA_VARIABLE}")
    return folder
