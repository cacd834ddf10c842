/* Dynamic libraries, the environment, names of errors. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "probes.h"

/* This very library, without its ".so". */
static void own_path(char* path, size_t room) {
  Dl_info info;
  memset(&info, 0, sizeof(info));
  dladdr((void*)(size_t)own_path, &info);
  snprintf(path, room, "%s", info.dli_fname);
  path[strlen(path) - 3] = '\0';
}

/* A library beside this one that nobody else opens. */
static void other_path(char* path, size_t room) {
  own_path(path, room);
  snprintf(strrchr(path, '/') + 1, 16, "echo_drv");
}

static int is_loaded(const char* path) {
  char file[1024 + 8];
  void* library;
  snprintf(file, sizeof(file), "%s.so", path);
  library = dlopen(file, RTLD_NOW | RTLD_NOLOAD);
  if (library != NULL) dlclose(library);
  return library != NULL;
}

static void close_library(struct probe_port* probe) {
  char path[1024];
  void* library;
  other_path(path, sizeof(path));
  library = driver_dl_open(path);
  see(probe, "%d %d", library != NULL, is_loaded(path));
  see(probe, " %d", driver_dl_close(library));
  see(probe, " %d", is_loaded(path));
}

static void dynamic_library(struct probe_port* probe) {
  char path[1024];
  void* library;
  own_path(path, sizeof(path));
  library = driver_dl_open(path);
  see(probe, "%d", library != NULL);
  see(probe, " %d", driver_dl_sym(library, "driver_init") != NULL);
  see(probe, " %d", driver_dl_sym(library, "no_such_symbol") == NULL);
  see(probe, " %d", strstr(driver_dl_error(), "no_such_symbol") != NULL);
  see(probe, " %d", driver_dl_close(library));
  see(probe, " %d", driver_dl_open("/no/such/library") == NULL);
}

static int put(const char* key, const char* value) {
  char copy[64];
  snprintf(copy, sizeof(copy), "%s", value);
  return erl_drv_putenv(key, copy);
}

static void environment(struct probe_port* probe) {
  char value[64] = "?";
  size_t size = sizeof(value);
  see(probe, "%d", put("PROBE", "abc"));
  see(probe, " %d", erl_drv_getenv("PROBE", value, &size));
  see(probe, " %d %s", (int)size, value);
  size = 3;
  see(probe, " %d", erl_drv_getenv("PROBE", value, &size) > 0);
  size = sizeof(value);
  see(probe, " %d", erl_drv_getenv("NO_SUCH_PROBE", value, &size) < 0);
  see(probe, " %d", put("PROBE", ""));
  size = sizeof(value);
  see(probe, " %d %d", erl_drv_getenv("PROBE", value, &size), (int)size);
}

static void errno_id(struct probe_port* probe) {
  int error;
  for (error = -1; error < 135; ++error) see(probe, "%s ", erl_errno_id(error));
}

const struct probe library_probes[] = {
    {"driver_dl_open", 0, dynamic_library}, {"driver_dl_sym", 0, dynamic_library},
    {"driver_dl_close", 0, close_library},  {"driver_dl_error", 0, dynamic_library},
    {"erl_drv_putenv", 0, environment},     {"erl_drv_getenv", 0, environment},
    {"erl_errno_id", 0, errno_id},          {NULL, 0, NULL}};
