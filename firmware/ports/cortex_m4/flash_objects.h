// What classes in flash are made of, and the modules that they and their functions belong to: the C that
// tools/flash_objects writes stands on these, and they on it.
#pragma once
#include "py/obj.h"
#include "py/bc.h"
#include "py/objtype.h"

// A frozen module: its names that never change, and how many places its dictionary in RAM has for the others.
typedef struct {
    qstr_short_t name;
    uint16_t room;
    const mp_obj_dict_t *names;
} flash_module_t;

extern const flash_module_t flash_modules[];
extern const size_t flash_module_count;
extern mp_module_context_t flash_contexts[];

mp_obj_t flash_instance_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args);
void flash_instance_print(const mp_print_t *print, mp_obj_t self, mp_print_kind_t kind);
mp_obj_t flash_instance_unary_op(mp_unary_op_t op, mp_obj_t self);
mp_obj_t flash_instance_binary_op(mp_binary_op_t op, mp_obj_t left, mp_obj_t right);
void flash_instance_attr(mp_obj_t self, qstr attribute, mp_obj_t *result);
mp_obj_t flash_instance_subscr(mp_obj_t self, mp_obj_t index, mp_obj_t value);
mp_int_t flash_instance_get_buffer(mp_obj_t self, mp_buffer_info_t *buffer, mp_uint_t flags);
