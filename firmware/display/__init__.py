"""What the wearer sees: a canvas, glyphs and one view for everything that the band collects."""
