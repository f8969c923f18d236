"""A release is taken only with a signature by a trusted key over its every byte, or when told otherwise."""

import shutil
import sys
from base64 import b64decode, b64encode
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from minisign import KeyPair, PublicKey, SecretKey, Signature, VerifyError
from typer.testing import CliRunner

import sign_release as sign_release_tool
from flash.keys import write_keys
from flash.releases import a_release, listed
from sign_release import sign_release
from vitalband import signing
from vitalband.cli import app
from vitalband.errors import LocalError
from vitalband.release import read_release, trusted_comment
from vitalband.signing import key_number, read_checked_release

ROOT = Path(__file__).parents[2]
PRODUCT = {"profile": "product", "files": (), "romfs": None}


@pytest.fixture(autouse=True)
def no_keys_of_the_user(tmp_path, monkeypatch):
    folder = tmp_path / "config" / "trusted_keys"
    monkeypatch.setattr(signing, "user_key_folder", lambda: folder)
    return folder


@pytest.fixture
def keys(tmp_path):
    return write_keys(tmp_path)


def a_signed_release(folder, keys, **changes):
    path = folder / "release.json"
    a_release(folder, **(PRODUCT | changes))
    number = sign_release(path, keys[0])
    return path, number


def test_a_signed_release_names_its_key_and_what_it_was_signed_as(tmp_path, keys):
    path, number = a_signed_release(tmp_path, keys)
    checked = read_checked_release(path, [keys[1]])
    assert checked.signature is not None
    assert (checked.signature.key_id, checked.signature.key_file) == (number, keys[1])
    assert checked.signature.trusted_comment == trusted_comment(checked.release)
    assert "board=esp32s3 profile=product firmware=0.1.0" in checked.signature.trusted_comment


def test_keys_of_the_users_folder_are_trusted_without_being_named(tmp_path, keys, no_keys_of_the_user):
    path, number = a_signed_release(tmp_path, keys)
    with pytest.raises(LocalError, match=rf"a trusted key \(none\), got one by key {number}; --unsigned"):
        read_checked_release(path)
    no_keys_of_the_user.mkdir(parents=True)
    shutil.copy(keys[1], no_keys_of_the_user)
    assert read_checked_release(path).signature is not None


def test_another_key_is_not_enough(tmp_path, keys):
    path, number = a_signed_release(tmp_path, keys)
    _, other = write_keys(tmp_path, "other")
    with pytest.raises(LocalError, match=f"got one by key {number}"):
        read_checked_release(path, [other])


def test_a_key_that_takes_the_number_of_another_is_found_out(tmp_path, keys):
    path, _ = a_signed_release(tmp_path, keys)
    true, false = KeyPair.generate(), KeyPair.generate()
    # Number and key are beside each other: those of one, with the number of the other.
    content = path.read_bytes()
    signed = false.secret_key.sign(content, trusted_comment=trusted_comment(read_release(path)))
    lines = bytes(signed).splitlines()
    number = b64decode(true.public_key.to_base64())[2:10]
    raw = b64decode(lines[1])
    lines[1] = b64encode(raw[:2] + number + raw[10:])
    (tmp_path / "release.json.minisig").write_bytes(b"\n".join(lines))
    (tmp_path / "true.pub").write_bytes(bytes(true.public_key))
    with pytest.raises(LocalError, match="is not what was signed with key"):
        read_checked_release(path, [tmp_path / "true.pub"])


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("signed")
    keys = write_keys(folder)
    path, _ = a_signed_release(folder, keys)
    return path, path.read_bytes(), keys[1]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # no key of the user, in every case
@given(at=st.integers(0), bit=st.integers(0, 7))
def test_no_byte_of_a_signed_release_can_be_changed(signed, at, bit):
    path, whole, key = signed
    at %= len(whole)
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
    with pytest.raises(LocalError):
        read_checked_release(path, [key])
    path.write_bytes(whole)


@pytest.mark.parametrize("line", range(1, 4))
def test_no_line_of_a_signature_but_the_untrusted_comment_can_be_changed(tmp_path, keys, line):
    path, _ = a_signed_release(tmp_path, keys)
    file = tmp_path / "release.json.minisig"
    lines = file.read_text().splitlines()
    changed = lines[line][:20] + ("A" if lines[line][20] != "A" else "B") + lines[line][21:]
    file.write_text("\n".join([*lines[:line], changed, *lines[line + 1 :]]) + "\n")
    with pytest.raises(LocalError, match="--unsigned takes it all the same"):
        read_checked_release(path, [keys[1]])
    file.write_text("\n".join(["untrusted comment: other", *lines[1:]]) + "\n")
    assert read_checked_release(path, [keys[1]]).signature is not None


def test_a_signature_of_another_statement_is_refused_by_its_trusted_comment(tmp_path, keys):
    path, _ = a_signed_release(tmp_path, keys)
    other = SecretKey.from_file(keys[0]).sign(path.read_bytes(), trusted_comment="timestamp:1")
    (tmp_path / "release.json.minisig").write_bytes(bytes(other))
    with pytest.raises(LocalError, match=r"wanted the trusted comment 'vitalband .*, got 'timestamp:1'"):
        read_checked_release(path, [keys[1]])


def test_what_is_no_signature_or_no_key_is_named(tmp_path, keys):
    path, _ = a_signed_release(tmp_path, keys)
    with pytest.raises(LocalError, match=r"release\.json: wanted a public key of minisign"):
        read_checked_release(path, [path])
    (tmp_path / "release.json.minisig").write_text("none")
    with pytest.raises(LocalError, match=r"minisig: wanted a signature of minisign"):
        read_checked_release(path, [keys[1]])


def test_what_is_told_to_be_taken_unsigned_says_why_nobody_vouches_for_it(tmp_path, keys):
    a_release(tmp_path)
    checked = read_checked_release(tmp_path / "release.json", is_unsigned_allowed=True)
    assert checked.signature is None
    assert checked.words.startswith("UNSIGNED: nobody vouches for this release: ")
    assert checked.document()["is_signed"] is False


def test_an_image_is_signed_with_its_release_and_copied_beside_it(tmp_path, keys):
    built = tmp_path / "build" / "firmware.bin"
    built.parent.mkdir()
    built.write_bytes(b"image")
    a_release(tmp_path, **PRODUCT)
    sign_release(tmp_path / "release.json", keys[0], [built])
    release = read_checked_release(tmp_path / "release.json", [keys[1]]).release
    assert release.images == (listed("firmware.bin", b"image"),)
    assert release.content(release.images[0]) == b"image"


def test_what_is_signed_was_read_before_and_a_file_of_another_digest_is_not(tmp_path, keys):
    a_release(tmp_path, romfs=None, files=(listed("main.mpy", b"one"),))
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "main.mpy").write_bytes(b"two")
    with pytest.raises(LocalError, match="make the bundle anew"):
        sign_release(tmp_path / "release.json", keys[0])
    assert not (tmp_path / "release.json.minisig").exists()


def test_a_key_in_the_repository_is_refused(tmp_path):
    a_release(tmp_path, **PRODUCT)
    with pytest.raises(LocalError, match="wanted a key outside the repository"):
        sign_release(tmp_path / "release.json", ROOT / "secret.key")


def test_a_key_with_a_password_asks_for_it(tmp_path, keys, monkeypatch):
    key = SecretKey.from_file(keys[0])
    key.encrypt("right", opslimit=32768, memlimit=1 << 24)
    keys[0].write_bytes(bytes(key))
    a_release(tmp_path, **PRODUCT)
    monkeypatch.setattr(sign_release_tool.getpass, "getpass", lambda prompt: "wrong")
    with pytest.raises(LocalError, match="wanted a secret key of minisign and its password"):
        sign_release(tmp_path / "release.json", keys[0])
    monkeypatch.setattr(sign_release_tool.getpass, "getpass", lambda prompt: "right")
    sign_release(tmp_path / "release.json", keys[0])
    assert read_checked_release(tmp_path / "release.json", [keys[1]]).signature is not None


def test_the_command_signs_and_says_by_which_key(tmp_path, keys, monkeypatch, capsys):
    a_release(tmp_path, **PRODUCT)
    command = ["sign_release", str(tmp_path / "release.json"), "--key"]
    monkeypatch.setattr(sys, "argv", [*command, str(keys[0])])
    assert sign_release_tool.main() == 0
    number = read_checked_release(tmp_path / "release.json", [keys[1]]).document()["key_id"]
    assert capsys.readouterr().out.strip().endswith(f"signed with key {number}")
    monkeypatch.setattr(sys, "argv", [*command, str(tmp_path / "none.key")])
    assert sign_release_tool.main() == 1
    assert "none.key" in capsys.readouterr().err


def flash(*arguments):
    return CliRunner().invoke(app, ["flash", *map(str, arguments)], env={"COLUMNS": "200"})


def test_flash_refuses_what_nobody_vouches_for_and_says_so_loudly_when_told_to_take_it(tmp_path):
    a_release(tmp_path)
    place = ["/dev/no-such-port", "--release", tmp_path / "release.json"]
    refused = flash(*place)
    assert refused.exit_code == 2
    assert "found none; --unsigned takes it all the same, when you know who made it" in refused.stderr
    told = flash(*place, "--unsigned")
    assert told.exit_code == 3, told.output  # it went on, and found no port
    assert "UNSIGNED: nobody vouches for this release" in told.stderr
    assert "UNSIGNED" not in told.stdout


def test_an_image_that_the_signed_release_does_not_list_is_refused(tmp_path, keys):
    (tmp_path / "product.uf2").write_bytes(b"image")
    (tmp_path / "other.uf2").write_bytes(b"other")
    (tmp_path / "drive").mkdir()
    a_release(tmp_path, **PRODUCT, board="nrf52840", platform="zephyr", machine="nrf52840")
    sign_release(tmp_path / "release.json", keys[0], [tmp_path / "product.uf2"])
    place = ["--release", tmp_path / "release.json", "--key", keys[1], "--drive", tmp_path / "drive", "--yes"]
    refused = flash(*place, "--image", tmp_path / "other.uf2")
    assert refused.exit_code == 2
    assert f"(product.uf2), got another, SHA-256 {sha256(b'other').hexdigest()}" in refused.stderr
    assert list((tmp_path / "drive").iterdir()) == []
    written = flash(*place, "--image", tmp_path / "product.uf2")
    assert written.exit_code == 0, written.output
    assert "signed with key" in written.stdout
    loud = flash(*place, "--image", tmp_path / "other.uf2", "--unsigned")
    assert loud.exit_code == 0
    assert "UNSIGNED: nobody vouches for this image" in loud.stderr


REFERENCE = {
    "message": "a release as bytes\n",
    "ref.pub": "untrusted comment: minisign public key 407CDEFEDC9129F\n"
    "RWSfEsnt780HBJgl5EUK0yFMmCopYyGHoM2zZD91DwkXV5IQ7JmKGF5+\n",
    "message.minisig": "untrusted comment: signature from minisign secret key\n"
    "RUSfEsnt780HBBObsBROGqU8dwaNr2BgLSbY/TGUo3oLMN5kOE9DVBrhQFXFuw54I7Ti1t2HDQIjbw6Ps8Rx/MyMADmrNwKwWQM=\n"
    "trusted comment: vitalband board=virtual\n"
    "VwxlBzi2gBfn8Pr7oaBDT0O8tYggQNJiNySNJk67UwEHGYXn94drYVZyttlYdCkUIdSL5k7xrhuNP1gSrM9LBA==\n",
}
"""Written by minisign 0.11 itself, with a key that was thrown away."""


def test_the_library_reads_what_the_reference_program_writes(tmp_path):
    for name, text in REFERENCE.items():
        (tmp_path / name).write_text(text)
    key, signature = (
        PublicKey.from_file(tmp_path / "ref.pub"),
        Signature.from_file(tmp_path / "message.minisig"),
    )
    key.verify(REFERENCE["message"].encode(), signature)
    assert signature.trusted_comment == "vitalband board=virtual"
    with pytest.raises(VerifyError):
        key.verify(b"another release\n", signature)
    # The program leaves leading zeros out.
    assert key_number(key.to_base64()) == "0407CDEFEDC9129F"
