"""Make the machine ready, or say why that cannot be: `python -m bluez_vm`."""

import sys

from bluez_vm.errors import MachineError
from bluez_vm.guest import CACHE
from bluez_vm.machine import Machine


def main() -> int:
    """0 when it starts, 2 with the reason on stderr."""
    try:
        Machine(CACHE).close()
    except MachineError as error:
        print(f"BlueZ's machine cannot run: {error}", file=sys.stderr)
        return 2
    return 0


sys.exit(main())
