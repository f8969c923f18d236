"""Types of the compiled function: that of the plain one."""

from bandwire.secure.chacha_plain import stream_block as stream_block
