// The sampler alone: no endpoint, and neither cpp-httplib nor OpenSSL in the process.
#include <stacksampler/folded.h>
#include <stacksampler/sampler.h>

#include <cstdio>
#include <ctime>

int main() {
  auto sampler = stacksampler::Sampler::Start();
  if (!sampler.ok()) return 1;
  const auto reader = (*sampler)->OpenReader({false, true});
  while (std::clock() < CLOCKS_PER_SEC / 4) {
  }
  const auto window = (*sampler)->Take(reader);
  if (!window.ok() || window->profile.TotalWeight() == 0) return 1;
  std::fputs(stacksampler::EncodeFolded(window->profile).c_str(), stdout);
  return (*sampler)->Stop().ok() ? 0 : 1;
}
