// SPDX-License-Identifier: MIT
//
// Purpose: the parameters of a URL as questions to the store, or the reason why they are none.
// Thread safety: free functions, any thread.
// Signal safety: none.
// Errors: each Read... returns the first Refusal, nullopt when all is well. Parameters it does
//   not know are left alone; an empty value of a filter or of `by` is as good as none.
#ifndef STACKSAMPLER_VISUALIZER_QUERY_H_
#define STACKSAMPLER_VISUALIZER_QUERY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time_zone.h"
#include "http/server.h"
#include "profile/call_tree.h"
#include "profile/file_format.h"
#include "store/profile_store.h"

namespace stacksampler::visualizer {

inline constexpr const char* kDefaultFrom = "-15minutes";
inline constexpr const char* kDefaultUntil = "now";
inline constexpr int kLeastWidth = 100;  // pixels
inline constexpr int kMostWidth = 10'000;
inline constexpr int kDefaultWidth = 1600;
inline constexpr int64_t kLeastIntervals = 10;
inline constexpr int64_t kMostIntervals = 1000;
inline constexpr int64_t kDefaultIntervals = 120;
inline constexpr int64_t kDefaultShareIntervals = 60;
inline constexpr int64_t kMostShareIntervals = 120;
inline constexpr int64_t kLeastColumns = 10;
inline constexpr int64_t kMostColumns = 500;
inline constexpr int64_t kDefaultColumns = 300;
inline constexpr size_t kMostGraphNodes = 200;
inline constexpr size_t kDefaultGraphNodes = 40;
inline constexpr size_t kMostRows = 5000;
inline constexpr size_t kDefaultRows = 200;

struct BadRequest {
  std::string parameter;
  std::string value;
  std::string message;             // without the parameter's name
  std::optional<size_t> position;  // in value: the first byte that does not fit
  std::vector<std::string> examples;
};

using Refusal = std::optional<BadRequest>;

struct Moment {
  std::string text;  // as it was asked for
  int64_t ns = 0;
  bool relative = false;
};

/// Inclusive at both ends.
struct Range {
  Moment from;
  Moment until;
  TimeZone zone;  // which days and times of day were meant
};

/// Moments of samples, not of windows.
struct Span {
  int64_t begin_ns = 0;  // inclusive, from 1970 on
  int64_t end_ns = 0;    // exclusive
};

/// What all questions for a tree share.
struct TreeQuery {
  Range range;
  std::vector<store::LabelMatch> filters;
  std::string by;                 // "" for no grouping
  std::vector<std::string> root;  // names, root first
  std::string edit;               // as ParseEdit() takes it
  std::optional<Span> at;         // only what was sampled then, in place of the range's windows
};

struct FlameQuery {
  TreeQuery tree;
  SiblingOrder order = SiblingOrder::kHeavyFirst;
  int width = kDefaultWidth;
};

struct SandwichQuery {
  TreeQuery tree;
  std::string function;
  SiblingOrder order = SiblingOrder::kHeavyFirst;
  int width = kDefaultWidth;
};

struct TimelineQuery {
  TreeQuery tree;
  int64_t intervals = kDefaultIntervals;
};

struct ShareQuery {
  TreeQuery tree;
  int64_t intervals = 0;
  std::string function;
};

struct HeatQuery {
  TreeQuery tree;
  int64_t columns = kDefaultColumns;
  std::string function;  // "" for all
};

struct CallGraphQuery {
  TreeQuery tree;
  size_t most_nodes = kDefaultGraphNodes;
};

struct SourceQuery {
  TreeQuery tree;
  std::string function;
  std::string file;  // one of the function's; "" for the one with the most time
};

struct DiffQuery {
  TreeQuery tree;  // the current side
  TreeQuery base;  // its range and filters alone
  SiblingOrder order = SiblingOrder::kHeavyFirst;
  int width = kDefaultWidth;
  size_t limit = kDefaultRows;
};

struct ExportQuery {
  TreeQuery tree;
  FileFormat format = FileFormat::kFolded;
};

enum class TopOrder { kSelf, kTotal, kName };

struct TopQuery {
  TreeQuery tree;
  TopOrder order = TopOrder::kSelf;
  size_t limit = kDefaultRows;
};

struct DataQuery {
  store::Query store;
  double threshold = 0;  // fraction of the root, 0..1
};

Refusal ReadRange(const http::Request& request, int64_t now_ns, Range* range);

Refusal ReadQuery(const http::Request& request, int64_t now_ns, TreeQuery* query);
Refusal ReadQuery(const http::Request& request, int64_t now_ns, FlameQuery* query);
Refusal ReadQuery(const http::Request& request, int64_t now_ns, SandwichQuery* query);
Refusal ReadQuery(const http::Request& request, int64_t now_ns, TopQuery* query);
Refusal ReadQuery(const http::Request& request, int64_t now_ns, TimelineQuery* query);
Refusal ReadQuery(const http::Request& request, int64_t now_ns, ShareQuery* query);
Refusal ReadQuery(const http::Request& request, int64_t now_ns, HeatQuery* query);
Refusal ReadQuery(const http::Request& request, int64_t now_ns, CallGraphQuery* query);
Refusal ReadQuery(const http::Request& request, int64_t now_ns, SourceQuery* query);
Refusal ReadQuery(const http::Request& request, int64_t now_ns, ExportQuery* query);
/// What of the base is not given (base_shift, or base_from and base_until; base_host, base_port,
/// base_thread, base_where) is as on the current side; one of them has to be. Windows are compared,
/// so that `at` is refused.
Refusal ReadQuery(const http::Request& request, int64_t now_ns, DiffQuery* query);
/// Here an absent `from` or `until` is no bound at all.
Refusal ReadQuery(const http::Request& request, int64_t now_ns, DataQuery* query);

[[nodiscard]] store::Query StoreQuery(const TreeQuery& query);

/// "main;a%3Bb" -> {"main", "a;b"}: ';' between names, in a name '%' and ';' as %25 and %3B.
[[nodiscard]] std::vector<std::string> DecodePath(const std::string& path);

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_QUERY_H_
