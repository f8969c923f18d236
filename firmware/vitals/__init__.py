"""The vital signs: from samples to readings with validity, quality and cause."""
