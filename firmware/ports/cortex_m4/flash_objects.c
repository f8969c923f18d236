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

mp_module_context_t flash_context;
MP_REGISTER_ROOT_POINTER(struct _mp_obj_dict_t *flash_globals);

mp_obj_t __real_mp_obj_new_module(qstr name);

// The module of the functions in flash is at a place that they know, and has room for all its names at once.
mp_obj_t __wrap_mp_obj_new_module(qstr name) {
    if (name != flash_module) {
        return __real_mp_obj_new_module(name);
    }
    mp_map_t *modules = &MP_STATE_VM(mp_loaded_modules_dict).map;
    mp_obj_t *place = &mp_map_lookup(modules, MP_OBJ_NEW_QSTR(name), MP_MAP_LOOKUP_ADD_IF_NOT_FOUND)->value;
    if (*place == MP_OBJ_NULL) {
        mp_obj_dict_t *names = MP_OBJ_TO_PTR(mp_obj_new_dict(flash_module_names));
        MP_STATE_VM(flash_globals) = names;
        flash_context.module.base.type = &mp_type_module;
        flash_context.module.globals = names;
        mp_obj_dict_store(MP_OBJ_FROM_PTR(names), MP_OBJ_NEW_QSTR(MP_QSTR___name__), MP_OBJ_NEW_QSTR(name));
        *place = MP_OBJ_FROM_PTR(&flash_context);
    }
    return *place;
}
