// Heap and stack of the interpreter, as the command line `image HEAP_BYTES ARGUMENT...` says.
#pragma once
#include <stddef.h>

// Exit code of an image whose command line is of no use.
#define MEMORY_EXIT_USAGE 97

// What is behind HEAP_BYTES on the command line, which is a space or the end; NULL, with words on the console,
// when there is no such number or the heap does not fit.
char *memory_arguments(size_t *heap_bytes);

// Gives the interpreter its stack and an empty heap; what the heap held is forgotten.
void memory_start(size_t heap_bytes);
