/* What dynamic_library_test.cc opens. */
__attribute__((visibility("default"))) int forty_two(void);

int forty_two(void) { return 42; }
