/* A program without the profiler in it, for cpuprofile record. */
#include <time.h>

__attribute__((noinline)) static void BurnCpu(void) {
  while (clock() < CLOCKS_PER_SEC / 4) {
  }
}

int main(void) {
  BurnCpu();
  return 0;
}
