// SPDX-License-Identifier: MIT
#include "visualizer/export.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "base/time_phrase.h"
#include "profile/select.h"

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
std::string FileName(const ExportQuery& query) {
  const TreeQuery& tree = query.tree;
  std::string time = FormatTime(tree.at ? tree.at->begin_ns : tree.range.from.ns);
  const auto is_sign = [](unsigned char c) { return std::isalnum(c) == 0; };
  time.erase(std::remove_if(time.begin(), time.end(), is_sign), time.end());
  return "profile-" + time + FileFormatExtension(query.format);
}

const char* ContentType(FileFormat format) {
  switch (format) {
    case FileFormat::kPprof:
      return "application/octet-stream";
    case FileFormat::kCpuProfile:
    case FileFormat::kSpeedscope:
      return "application/json";
    case FileFormat::kSvg:
      return "image/svg+xml";
    default:
      return "text/plain; charset=utf-8";
  }
}

}  // namespace

http::Response ExportFile(const Profile& profile, const ExportQuery& query) {
  const Profile part = BelowRoot(profile, query.tree);
  http::Response response;
  response.content_type = ContentType(query.format);
  response.body = SerializeProfile(part, query.format, query.tree.by);
  response.headers = {{"Content-Disposition", "attachment; filename=\"" + FileName(query) + '"'},
                      {"Cache-Control", "no-store"}};
  return response;
}

}  // namespace stacksampler::visualizer
