// SPDX-License-Identifier: MIT
#include "visualizer/discreet_reader.h"

#include "fixture.h"
#include "support/catch.h"
#include "visualizer/route_paths.h"

namespace stacksampler::visualizer {
namespace {

// What a browser is told of a store in `folder` that says `text` of itself.
std::string Told(const std::string& folder, const std::string& text) {
  auto store = std::make_unique<FakeStoreReader>();
  store->warnings = {text};
  DiscreetReader reader(std::move(store), folder);
  return reader.StoredExtent()->warnings.at(0);
}

TEST_CASE("DiscreetReader: warnings name the store's files and not where they are") {
  const std::string folder = "/home/ann/db";
  CHECK(Told(folder, "/home/ann/db/h-7.gdbm: damaged") == "h-7.gdbm: damaged");
  CHECK(Told(folder + "/", "/home/ann/db/h-7.gdbm: damaged") == "h-7.gdbm: damaged");
  CHECK(Told(folder + "//", "/home/ann/db//h-7.gdbm") == "h-7.gdbm");
  CHECK(Told(folder, "cannot list /home/ann/db: gone") == "cannot list the store: gone");
  CHECK(Told(folder, "a /home/ann/db/x, /home/ann/db/y") == "a x, y");
  CHECK(Told("../db", "../db/h-7.gdbm: damaged") == "h-7.gdbm: damaged");
  CHECK(Told(".", "./h-7.gdbm. End") == "h-7.gdbm. End");
}

TEST_CASE("DiscreetReader: what only looks like the folder stays") {
  CHECK(Told("/home/ann/db", "/home/ann/db2/h-7") == "/home/ann/db2/h-7");
  CHECK(Told("db", "mydb/x of db, db.") == "mydb/x of db, db.");
  CHECK(Told("", "/home/ann/db/h-7") == "/home/ann/db/h-7");
  CHECK(Told("/", "/h-7") == "/h-7");
}

TEST_CASE("DiscreetReader: no route's answer tells the folder, be it a warning or an error") {
  const std::string folder = "/srv/secret/db";
  for (const bool fails : {false, true}) {
    auto fake = std::make_unique<FakeStoreReader>();
    fake->Add({{"host", "a"}}, kNowNs, ProfileOf({{{"main"}, 3, "t"}}));
    fake->warnings = {folder + "/h-7.gdbm: damaged"};
    if (fails) fake->failure = Status(StatusCode::kDataLoss, folder + "/h-7.gdbm: damaged");
    DiscreetReader reader(std::move(fake), folder);
    const http::Handler handler = MakeHandler(&reader, [] { return kNowNs; });
    for (const std::string& path : RoutePaths()) {
      INFO(path);
      const http::Response response = handler({"GET", path, {}, {}, "127.0.0.1"});
      CHECK(response.body.find("secret") == std::string::npos);
      if (path == "/api/v1/flame") {
        CHECK(response.body.find("h-7.gdbm: damaged") != std::string::npos);
      }
    }
  }
}

}  // namespace
}  // namespace stacksampler::visualizer
