"""Carriers between the link and the hardware."""
