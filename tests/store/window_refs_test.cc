// SPDX-License-Identifier: MIT
#include "store/window_refs.h"

#include "support/catch.h"

namespace stacksampler::store {
namespace {

const Labels kTarget = {{"host", "a"}};

}  // namespace

TEST_CASE("WindowRefs: an id that is not above its instance's last is stored") {
  WindowRefs refs;
  CHECK_FALSE(refs.Stored(kTarget, {"run1", 1}));
  refs.Remember(kTarget, {"run1", 5}, 1);
  refs.Remember(kTarget, {"run2", 1}, 1);
  CHECK(refs.Stored(kTarget, {"run1", 5}));
  CHECK(refs.Stored(kTarget, {"run1", 4}));
  CHECK_FALSE(refs.Stored(kTarget, {"run1", 6}));
  CHECK_FALSE(refs.Stored(kTarget, {"run2", 2}));
  CHECK_FALSE(refs.Stored({{"host", "b"}}, {"run1", 5}));
  const std::vector<WindowRef> last = refs.Last(kTarget);
  REQUIRE(last.size() == 2);
  CHECK((last[0].instance == "run2" && last[0].id == 1));
  CHECK((last[1].instance == "run1" && last[1].id == 5));
}

TEST_CASE("WindowRefs: sources without windows are never held back") {
  WindowRefs refs;
  refs.Remember(kTarget, {"", 0}, 1);
  CHECK_FALSE(refs.Stored(kTarget, {"", 0}));
  CHECK(refs.Last(kTarget).empty());
}

TEST_CASE("WindowRefs: an import is remembered, and keeps no process from being acknowledged") {
  WindowRefs refs;
  refs.Remember(kTarget, {"import-0123456789abcdef", 1700000000}, 1);
  CHECK(refs.Last(kTarget).empty());
  refs.Remember(kTarget, {"run1", 5}, 1);
  refs.Remember(kTarget, {"import-0123456789abcdef", 1700000060}, 1);
  CHECK(refs.Stored(kTarget, {"import-0123456789abcdef", 1700000060}));
  REQUIRE(refs.Last(kTarget).size() == 1);
  CHECK(refs.Last(kTarget)[0].instance == "run1");
}

TEST_CASE("WindowRefs: the instance longest unheard of is forgotten first") {
  WindowRefs refs;
  for (size_t i = 0; i <= kMaxInstances; ++i) {
    refs.Remember(kTarget, {"run" + std::to_string(i), 1}, 1);
  }
  CHECK_FALSE(refs.Stored(kTarget, {"run0", 1}));
  CHECK(refs.Stored(kTarget, {"run1", 1}));
}

TEST_CASE("WindowRefs: they read back, without targets unheard of for long") {
  WindowRefs refs;
  refs.Remember(kTarget, {"run1", 5}, 1);
  refs.Remember(kTarget, {"run2", 7}, 2);
  refs.Remember({{"host", "b"}}, {"run", 9}, WindowRefs::kMaxSegments);
  WindowRefs back;
  const std::string bytes = refs.Encode(WindowRefs::kMaxSegments + 2);
  ByteReader in(bytes);
  back.Decode(&in);
  CHECK(in.ok());
  CHECK(back.Stored(kTarget, {"run1", 5}));
  CHECK(back.Last(kTarget).at(0).id == 7);
  CHECK(back.Last(kTarget).at(1).id == 5);

  WindowRefs later;
  const std::string fewer = refs.Encode(WindowRefs::kMaxSegments + 3);
  ByteReader in_fewer(fewer);
  later.Decode(&in_fewer);
  CHECK(later.Last(kTarget).empty());
  CHECK(later.Last({{"host", "b"}}).at(0).id == 9);
}

}  // namespace stacksampler::store
