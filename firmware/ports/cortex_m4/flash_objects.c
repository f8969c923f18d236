// Classes in flash (tools/flash_objects): MicroPython's own, which keeps to itself what a class is made of.
#include "flash_objects.h"

// Making a subclass would write this flag into its base. It only forbids adding a property to a class that has
// subclasses, and a class in flash cannot be added to at all.
#undef MP_TYPE_FLAG_IS_SUBCLASSED
#define MP_TYPE_FLAG_IS_SUBCLASSED (0)
#include "py/objtype.c"

#define IS(name) __attribute__((alias(#name)))
extern __typeof__(mp_obj_instance_make_new) flash_instance_make_new IS(mp_obj_instance_make_new);
extern __typeof__(instance_print) flash_instance_print IS(instance_print);
extern __typeof__(instance_unary_op) flash_instance_unary_op IS(instance_unary_op);
extern __typeof__(instance_binary_op) flash_instance_binary_op IS(instance_binary_op);
extern __typeof__(mp_obj_instance_attr) flash_instance_attr IS(mp_obj_instance_attr);
extern __typeof__(instance_subscr) flash_instance_subscr IS(instance_subscr);
extern __typeof__(instance_get_buffer) flash_instance_get_buffer IS(instance_get_buffer);

// Of modules MicroPython's own as well: it has no more of a module than its dictionary.
#define mp_type_module plain_module_type
#define mp_obj_new_module plain_new_module
#include "py/objmodule.c"
#undef mp_type_module
#undef mp_obj_new_module

// Dictionaries of the modules of `flash_modules`, in their order.
MP_REGISTER_ROOT_POINTER(struct _mp_obj_dict_t *flash_globals);

static mp_map_elem_t *find_in_flash(mp_obj_dict_t *globals, qstr name) {
    size_t number = ((uintptr_t)globals - (uintptr_t)MP_STATE_VM(flash_globals)) / sizeof(mp_obj_dict_t);
    // A file may have taken the place of the frozen module: then nothing set this table.
    if (number >= flash_module_count || flash_contexts[number].constants.qstr_table == NULL) {
        return NULL;
    }
    return mp_map_lookup((mp_map_t *)&flash_modules[number].names->map, MP_OBJ_NEW_QSTR(name), MP_MAP_LOOKUP);
}

mp_obj_t plain_mp_load_global(qstr name);

mp_obj_t mp_load_global(qstr name) {
    mp_map_elem_t *found = find_in_flash(mp_globals_get(), name);
    return found != NULL ? found->value : plain_mp_load_global(name);
}

static void flash_module_attr(mp_obj_t self_in, qstr attribute, mp_obj_t *result) {
    mp_map_elem_t *found = find_in_flash(((mp_obj_module_t *)MP_OBJ_TO_PTR(self_in))->globals, attribute);
    if (found == NULL) {
        module_attr(self_in, attribute, result);
    } else if (result[0] == MP_OBJ_NULL) {
        result[0] = found->value;
    }
    // To bind or delete it is refused: code has its value, not its name.
}

MP_DEFINE_CONST_OBJ_TYPE(mp_type_module, MP_QSTR_module, MP_TYPE_FLAG_NONE,
    print, module_print, attr, flash_module_attr);

static mp_module_context_t *new_flash_module(size_t number) {
    if (MP_STATE_VM(flash_globals) == NULL) {
        MP_STATE_VM(flash_globals) = m_new0(mp_obj_dict_t, flash_module_count);
    }
    mp_obj_dict_t *names = &MP_STATE_VM(flash_globals)[number];
    names->base.type = &mp_type_dict;
    mp_map_init(&names->map, flash_modules[number].room);
    flash_contexts[number] = (mp_module_context_t){.module = {{&mp_type_module}, names}};
    return &flash_contexts[number];
}

mp_obj_t mp_obj_new_module(qstr name) {
    mp_map_t *modules = &MP_STATE_VM(mp_loaded_modules_dict).map;
    mp_obj_t *place = &mp_map_lookup(modules, MP_OBJ_NEW_QSTR(name), MP_MAP_LOOKUP_ADD_IF_NOT_FOUND)->value;
    if (*place == MP_OBJ_NULL) {
        size_t number = 0;
        while (number < flash_module_count && flash_modules[number].name != name) {
            ++number;
        }
        mp_module_context_t *context;
        if (number < flash_module_count) {
            context = new_flash_module(number);
        } else {
            context = m_new_obj(mp_module_context_t);
            context->module.base.type = &mp_type_module;
            context->module.globals = MP_OBJ_TO_PTR(mp_obj_new_dict(MICROPY_MODULE_DICT_SIZE));
        }
        mp_obj_t names = MP_OBJ_FROM_PTR(context->module.globals);
        mp_obj_dict_store(names, MP_OBJ_NEW_QSTR(MP_QSTR___name__), MP_OBJ_NEW_QSTR(name));
        *place = MP_OBJ_FROM_PTR(context);
    }
    return *place;
}
