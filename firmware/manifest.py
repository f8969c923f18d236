"""What is frozen into a board's image, for MicroPython's build (`FROZEN_MANIFEST`).

The simulator's boards stay out. The build adds `build_info.py` with `FIRMWARE_DIGEST`, made by
`identity.digest_of_files` (the digest of the files, those boards' too), and `IMAGE_PROFILE`, which is
"product" or "dev".
"""

# The build gives `module` and `package` to a manifest file.
# ruff: noqa: F821

package("bandwire", base_path="../protocol")
package("boards", files=("__init__.py", "esp32s3.py", "nrf52840.py"))
package("display")
package("drivers")
package("dsp")
package("hal")
package("tasks")
package("transports")
package("vitals")
module("band.py")
module("collected.py")
module("consent.py")
module("identity.py")
module("main.py")
module("readings.py")
module("status.py")
module("streams.py")
module("version.py")
