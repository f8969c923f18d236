"""What is frozen into an image for the nRF52840: the firmware, and what the port lacks for it."""

# The build gives `include` and `module` to a manifest file.
# ruff: noqa: F821

include("../../manifest.py")
module("build_info.py", base_path="$(GENERATED_DIR)")
module("machine.py", base_path="modules")
module("os.py", base_path="modules")
