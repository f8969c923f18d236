"""The band's jobs: each runs a step at a time, none ever waits."""
