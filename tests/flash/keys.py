"""Keys that tests sign with: made anew each time, never kept."""

from pathlib import Path

from minisign import KeyPair


def write_keys(folder: Path, name: str = "test") -> tuple[Path, Path]:
    """A new secret and public key in `folder`, without a password; gives their files."""
    pair = KeyPair.generate()
    secret, public = folder / f"{name}.key", folder / f"{name}.pub"
    secret.write_bytes(bytes(pair.secret_key) + b"\n")
    public.write_bytes(bytes(pair.public_key) + b"\n")
    return secret, public
