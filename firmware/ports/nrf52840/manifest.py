"""What is frozen into an image for the nRF52840: the firmware, and what the port lacks for it."""

# The build gives `include` and `module` to a manifest file.
# ruff: noqa: F821

include("$(GENERATED_DIR)/manifest.py")
module("machine.py", base_path="modules")
module("os.py", base_path="modules")
