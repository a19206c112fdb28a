// SPDX-License-Identifier: MIT
#include "base/home_path.h"

#include <atomic>
#include <memory>

#include "base/defence.h"

namespace stacksampler {
namespace {

constexpr std::string_view kRootsHome = "/root/";
constexpr std::string_view kHomes[] = {"/home/", "/Users/", "/var/home/", "/export/home/"};
// With a slash behind it. Never freed: its readers have no lock.
std::atomic<const std::string*> own_home = nullptr;
// What no name of a user has, and what ends one in the middle of a text.
constexpr std::string_view kNotInNames = " \t\n\"'<>();,:|*?";

bool BelongsToName(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '-' || c == '.' || c == '~' || c == '+' || c == ')' || c == '>';
}

// Length of the home directory, with the slash behind it, that `path` begins with; else 0.
size_t HomeLength(std::string_view path) {
  if (!Stands(Defence::kHomes)) return 0;
  if (path.substr(0, kRootsHome.size()) == kRootsHome) return kRootsHome.size();
  const std::string* const own = own_home.load(std::memory_order_acquire);
  if (own != nullptr && path.substr(0, own->size()) == *own) return own->size();
  for (const std::string_view home : kHomes) {
    if (path.substr(0, home.size()) != home) continue;
    const size_t end = path.find('/', home.size());
    const std::string_view user = path.substr(home.size(), end - home.size());
    const bool is_user = end != std::string_view::npos && !user.empty() &&
                         user.find_first_of(kNotInNames) == std::string_view::npos;
    if (is_user) return end + 1;
  }
  return 0;
}

// Where the next home directory begins, and its length; npos and 0 when there is none.
size_t FindHome(std::string_view text, size_t from, size_t* length) {
  for (size_t at = text.find('/', from); at != std::string_view::npos;
       at = text.find('/', at + 1)) {
    // Below another directory it is none: "/srv/home/x/".
    if (at > 0 && BelongsToName(text[at - 1])) continue;
    *length = HomeLength(text.substr(at));
    if (*length > 0) return at;
  }
  *length = 0;
  return std::string_view::npos;
}

}  // namespace

void SetOwnHome(std::string_view directory) {
  if (own_home.load(std::memory_order_acquire) != nullptr) return;
  const size_t end = directory.find_last_not_of('/');
  if (end == std::string_view::npos || directory.front() != '/') return;
  directory = directory.substr(0, end + 1);
  if (directory == "/usr") return;  // of a service's account: everybody's files are there
  auto home = std::make_unique<const std::string>(std::string(directory) + '/');
  const std::string* none = nullptr;
  if (own_home.compare_exchange_strong(none, home.get())) (void)home.release();
}

bool HasHome(std::string_view text) {
  size_t length = 0;
  return FindHome(text, 0, &length) != std::string_view::npos;
}

std::string WithoutHomes(std::string_view text) {
  std::string out;
  size_t begin = 0;
  for (size_t at = 0, length = 0;; begin = at + length) {
    at = FindHome(text, begin, &length);
    out.append(text.substr(begin, at - begin));
    if (at == std::string_view::npos) return out;
  }
}

}  // namespace stacksampler
