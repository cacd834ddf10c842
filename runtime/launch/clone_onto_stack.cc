#include "launch/clone_onto_stack.h"

#include <linux/sched.h>
#include <sys/syscall.h>

#include "launch/clone3_exec.h"

// A function cannot return into the frame it was called from on another stack, so the child's first
// steps are written out: call ChildMain, then exit_group with its result.
PORTLAB_UNINSTRUMENTED long portlab_clone_onto_stack(clone_args* args, int (*child)(void*),
                                                     void* data) {
#if defined(__x86_64__)
  long result = SYS_clone3;
  asm volatile(
      "syscall\n\t"
      "test %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      "mov %[data], %%rdi\n\t"
      "call *%[child]\n\t"
      "mov %%eax, %%edi\n\t"
      "mov %[exit], %%eax\n\t"
      "syscall\n\t"
      "hlt\n"
      "1:"
      : "+a"(result)
      : "D"(args),
        "S"(sizeof *args), [child] "r"(child), [data] "r"(data), [exit] "i"(SYS_exit_group)
      : "rcx", "r11", "memory", "cc");
  return result;
#elif defined(__aarch64__)
  register long number asm("x8") = SYS_clone3;
  register long result asm("x0") = reinterpret_cast<long>(args);
  register long size asm("x1") = sizeof *args;
  asm volatile(
      "svc #0\n\t"
      "cbnz x0, 1f\n\t"
      "mov x0, %[data]\n\t"
      "blr %[child]\n\t"
      "mov x8, %[exit]\n\t"
      "svc #0\n\t"
      "brk #1\n"
      "1:"
      : "+r"(result)
      : "r"(number), "r"(size), [child] "r"(child), [data] "r"(data), [exit] "i"(SYS_exit_group)
      : "memory", "cc", "x30");
  return result;
#else
#error "portlab_clone_onto_stack knows x86-64 and aarch64"
#endif
}
