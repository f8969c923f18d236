"""The hardware below the firmware: the only importers of machine, select, time and os."""
