// SPDX-License-Identifier: MIT
//
// Purpose: included before everything under ThreadSanitizer of g++ 12, which does not see
//   pthread_mutex_clocklock(): std::timed_mutex then waits by pthread_mutex_timedlock(), which it
//   does see. libstdc++ 13 does the same by itself.
#include <bits/c++config.h>
#undef _GLIBCXX_USE_PTHREAD_MUTEX_CLOCKLOCK
