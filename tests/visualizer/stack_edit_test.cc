// SPDX-License-Identifier: MIT
#include "visualizer/stack_edit.h"

#include "stacksampler/folded.h"
#include "support/catch.h"
#include "visualizer/fixture.h"

namespace stacksampler::visualizer {
namespace {

using nlohmann::json;

Fixture Service() {
  Fixture fixture;
  fixture.store.Add({{"host", "web-1"}}, kNowNs - kMinuteNs,
                    ProfileOf({{{"main", "serve", "parse", "malloc"}, 4, "t"},
                               {{"main", "serve", "send"}, 3, "t"},
                               {{"main", "walk", "walk", "walk", "malloc"}, 2, "t"},
                               {{"main", "idle"}, 1, "t"}}));
  return fixture;
}

std::string Folded(const Fixture& fixture, const std::string& edit) {
  return fixture.Get("/api/v1/export", {{"edit", edit}, {"format", "folded"}}).body;
}

TEST_CASE("StackEdit: focus keeps the stacks through a frame, several are all wanted") {
  const Fixture fixture = Service();
  CHECK(Folded(fixture, "focus:malloc") ==
        "main;serve;parse;malloc 4\nmain;walk;walk;walk;malloc 2\n");
  CHECK(Folded(fixture, "focus:malloc;focus:serve") == "main;serve;parse;malloc 4\n");
  CHECK(Folded(fixture, "focus:nothing") == "");
}

TEST_CASE("StackEdit: drop takes whole stacks away, and says how much that was") {
  const Fixture fixture = Service();
  CHECK(Folded(fixture, "drop:malloc") == "main;serve;send 3\nmain;idle 1\n");
  const json answer = fixture.GetJson("/api/v1/flame", {{"edit", "drop:malloc;drop:idle"}});
  CHECK(answer["total"] == 15000);
  CHECK(answer["left_out"] == 35000);
  CHECK(fixture.GetJson("/api/v1/flame")["left_out"] == 0);
}

TEST_CASE("StackEdit: what is left and what went have the unit of the range before the edit") {
  Fixture fixture = Service();
  fixture.store.Add({}, kNowNs, ProfileOf({{{"main", "of unknown period"}, 3, "t"}}, 0));
  const Fixture::Params params = {{"edit", "drop:of unknown period"}, {"fn", "main"}};
  const json answer = fixture.GetJson("/api/v1/flame", params);
  CHECK(answer["unit"] == "samples");
  CHECK(answer["total"] == 10);
  CHECK(answer["left_out"] == 3);
  CHECK(fixture.GetJson("/api/v1/share", params)["unit"] == "samples");
}

TEST_CASE("StackEdit: hide gives a frame's callees and its own time to its caller") {
  const Fixture fixture = Service();
  CHECK(Folded(fixture, "hide:serve;hide:malloc") ==
        "main;parse 4\nmain;send 3\nmain;walk;walk;walk 2\nmain;idle 1\n");
  const json answer = fixture.GetJson("/api/v1/flame", {{"edit", "hide:main"}});
  CHECK(answer["total"] == 50000);
  CHECK(answer["left_out"] == 0);
}

TEST_CASE("StackEdit: what is dropped is decided before anything is hidden") {
  CHECK(Folded(Service(), "hide:malloc;drop:malloc;drop:idle") == "main;serve;send 3\n");
}

TEST_CASE("StackEdit: recursion becomes one frame, also where hiding brought frames together") {
  const Fixture fixture = Service();
  CHECK(Folded(fixture, "recursion;focus:walk") == "main;walk;malloc 2\n");
  Fixture mutual;
  mutual.store.Add({}, kNowNs, ProfileOf({{{"a", "b", "a", "b", "c"}, 1, "t"}}));
  CHECK(Folded(mutual, "recursion") == "a;b;a;b;c 1\n");
  CHECK(Folded(mutual, "recursion;hide:b") == "a;c 1\n");
}

TEST_CASE("StackEdit: expressions match as in a search, names are taken as they are") {
  const Fixture fixture = Service();
  CHECK(Folded(fixture, "drop~^(IDLE|send)$") != Folded(fixture, "drop~^(idle|send)$"));
  CHECK(Folded(fixture, "drop~^(walk|parse|idle)$") == "main;serve;send 3\n");
  CHECK(Folded(fixture, "drop:^(walk|parse|idle)$") == Folded(fixture, ""));
}

TEST_CASE("StackEdit: all answers are of the edited stacks, and agree") {
  const Fixture fixture = Service();
  const Fixture::Params params = {{"edit", "drop:idle;hide:serve"}, {"q", "parse"}, {"fn", "main"}};
  CHECK(fixture.GetJson("/api/v1/flame", params)["total"] == 45000);
  CHECK(fixture.GetJson("/api/v1/top", params)["total"] == 45000);
  CHECK(fixture.GetJson("/api/v1/search", params)["total"] == 45000);
  CHECK(fixture.GetJson("/api/v1/sandwich", params)["callees"]["names"] ==
        json({"main", "parse", "malloc", "send", "walk"}));
  Fixture::Params compared = params;
  compared.emplace("base_where", "host=web-1");
  const json diff = fixture.GetJson("/api/v1/diff", compared);
  CHECK(diff["current"]["total"] == 45000);
  CHECK(diff["base"]["left_out"] == 5000);
}

TEST_CASE("StackEdit: the totals are those of the unpruned stacks, whatever the width") {
  Fixture fixture;
  std::vector<StackOf> stacks = {{{"big"}, 1'000'000, "t"}};
  for (int i = 0; i < 500; ++i) stacks.push_back({{"f" + std::to_string(i), "tiny"}, 1, "t"});
  fixture.store.Add({}, kNowNs, ProfileOf(stacks));
  const json answer = fixture.GetJson("/api/v1/flame", {{"edit", "drop:tiny"}, {"width", "100"}});
  CHECK(answer["left_out"] == 500 * 5000);
  CHECK(answer["total"] == 1'000'000 * int64_t{5000});
}

TEST_CASE("StackEdit: only my code leaves out the run time and the system's libraries") {
  CHECK(IsSystemFrame("std::vector<int>::push_back", "/srv/app"));
  CHECK(IsSystemFrame("malloc", "/usr/lib/x86_64-linux-gnu/libc.so.6"));
  CHECK(IsSystemFrame("_dl_start", "/lib64/ld-linux-x86-64.so.2"));
  CHECK(IsSystemFrame("clock_gettime", "[vdso]"));
  CHECK(IsSystemFrame("deflate", "libz.so.1"));
  CHECK(IsSystemFrame("_dl_start", "ld-linux-x86-64.so.2"));
  CHECK_FALSE(IsSystemFrame("mine", "libmine.so"));
  CHECK_FALSE(IsSystemFrame("mine", "libmine.so.old"));
  CHECK_FALSE(IsSystemFrame("mine", "plugin.so.1"));
  CHECK_FALSE(IsSystemFrame("shop::Run", "/srv/shop/orderd"));
  CHECK_FALSE(IsSystemFrame("Exec", "/usr/lib/postgresql/15/bin/postgres"));
  CHECK_FALSE(IsSystemFrame("plpgsql_exec", "/usr/lib/postgresql/15/lib/plpgsql.so"));
  CHECK_FALSE(IsSystemFrame("mine", "/opt/app/lib/libmine.so"));
  CHECK_FALSE(IsSystemFrame("[unsampled]", ""));
  CHECK_FALSE(IsSystemFrame("stdx::f", ""));
  Fixture fixture;
  Profile profile;
  Frame leaf;
  leaf.name = profile.InternString("malloc");
  leaf.mapping = profile.InternMapping("/usr/lib/libc.so.6", "");
  const StackId mine = profile.InternStack(0, profile.InternFrame("mine"));
  const StackId copy = profile.InternStack(mine, profile.InternFrame("std::copy"));
  profile.AddSample(profile.InternStack(copy, profile.InternFrame(leaf)), 0, 3, 3 * kPeriodNs);
  fixture.store.Add({}, kNowNs, profile);
  CHECK(Folded(fixture, "mine") == "mine 3\n");
  CHECK(Folded(fixture, "module:libc.so.6") == "mine;std::copy 3\n");
  CHECK(Folded(fixture, "module:/usr/lib/libc.so.6") == "mine;std::copy 3\n");
  CHECK(Folded(fixture, "module:/lib/libc.so.6") == "mine;std::copy;malloc 3\n");
}

TEST_CASE("StackEdit: the timeline of a recording is edited with its samples") {
  Profile profile;
  const StackId keep = profile.InternStack(0, profile.InternFrame("keep"));
  const StackId drop = profile.InternStack(keep, profile.InternFrame("drop"));
  profile.AddTimedSample({10, keep, 0, 1, 5});
  profile.AddTimedSample({20, drop, 0, 2, 10});
  StackEdit edit;
  REQUIRE_FALSE(ParseEdit("drop:drop", &edit));
  const EditedProfile edited = ApplyEdit(profile, edit);
  CHECK(edited.profile.timeline().size() == 1);
  CHECK(edited.profile.TotalWeight() == 1);
  CHECK(edited.left_out_weight == 2);
  CHECK(edited.left_out_cpu_ns == 10);
}

TEST_CASE("StackEdit: a term that is none is refused with its place") {
  const std::pair<const char*, size_t> bad[] = {
      {"x", 0}, {"drop:", 0}, {"mine;drop", 5}, {"mine;hide~(", 5}, {"module~libc", 0}, {";", 0}};
  for (const auto& [text, position] : bad) {
    INFO(text);
    StackEdit edit;
    const auto refused = ParseEdit(text, &edit);
    REQUIRE(refused);
    CHECK(refused->parameter == "edit");
    CHECK(refused->position == position);
    CHECK(Fixture().Get("/api/v1/flame", {{"edit", text}}).status == 400);
  }
  std::string many = "mine";
  for (int i = 0; i < 40; ++i) many += ";mine";
  CHECK(Fixture().Get("/api/v1/flame", {{"edit", many}}).status == 400);
}

}  // namespace
}  // namespace stacksampler::visualizer
