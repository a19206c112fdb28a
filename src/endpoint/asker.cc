// SPDX-License-Identifier: MIT
#include "endpoint/asker.h"

#include "base/defence.h"

namespace stacksampler::endpoint {

Asker AskerOf(const http::Request& request) {
  if (!Stands(Defence::kOtherSites)) return Asker::kWelcome;
  const std::string site = request.Header("sec-fetch-site");
  if (site == "none" || site == "same-origin") return Asker::kWelcome;
  if (!site.empty() || !request.Header("origin").empty()) return Asker::kAnotherSite;
  const bool is_browser =
      request.Header("user-agent").rfind("Mozilla/", 0) == 0 || !request.Header("referer").empty();
  return is_browser ? Asker::kUnknownPage : Asker::kWelcome;
}

std::string WhyNoReset(const http::Request& request, const std::string& instance) {
  const Asker asker = AskerOf(request);
  if (asker == Asker::kAnotherSite) return "reset: refused to a page of another site";
  if (asker == Asker::kWelcome || request.Param("confirm") == instance) return "";
  return "reset: this browser does not tell whether a page of another site asks; if it is you who "
         "asks, open /?reset=true&confirm=" +
         instance;
}

}  // namespace stacksampler::endpoint
