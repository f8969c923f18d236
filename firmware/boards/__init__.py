"""Board profiles: data only, one file a board. `board_named` picks one."""


def board_named(name):
    """The profile module of that name; ValueError when there is none."""
    if name == "virtual":
        from boards import virtual as board
    elif name == "virtual_phone_rgb":
        from boards import virtual_phone_rgb as board
    elif name == "esp32s3":
        from boards import esp32s3 as board
    elif name == "nrf52840":
        from boards import nrf52840 as board
    else:
        raise ValueError("board wanted: virtual, virtual_phone_rgb, esp32s3 or nrf52840, got " + str(name))
    return board
