"""Mutation testing of the hand-written parts of the protocol: `make mutants`, `python -m mutants --help`.

`mutmut` changes one thing of a function at a time; a mutant that no test notices survives, and shows a hole
in the tests or a change without a difference. What survives is listed and explained in docs/mutants.md.
"""
