"""What is frozen into the image: the firmware as `linker` joins it, and the lane's end of the channel."""

# The build gives `freeze` and `module` to a manifest file.
# ruff: noqa: F821

SHIMS_DIR = "../../../tools/bandsim/lane_shims"
LANE_DIR = "../../../tools/bandsim/m4_lane"

freeze("$(GENERATED_DIR)/linked")
module("build_info.py", base_path="$(GENERATED_DIR)")
module("bluetooth.py", base_path=SHIMS_DIR)
module("channel.py", base_path=SHIMS_DIR)
module("machine.py", base_path=SHIMS_DIR)
module("os.py", base_path=SHIMS_DIR)
module("runner.py", base_path=SHIMS_DIR)
module("select.py", base_path=SHIMS_DIR)
module("time.py", base_path=SHIMS_DIR)
module("zephyr.py", base_path=SHIMS_DIR)
module("boot.py", base_path=LANE_DIR)
