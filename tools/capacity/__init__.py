"""How many hours of each kind of recording the band's journal holds."""
