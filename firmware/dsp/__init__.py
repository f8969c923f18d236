"""Streaming signal processing in integers, pure: no clock, no bus, no board."""
