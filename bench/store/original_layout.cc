// SPDX-License-Identifier: MIT
#include "original_layout.h"

#include <gdbm.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace stacksampler::bench {
namespace {

using Database = std::unique_ptr<gdbm_file_info, int (*)(gdbm_file_info*)>;

Database Open(const std::string& path) {
  gdbm_file_info* file = gdbm_open(path.c_str(), 0, GDBM_WRCREAT, 0644, nullptr);
  if (file == nullptr) {
    std::fprintf(stderr, "store_bench: %s: %s\n", path.c_str(), gdbm_strerror(gdbm_errno));
    std::exit(1);
  }
  return {file, gdbm_close};
}

datum DatumOf(const std::string& text) {
  return {const_cast<char*>(text.data()), static_cast<int>(text.size())};
}

std::string Take(datum value) {
  const std::unique_ptr<char, decltype(&std::free)> owner(value.dptr, &std::free);
  return value.dptr == nullptr ? "" : std::string(value.dptr, static_cast<size_t>(value.dsize));
}

// "host:port:time:weight"
int64_t WeightInRange(std::string_view entry, int64_t from, int64_t until) {
  const size_t weight_at = entry.rfind(':');
  const size_t time_at = entry.rfind(':', weight_at - 1);
  int64_t time = 0;
  int64_t weight = 0;
  std::from_chars(entry.data() + time_at + 1, entry.data() + weight_at, time);
  std::from_chars(entry.data() + weight_at + 1, entry.data() + entry.size(), weight);
  return from <= time && time <= until ? weight : 0;
}

}  // namespace

void SaveOriginal(const std::string& path, const Generator& generator, const Draws& draws,
                  size_t process, int64_t seconds) {
  const Database database = Open(path);
  const std::string head =
      "host-" + std::to_string(process) + ":16384:" + std::to_string(seconds) + ":";
  for (const auto& [stack, weight] : draws) {
    const datum key = DatumOf(generator.FoldedStack(stack));
    std::string value = Take(gdbm_fetch(database.get(), key));
    value.append(head).append(std::to_string(weight)).append(" ");
    if (gdbm_store(database.get(), key, DatumOf(value), GDBM_REPLACE) != 0) std::exit(1);
  }
}

int64_t SumOriginal(const std::string& path, int64_t from_seconds, int64_t until_seconds) {
  const Database database = Open(path);
  int64_t sum = 0;
  std::string key = Take(gdbm_firstkey(database.get()));
  while (!key.empty()) {
    const std::string value = Take(gdbm_fetch(database.get(), DatumOf(key)));
    for (size_t begin = 0; begin < value.size();) {
      const size_t end = value.find(' ', begin);
      sum += WeightInRange(std::string_view(value).substr(begin, end - begin), from_seconds,
                           until_seconds);
      begin = end + 1;
    }
    key = Take(gdbm_nextkey(database.get(), DatumOf(key)));
  }
  return sum;
}

}  // namespace stacksampler::bench
