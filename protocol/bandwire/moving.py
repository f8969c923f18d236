"""Moving bytes: the band's compiled version where it runs, else the plain one."""

try:
    from bandwire.moving_viper import cobs_decode_in_place, cobs_encode_into, copy_into, find_zero
except ImportError:
    from bandwire.moving_plain import cobs_decode_in_place, cobs_encode_into, copy_into, find_zero

__all__ = ["cobs_decode_in_place", "cobs_encode_into", "copy_into", "find_zero"]
