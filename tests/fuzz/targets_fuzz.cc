// SPDX-License-Identifier: MIT
//
// What users write of where endpoints are: hosts between commas, a space and ports; and the same
// text as an address to listen on and as a URL.
#include "collector/targets.h"

#include "endpoint/address.h"
#include "fuzz/fuzz.h"
#include "http/url.h"

using namespace stacksampler;

namespace {

constexpr size_t kMaxShared = 100;  // a range of all ports would take most of the time

void CheckShares(const std::vector<collector::Target>& targets) {
  if (targets.size() > kMaxShared) return;
  size_t shared = 0;
  for (uint64_t number = 1; number <= 3; ++number) {
    shared += collector::OfShare(targets, {number, 3}).size();
  }
  fuzz::Promise(shared == targets.size(), "each target falls to one share");
}

void CheckTargets(const std::string& text) {
  const size_t space = text.find(' ');
  auto hosts = endpoint::ParseHosts(text.substr(0, space));
  if (hosts.empty()) hosts.emplace_back();
  const auto targets =
      collector::MakeTargets(hosts, space == std::string::npos ? text : text.substr(space + 1));
  if (!targets.ok()) {
    fuzz::Promise(!targets.status().message().empty(), "an error has a reason");
    return;
  }
  fuzz::Promise(!targets->empty(), "there is a target, or an error");
  CheckShares(*targets);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(fuzz::AsText(data, size));
  CheckTargets(text);
  const auto address = endpoint::ParseAddress(text);
  fuzz::Promise(address.ok() || !address.status().message().empty(), "an error has a reason");
  const auto url = http::ParseUrl(text);
  fuzz::Promise(!url || !url->host.empty(), "a URL names a host");
  return 0;
}
