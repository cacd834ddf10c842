// clone3(2) with a stack for the child: the one system call that has no function in libc.
//
// A file and a C name of its own so that the linker can put something in its place: the tests that
// make system calls fail (testing/fault_calls.h). Threads: any. Errors: -errno. Source: clone(2).
#pragma once

struct clone_args;

// Returns in the parent only: the child calls child(data) and exits with its result.
extern "C" long portlab_clone_onto_stack(clone_args* args, int (*child)(void*), void* data);
