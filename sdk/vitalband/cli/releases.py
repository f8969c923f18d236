"""What the commands that take a release share: whom it is trusted by, and what to do without the library."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vitalband.errors import LocalError
from vitalband.view import printable

if TYPE_CHECKING:
    from vitalband.signing import CheckedRelease

INSTALL_FLASH = "install vitalband[flash]"

RELEASE = Annotated[
    Path, typer.Option(help="The release.json of a bundle, as `make bundle` makes it.", show_default=False)
]
KEY = Annotated[
    list[Path] | None,
    typer.Option(help="A public key of minisign to trust beside those that are kept.", show_default=False),
]
UNSIGNED = Annotated[
    bool, typer.Option("--unsigned", help="Take a release or image that nobody vouches for.")
]


def checked_release(
    path: Path, keys: Sequence[Path] | None, *, is_unsigned_allowed: bool
) -> "CheckedRelease":
    """The release that a command was given, and who signed it; said on stderr, which no pipe hides, when
    nobody did. LocalError as `vitalband.signing.read_checked_release`."""
    try:
        from vitalband.signing import read_checked_release
    except ImportError as error:
        raise LocalError(f"a release cannot be checked: {error}; {INSTALL_FLASH}") from error
    checked = read_checked_release(path, keys or (), is_unsigned_allowed=is_unsigned_allowed)
    if checked.signature is None:
        typer.echo(printable(checked.words), err=True)
    return checked
