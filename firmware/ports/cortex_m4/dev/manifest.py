"""What is frozen into the image of the profile `dev`: no firmware, which is installed as on a board."""

# The build gives `include` and `module` to a manifest file.
# ruff: noqa: F821

include("$(MPY_DIR)/extmod/asyncio")
module("_boot.py")
module("_main.py")
