"""Types of the compiled functions: those of the plain ones, but that their numbers are a buffer."""

from bandwire.secure.curve_plain import begin as begin
from bandwire.secure.curve_plain import climb as climb
from bandwire.secure.curve_plain import key_of as key_of
from bandwire.secure.curve_plain import multiply as multiply
