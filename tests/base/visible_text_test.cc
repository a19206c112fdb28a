// SPDX-License-Identifier: MIT
#include "base/visible_text.h"

#include "support/catch.h"

namespace stacksampler {
namespace {

TEST_CASE("VisibleText: what can be seen stays as it is") {
  for (const char* text :
       {"", "std::map<int, char>::at", "имя::функция", "\xf0\x9d\x95\x8f", "a\\b"}) {
    CHECK(VisibleText(text) == text);
  }
}

TEST_CASE("VisibleText: what cannot be seen is spelled, what is no UTF-8 is replaced") {
  CHECK(VisibleText("a\nb\x1b[31m") == "a\\u{a}b\\u{1b}[31m");
  CHECK(VisibleText(std::string_view("\0", 1)) == "\\u{0}");
  CHECK(VisibleText("\xc2\x9b\x7f") == "\\u{9b}\\u{7f}");
  CHECK(VisibleText("x\xe2\x80\xaey") == "x\\u{202e}y");
  CHECK(VisibleText("\xe2\x81\xa6\xe2\x80\xa8\xef\xbb\xbf") == "\\u{2066}\\u{2028}\\u{feff}");
  CHECK(VisibleText("\xf3\xa0\x80\x81") == "\\u{e0001}");
  CHECK(VisibleText("a\xff"
                    "b\xc3") ==
        "a\xef\xbf\xbd"
        "b\xef\xbf\xbd");
}

TEST_CASE("Shortened: whole letters, the last one an ellipsis, and no longer than asked for") {
  CHECK(Shortened("abcd", 4) == "abcd");
  CHECK(Shortened("abcde", 4) == "abc\xe2\x80\xa6");
  CHECK(Shortened("\xc3\xa4\xc3\xb6\xc3\xbc", 2) == "\xc3\xa4\xe2\x80\xa6");
  CHECK(Shortened("", 3).empty());
}

}  // namespace
}  // namespace stacksampler
