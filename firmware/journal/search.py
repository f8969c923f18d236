"""Looking through the index: the band's compiled version where it runs, else the plain one."""

try:
    from journal.search_viper import find_newest, find_next, find_phase
except ImportError:
    from journal.search_plain import find_newest, find_next, find_phase

__all__ = ["find_newest", "find_next", "find_phase"]
