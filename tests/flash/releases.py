"""A release as its file tells it, for tests that need no files."""

DOCUMENT = {
    "format": 1,
    "board": "esp32s3",
    "model": "Vitalband One",
    "hardware": "esp32s3 r1",
    "profile": "dev",
    "platforms": ["esp32"],
    "firmware": "0.1.0",
    "firmware_digest": "ab" * 32,
    "protocol_version": 2,
    "micropython": "1.25.0",
    "mpy": {"version": 6, "sub_version": 3, "architecture": "xtensawin"},
    "heap_bytes": 196608,
    "romfs": {"path": "firmware.romfs", "size_bytes": 5, "sha256": "0" * 64},
    "files": [{"path": "main.mpy", "size_bytes": 5, "sha256": "0" * 64}],
}
