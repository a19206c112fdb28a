// SPDX-License-Identifier: MIT
#include <array>
#include <regex>
#include <string>

#include "demo/handlers.h"

namespace demo {
namespace {

constexpr int kUrls = 15000;

const std::array<std::regex, 4>& Routes() {
  static const std::array<std::regex, 4> routes = {
      std::regex(R"(^/product/(\d+)(?:/review/(\d+))?$)"),
      std::regex(R"(^/category/([a-z]+(?:-[a-z0-9]+)*)/page/(\d+)$)"),
      std::regex(R"(^/user/([0-9a-f]{8})-([0-9a-f]{4})/(orders|basket|wishes)$)"),
      std::regex(R"(^/(?:static|media)/(.+)\.(css|js|png|svg)(?:\?v=(\d+))?$)"),
  };
  return routes;
}

std::string Url(uint32_t n) {
  switch (n % 4) {
    case 0:
      return "/product/" + std::to_string(n) + "/review/" + std::to_string(n / 7);
    case 1:
      return "/category/garden-furniture-" + std::to_string(n % 30) + "/page/" +
             std::to_string(n % 9);
    case 2:
      return "/user/0123abcd-beef/basket";
    default:
      return "/static/theme/deep/path/of/files/style.min.css?v=" + std::to_string(n);
  }
}

}  // namespace

[[gnu::noinline]] size_t HandleRoute(uint32_t seed) {
  size_t matched = 0;
  for (int i = 0; i < kUrls; ++i) {
    const std::string url = Url(seed + static_cast<uint32_t>(i));
    for (const std::regex& route : Routes()) {
      std::smatch groups;
      if (std::regex_match(url, groups, route)) {
        ++matched;
        break;
      }
    }
  }
  return matched;
}

}  // namespace demo
