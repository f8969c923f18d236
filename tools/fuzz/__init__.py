"""Coverage-guided fuzzing of what reads bytes of others: `make fuzz SECONDS=60`, `python -m fuzz --help`.

A target takes any bytes and either returns or raises: then it has found a fault. Targets are plain
functions, so tests run them on the kept corpora and on every input that once failed, without `atheris`.
"""
