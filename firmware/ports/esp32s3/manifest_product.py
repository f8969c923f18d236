"""What is frozen into the image of the profile `product`: the firmware, and what the port needs to start."""

# The build gives `freeze`, `include` and `module` to a manifest file.
# ruff: noqa: F821

freeze("$(PORT_DIR)/modules")
include("../../manifest.py")
module("build_info.py", base_path="$(GENERATED_DIR)")
