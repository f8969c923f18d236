"""Types of the compiled functions: those of the plain ones."""

from bandwire.secure.ccm_plain import crypt as crypt
from bandwire.secure.ccm_plain import encrypt_block as encrypt_block
from bandwire.secure.ccm_plain import mask as mask
