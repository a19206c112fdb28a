#include <stacksampler/stacksampler.h>
#include <stdio.h>

int main(void) {
  if (stacksampler_run_profiler(NULL, 70000) == 0) return 1;
  puts(stacksampler_last_error());
  if (stacksampler_run_profiler(NULL, 26384) != 0) return 2;
  if (stacksampler_run_profiler(NULL, 26384) == 0) return 3;
  return stacksampler_stop_profiler() == 0 ? 0 : 4;
}
