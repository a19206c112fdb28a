// SPDX-License-Identifier: MIT
#include "cpuprofile/extract.h"

#include <memory>
#include <utility>

#include "base/time_phrase.h"

namespace stacksampler::cpuprofile {
namespace {

Status NothingThere(store::StoreReader* reader, const std::string& place) {
  const Result<store::Extent> extent = reader->StoredExtent();
  if (!extent.ok()) return extent.status();
  if (extent->empty) return {StatusCode::kNotFound, place + ": nothing is stored there yet"};
  return {StatusCode::kNotFound,
          place + ": no samples in this range with these labels; windows of " +
              FormatTime(extent->first_ns) + " to " + FormatTime(extent->last_ns) + " are stored"};
}

}  // namespace

Result<store::StorePlace> ParseStorePlace(const std::string& text) {
  if (text.find("://") == std::string::npos) return store::StorePlace{text, ""};
  if (Status status = store::CheckStoreUrl(text); !status.ok()) return status;
  return store::StorePlace{"", text};
}

Result<store::LabelMatch> ParseLabelMatch(const std::string& text) {
  const size_t equals = text.find('=');
  const bool negated = equals != std::string::npos && equals > 0 && text[equals - 1] == '!';
  const std::string key = text.substr(0, negated ? equals - 1 : equals);
  if (equals == std::string::npos || key.empty()) {
    return Status(StatusCode::kInvalidArgument,
                  "--label '" + text + "': write NAME=VALUE, or NAME!=VALUE for all others");
  }
  return store::LabelMatch{key, text.substr(equals + 1), negated};
}

Result<bool> Extract(const ExtractOptions& options) {
  const Result<std::unique_ptr<store::StoreReader>> reader = store::OpenAnyReader(options.store);
  if (!reader.ok()) return reader.status();
  Result<store::QueryResult> found = (*reader)->Merge(options.query);
  if (!found.ok()) return found.status();
  for (const std::string& warning : found->warnings) Say(warning);
  const bool whole = found->warnings.empty();
  if (whole && found->profile.samples().empty()) {
    const std::string place =
        options.store.url.empty() ? options.store.dbpath : std::string("the store");
    return NothingThere(reader->get(), place);
  }
  const Result<Profile> profile = KeepThread(std::move(found->profile), options.thread);
  if (!profile.ok()) return profile.status();
  if (Status status = WriteOutput(options.output, *profile); !status.ok()) return status;
  return whole;
}

}  // namespace stacksampler::cpuprofile
