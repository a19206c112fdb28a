#include <stacksampler/stacksampler.h>
int main() {
  stacksampler::run_profiler("127.0.0.1", 0);
  return stacksampler::profiler_port() != 0 && stacksampler::stop_profiler().ok() ? 0 : 1;
}
