// Native code in flash.
#pragma once

// At each start of the interpreter, before it: no function is in use.
void flash_forget_code(void);
