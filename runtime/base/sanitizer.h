// Which sanitizer this file is compiled with, whatever the compiler: PORTLAB_ASAN, PORTLAB_TSAN,
// and PORTLAB_SANITIZED for either. The runtime of a fuzz build is compiled with none.
#pragma once

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PORTLAB_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define PORTLAB_TSAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define PORTLAB_ASAN 1
#endif
#if defined(__SANITIZE_THREAD__)
#define PORTLAB_TSAN 1
#endif
#if defined(PORTLAB_ASAN) || defined(PORTLAB_TSAN)
#define PORTLAB_SANITIZED 1
#endif
