"""What is frozen into the image of the profile `product`: the firmware, and what the port needs to start."""

# The build gives `freeze` and `include` to a manifest file.
# ruff: noqa: F821

freeze("$(PORT_DIR)/modules")
include("$(GENERATED_DIR)/manifest.py")
