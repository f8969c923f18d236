"""Tests of the firmware; a package, so that its name is never taken for the folder of the firmware."""
