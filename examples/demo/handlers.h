// SPDX-License-Identifier: MIT
//
// Purpose: the four kinds of work of the demo service. Each call does a few milliseconds of real
//   work.
// Thread safety: the free functions from any thread; a Catalog serves one thread.
#ifndef STACKSAMPLER_EXAMPLES_DEMO_HANDLERS_H_
#define STACKSAMPLER_EXAMPLES_DEMO_HANDLERS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

struct sqlite3;

namespace demo {

/// An in-memory SQLite database of products and sales, with one connection.
class Catalog {
 public:
  Catalog();
  /// Revenue of the best-selling categories. Returns a figure so that the work cannot be left out.
  int64_t HandleQuery(uint32_t seed);

 private:
  struct Closer {
    void operator()(sqlite3* db) const;
  };
  std::unique_ptr<sqlite3, Closer> db_;
};

/// Compresses a batch of log lines and checks that they come back. Returns the packed size in
/// bytes.
size_t HandleArchive(uint32_t seed);

/// Reads a JSON delivery note, groups it by supplier and ranks the suppliers. Returns the winner's
/// total.
int64_t HandleImport(uint32_t seed);

/// Finds the route of a batch of URLs. Returns how many matched.
size_t HandleRoute(uint32_t seed);

}  // namespace demo

#endif  // STACKSAMPLER_EXAMPLES_DEMO_HANDLERS_H_
