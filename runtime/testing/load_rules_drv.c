/* Drivers for tests of what is checked when a driver is loaded: RULE_… says which rule this one
 * breaks, or how it keeps it. NAME is its name.
 */
#include <erl_driver.h>
#include <stdio.h>

extern void no_such_function(void);
extern int erts_fprintf(FILE*, const char*, ...);

static ErlDrvEntry entry;
static int inits;

static ErlDrvData start(ErlDrvPort port, char* command) {
  (void)command;
  return (ErlDrvData)port;
}

/* What the entry said when driver_init returned counts: changing it here changes nothing. */
static int init(void) {
  ++inits;
  entry.control = NULL;
  entry.driver_name = "another_name";
#if defined(RULE_INIT_FAILS)
  return -1;
#else
  return 0;
#endif
}

static ErlDrvSSizeT control(ErlDrvData data, unsigned int operation, char* bytes, ErlDrvSizeT size,
                            char** reply, ErlDrvSizeT reply_size) {
  (void)data, (void)operation, (void)bytes, (void)size;
#if defined(RULE_UNDEFINED)
  no_such_function();
#endif
#if defined(RULE_BEAM)
  erts_fprintf(stderr, "%s", "");
#endif
  return snprintf(*reply, reply_size, "%d init", inits);
}

#define TEXT_OF(name) #name
#define QUOTED(name) TEXT_OF(name)

static ErlDrvEntry entry = {
    .init = init,
    .start = start,
#if defined(RULE_OTHER_NAME)
    .driver_name = "somebody_else",
#else
    .driver_name = QUOTED(NAME),
#endif
    .control = control,
#if !defined(RULE_NO_MARKER)
    .extended_marker = (int)ERL_DRV_EXTENDED_MARKER,
#endif
#if defined(RULE_MAJOR)
    .major_version = RULE_MAJOR,
    .minor_version = RULE_MINOR,
#else
    .major_version = ERL_DRV_EXTENDED_MAJOR_VERSION,
    .minor_version = ERL_DRV_EXTENDED_MINOR_VERSION,
#endif
};

#if defined(RULE_NO_DRIVER_INIT)
ErlDrvEntry* some_other_init(void);
ErlDrvEntry* some_other_init(void) { return &entry; }
#elif defined(RULE_UNDERSCORE)
ErlDrvEntry* _driver_init(void);
__attribute__((visibility("default"))) ErlDrvEntry* _driver_init(void) { return &entry; }
#else
DRIVER_INIT(load_rules) {
#if defined(RULE_NULL_ENTRY)
  return NULL;
#endif
#if defined(RULE_INIT_BEFORE_CHECK)
  entry.extended_marker = (int)ERL_DRV_EXTENDED_MARKER; /* made good before anybody looks */
#endif
  return &entry;
}
#endif
