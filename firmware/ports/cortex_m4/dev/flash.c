// A flash chip in the memory behind the counted RAM, with the manners of one: what is erased is all ones, writing
// clears bits only. Its first part is for a file system, the second for a ROMFS image, the third for the journal, the
// last for native code.
#include <string.h>
#include "py/mperrno.h"
#include "py/objarray.h"
#include "py/persistentcode.h"
#include "py/runtime.h"
#include "extmod/vfs.h"
#include "flash.h"

// `tools/bandsim/dev_board.py` states the same places.
#define FLASH_START ((uint8_t *)0x21000000)
#define FILES_BYTES (1024 * 1024)
#define ROM_BYTES (512 * 1024)
#define JOURNAL_BYTES (1024 * 1024)
#define CODE_BYTES (128 * 1024)
#define ROM_START (FLASH_START + FILES_BYTES)
#define JOURNAL_START (ROM_START + ROM_BYTES)
#define CODE_START (JOURNAL_START + JOURNAL_BYTES)
// Of most serial flash chips: what is erased in one go.
#define BLOCK_BYTES 4096

static void erase(uint8_t *start, size_t count) {
    memset(start, 0xff, count);
}

static void write(uint8_t *start, const uint8_t *bytes, size_t count) {
    for (size_t index = 0; index < count; ++index) {
        start[index] &= bytes[index];
    }
}

static bool is_within(size_t offset, size_t count, size_t size) {
    return offset <= size && count <= size - offset;
}

// The block devices of the file system and of the journal.

typedef struct {
    mp_obj_base_t base;
    uint8_t *start;
    size_t size;
} part_t;

extern const mp_obj_type_t flash_type, flash_area_type;
static const part_t files = {{&flash_type}, FLASH_START, FILES_BYTES};
static const part_t journal = {{&flash_area_type}, JOURNAL_START, JOURNAL_BYTES};

static mp_obj_t flash_make_new(const mp_obj_type_t *type, size_t count, size_t keyword_count, const mp_obj_t *arguments) {
    mp_arg_check_num(count, keyword_count, 0, 0, false);
    return MP_OBJ_FROM_PTR(&files);
}

// Whichever number and size of a block it is given: there is one area, and one size.
static mp_obj_t flash_area_make_new(const mp_obj_type_t *type, size_t count, size_t keyword_count, const mp_obj_t *arguments) {
    mp_arg_check_num(count, keyword_count, 2, 2, false);
    return MP_OBJ_FROM_PTR(&journal);
}

// The place that `(flash, block, buffer, offset)` mean; NULL when it is not within.
static uint8_t *place_of(size_t count, const mp_obj_t *arguments, mp_buffer_info_t *buffer, int access) {
    const part_t *part = MP_OBJ_TO_PTR(arguments[0]);
    mp_get_buffer_raise(arguments[2], buffer, access);
    size_t offset = (size_t)mp_obj_get_int(arguments[1]) * BLOCK_BYTES;
    offset += count > 3 ? mp_obj_get_int(arguments[3]) : 0;
    return is_within(offset, buffer->len, part->size) ? part->start + offset : NULL;
}

static mp_obj_t flash_readblocks(size_t count, const mp_obj_t *arguments) {
    mp_buffer_info_t buffer;
    uint8_t *place = place_of(count, arguments, &buffer, MP_BUFFER_WRITE);
    if (place == NULL) {
        return MP_OBJ_NEW_SMALL_INT(-MP_EINVAL);
    }
    memcpy(buffer.buf, place, buffer.len);
    return MP_OBJ_NEW_SMALL_INT(0);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(flash_readblocks_obj, 3, 4, flash_readblocks);

static mp_obj_t flash_writeblocks(size_t count, const mp_obj_t *arguments) {
    mp_buffer_info_t buffer;
    uint8_t *place = place_of(count, arguments, &buffer, MP_BUFFER_READ);
    if (place == NULL) {
        return MP_OBJ_NEW_SMALL_INT(-MP_EINVAL);
    }
    if (count == 3) {
        // Whole blocks, by the simple interface, which erases them itself.
        erase(place, buffer.len);
    }
    write(place, buffer.buf, buffer.len);
    return MP_OBJ_NEW_SMALL_INT(0);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(flash_writeblocks_obj, 3, 4, flash_writeblocks);

static mp_obj_t flash_ioctl(mp_obj_t self, mp_obj_t request, mp_obj_t argument) {
    const part_t *part = MP_OBJ_TO_PTR(self);
    switch (mp_obj_get_int(request)) {
        case MP_BLOCKDEV_IOCTL_INIT:
        case MP_BLOCKDEV_IOCTL_DEINIT:
        case MP_BLOCKDEV_IOCTL_SYNC:
            return MP_OBJ_NEW_SMALL_INT(0);
        case MP_BLOCKDEV_IOCTL_BLOCK_COUNT:
            return MP_OBJ_NEW_SMALL_INT(part->size / BLOCK_BYTES);
        case MP_BLOCKDEV_IOCTL_BLOCK_SIZE:
            return MP_OBJ_NEW_SMALL_INT(BLOCK_BYTES);
        case MP_BLOCKDEV_IOCTL_BLOCK_ERASE: {
            size_t block = mp_obj_get_int(argument);
            if (block >= part->size / BLOCK_BYTES) {
                return MP_OBJ_NEW_SMALL_INT(-MP_EINVAL);
            }
            erase(part->start + block * BLOCK_BYTES, BLOCK_BYTES);
            return MP_OBJ_NEW_SMALL_INT(0);
        }
        default:
            return mp_const_none;
    }
}
static MP_DEFINE_CONST_FUN_OBJ_3(flash_ioctl_obj, flash_ioctl);

static const mp_rom_map_elem_t flash_table[] = {
    { MP_ROM_QSTR(MP_QSTR_readblocks), MP_ROM_PTR(&flash_readblocks_obj) },
    { MP_ROM_QSTR(MP_QSTR_writeblocks), MP_ROM_PTR(&flash_writeblocks_obj) },
    { MP_ROM_QSTR(MP_QSTR_ioctl), MP_ROM_PTR(&flash_ioctl_obj) },
};
static MP_DEFINE_CONST_DICT(flash_dict, flash_table);

MP_DEFINE_CONST_OBJ_TYPE(
    flash_type, MP_QSTR_Flash, MP_TYPE_FLAG_NONE, make_new, flash_make_new, locals_dict, &flash_dict
    );

// The journal's, as MicroPython's zephyr port has it: areas by their labels, each with its number and size of a block.

static const mp_rom_obj_tuple_t journal_area = {
    {&mp_type_tuple}, 2, { MP_ROM_INT(1), MP_ROM_INT(BLOCK_BYTES) }
};
static const mp_rom_map_elem_t areas_table[] = {
    { MP_ROM_QSTR(MP_QSTR_journal), MP_ROM_PTR(&journal_area) },
};
static MP_DEFINE_CONST_DICT(areas_dict, areas_table);

static const mp_rom_map_elem_t flash_area_table[] = {
    { MP_ROM_QSTR(MP_QSTR_areas), MP_ROM_PTR(&areas_dict) },
    { MP_ROM_QSTR(MP_QSTR_readblocks), MP_ROM_PTR(&flash_readblocks_obj) },
    { MP_ROM_QSTR(MP_QSTR_writeblocks), MP_ROM_PTR(&flash_writeblocks_obj) },
    { MP_ROM_QSTR(MP_QSTR_ioctl), MP_ROM_PTR(&flash_ioctl_obj) },
};
static MP_DEFINE_CONST_DICT(flash_area_dict, flash_area_table);

MP_DEFINE_CONST_OBJ_TYPE(
    flash_area_type, MP_QSTR_FlashArea, MP_TYPE_FLAG_NONE, make_new, flash_area_make_new, locals_dict, &flash_area_dict
    );

static const mp_rom_map_elem_t zephyr_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_zephyr) },
    { MP_ROM_QSTR(MP_QSTR_FlashArea), MP_ROM_PTR(&flash_area_type) },
};
static MP_DEFINE_CONST_DICT(zephyr_dict, zephyr_table);

const mp_obj_module_t zephyr_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&zephyr_dict,
};
MP_REGISTER_MODULE(MP_QSTR_zephyr, zephyr_module);

static const mp_rom_map_elem_t module_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_cortex_m4) },
    { MP_ROM_QSTR(MP_QSTR_Flash), MP_ROM_PTR(&flash_type) },
};
static MP_DEFINE_CONST_DICT(module_dict, module_table);

const mp_obj_module_t cortex_m4_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&module_dict,
};
MP_REGISTER_MODULE(MP_QSTR_cortex_m4, cortex_m4_module);

// The ROMFS partition, as vfs.rom_ioctl gives it to the interpreter and to `mpremote romfs`.

static const MP_DEFINE_MEMORYVIEW_OBJ(rom, 'B', 0, ROM_BYTES, ROM_START);

static mp_int_t rom_write(mp_int_t offset, mp_obj_t bytes) {
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(bytes, &buffer, MP_BUFFER_READ);
    if (offset < 0 || !is_within(offset, buffer.len, ROM_BYTES)) {
        return -MP_EINVAL;
    }
    write(ROM_START + offset, buffer.buf, buffer.len);
    return 0;
}

mp_obj_t mp_vfs_rom_ioctl(size_t count, const mp_obj_t *arguments) {
    mp_int_t request = mp_obj_get_int(arguments[0]);
    if (request == MP_VFS_ROM_IOCTL_GET_NUMBER_OF_SEGMENTS) {
        return MP_OBJ_NEW_SMALL_INT(1);
    }
    mp_int_t result = -MP_EINVAL;
    if (count >= 2 && mp_obj_get_int(arguments[1]) == 0) {
        if (request == MP_VFS_ROM_IOCTL_GET_SEGMENT) {
            return MP_OBJ_FROM_PTR(&rom);
        }
        if (request == MP_VFS_ROM_IOCTL_WRITE_PREPARE && count == 3) {
            mp_int_t wanted = mp_obj_get_int(arguments[2]);
            if (wanted >= 0 && wanted <= ROM_BYTES) {
                erase(ROM_START, (wanted + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES);
                // Bytes that a write must at least have.
                result = 1;
            }
        } else if (request == MP_VFS_ROM_IOCTL_WRITE && count == 4) {
            result = rom_write(mp_obj_get_int(arguments[2]), arguments[3]);
        } else if (request == MP_VFS_ROM_IOCTL_WRITE_COMPLETE) {
            result = 0;
        }
    }
    return MP_OBJ_NEW_SMALL_INT(result);
}

// Native code, one function after the other from each start on. Those of the same firmware are there since its first
// start: what is found at its place is not written again.

// Behind the last function, and behind the last block that was erased since the start, or NULL.
static uint8_t *code_end, *code_erased_end;

void flash_forget_code(void) {
    code_end = CODE_START;
    code_erased_end = NULL;
}

static bool has_room(size_t count) {
    return is_within(code_end - CODE_START, count, CODE_BYTES);
}

static bool is_there(const void *code, size_t count) {
    return code_erased_end == NULL && has_room(count) && memcmp(code_end, code, count) == 0;
}

static void skip_to_block(void) {
    size_t used = code_end - CODE_START;
    code_end = CODE_START + (used + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
}

void *flash_commit_code(void *code, size_t count, void *relocation) {
    if (code_erased_end == NULL && (relocation != NULL || !is_there(code, count))) {
        // The block has functions that are in use: it cannot be erased.
        skip_to_block();
    }
    if (!has_room(count)) {
        m_malloc_fail(count);
    }
    uint8_t *place = code_end;
    if (relocation != NULL) {
        mp_native_relocate(relocation, code, (uintptr_t)place);
    }
    if (!is_there(code, count)) {
        if (code_erased_end == NULL) {
            code_erased_end = place;
        }
        for (; code_erased_end < place + count; code_erased_end += BLOCK_BYTES) {
            erase(code_erased_end, BLOCK_BYTES);
        }
        write(place, code, count);
    }
    // Literals of Thumb code lie on words.
    code_end += (count + 3) & ~(size_t)3;
    return place;
}
