"""The products of the walk: each module here gives the text of one generated file."""

MARK = "GENERATED from protocol/bandschema by `make gen`: do not edit."
"""First words of every generated file."""
