"""Starts the firmware of the ROM file system, where no main.py among the files says what is to run."""

import os
import sys

if "rom" in os.listdir("/") and "main.mpy" in os.listdir("/rom"):
    import main

    main.run(sys.argv[1])
