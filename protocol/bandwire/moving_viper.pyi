"""Types of the compiled functions: those of the plain ones."""

from bandwire.moving_plain import cobs_decode_in_place as cobs_decode_in_place
from bandwire.moving_plain import cobs_encode_into as cobs_encode_into
from bandwire.moving_plain import copy_into as copy_into
from bandwire.moving_plain import find_zero as find_zero
