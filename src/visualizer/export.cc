// SPDX-License-Identifier: MIT
#include "visualizer/export.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "base/gzip.h"
#include "base/time_phrase.h"
#include "profile/select.h"
#include "stacksampler/cpuprofile.h"
#include "stacksampler/folded.h"
#include "stacksampler/pprof.h"

namespace stacksampler::visualizer {
namespace {

/// With a grouping the first name of the path is the group's.
Profile BelowRoot(const Profile& profile, const TreeQuery& query) {
  std::vector<std::string> path = query.root;
  if (query.by.empty() || path.empty()) return SelectBelow(profile, path);
  const std::string group = path.front();
  path.erase(path.begin());
  const std::string none = "[no " + query.by + "]";
  const auto in_group = [&](const Labels& labels) {
    const std::string value = LabelValue(labels, query.by);
    return (value.empty() ? none : value) == group;
  };
  return SelectBelow(SelectByLabels(profile, in_group), path);
}

/// "profile-20261122T053000Z.": letters and digits alone, safe in every header and file system.
std::string FileName(const ExportQuery& query, const char* extension) {
  std::string time = FormatTime(query.tree.range.from.ns);
  const auto is_sign = [](unsigned char c) { return std::isalnum(c) == 0; };
  time.erase(std::remove_if(time.begin(), time.end(), is_sign), time.end());
  return "profile-" + time + extension;
}

}  // namespace

http::Response ExportFile(const Profile& profile, const ExportQuery& query) {
  const Profile part = BelowRoot(profile, query.tree);
  http::Response response;
  std::string name;
  switch (query.format) {
    case ExportFormat::kFolded:
      response.body = EncodeFolded(part, {false, query.tree.by});
      name = FileName(query, ".folded");
      break;
    case ExportFormat::kPprof:
      response.body = GzipCompress(EncodePprof(part));
      response.content_type = "application/octet-stream";
      name = FileName(query, ".pb.gz");
      break;
    case ExportFormat::kCpuProfile:
      response.body = EncodeCpuProfile(part);
      response.content_type = "application/json";
      name = FileName(query, ".cpuprofile");
      break;
  }
  response.headers = {{"Content-Disposition", "attachment; filename=\"" + name + '"'},
                      {"Cache-Control", "no-store"}};
  return response;
}

}  // namespace stacksampler::visualizer
