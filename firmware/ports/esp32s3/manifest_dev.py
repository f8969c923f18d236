"""What is frozen into the image of the profile `dev`: what the port needs to start, and no firmware."""

# The build gives `freeze` to a manifest file.
# ruff: noqa: F821

freeze("$(PORT_DIR)/modules")
