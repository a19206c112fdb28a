// SPDX-License-Identifier: MIT
#include "store/import_mark.h"

#include <algorithm>
#include <charconv>

#include "store/checksum.h"
#include "store/store_dir.h"

namespace stacksampler::store {
namespace {

constexpr std::string_view kPrefix = "imported-";
constexpr std::string_view kFirstLine = "stackcollector import version 1\n";
constexpr size_t kSourceDigits = 16;

std::string Format(const ImportMark& mark) {
  std::string text(kFirstLine);
  for (const auto& [target, time_s] : mark.times) {
    text += std::to_string(time_s) + " " + target + "\n";
  }
  return WithCheck(std::move(text));
}

// One "time host:port".
bool ParseLine(std::string_view line, ImportMark* mark) {
  int64_t time_s = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), time_s);
  const auto digits = static_cast<size_t>(end - line.data());
  if (error != std::errc() || digits + 1 >= line.size() || line[digits] != ' ') return false;
  mark->times[std::string(line.substr(digits + 1))] = time_s;
  return true;
}

bool Parse(std::string_view text, ImportMark* mark) {
  const Result<std::string> body = StripCheck(text);
  if (!body.ok() || body->compare(0, kFirstLine.size(), kFirstLine) != 0) return false;
  for (size_t at = kFirstLine.size(); at < body->size();) {
    const size_t end = body->find('\n', at);
    if (end == std::string::npos) return false;
    if (!ParseLine(std::string_view(*body).substr(at, end - at), mark)) return false;
    at = end + 1;
  }
  return true;
}

}  // namespace

std::string ImportMarkName(const std::string& source) { return std::string(kPrefix) + source; }

bool IsImportMarkName(const std::string& name) {
  return name.size() == kPrefix.size() + kSourceDigits &&
         name.compare(0, kPrefix.size(), kPrefix) == 0 &&
         name.find_first_not_of("0123456789abcdef", kPrefix.size()) == std::string::npos;
}

std::string ImportMarkSource(const std::string& name) { return name.substr(kPrefix.size()); }

Result<ImportMark> ReadImportMark(const std::string& dir, const std::string& source) {
  ImportMark mark{source, {}};
  const std::string path = PathIn(dir, ImportMarkName(source));
  const Result<std::string> text = ReadSmallFile(path);
  if (!text.ok() && text.status().code() == StatusCode::kNotFound) return mark;
  if (!text.ok()) return text.status();
  if (Parse(*text, &mark)) return mark;
  return Status(
      StatusCode::kDataLoss,
      path + " is damaged: it says what was imported; restore it from a copy of the store");
}

Status WriteImportMark(const std::string& dir, const ImportMark& mark) {
  return ReplaceSmallFile(dir, ImportMarkName(mark.source), Format(mark));
}

}  // namespace stacksampler::store
