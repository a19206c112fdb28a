// SPDX-License-Identifier: MIT
#include "base/json_writer.h"

#include "support/catch.h"

namespace stacksampler {
namespace {

std::string Quoted(std::string_view text) { return JsonWriter().String(text).Take(); }

TEST_CASE("JsonWriter: places commas and colons") {
  JsonWriter json;
  json.BeginObject()
      .Key("a")
      .Int(-1)
      .Key("b")
      .BeginArray()
      .Uint(1)
      .Bool(true)
      .Null()
      .EndArray()
      .EndObject();
  CHECK(json.Take() == R"({"a":-1,"b":[1,true,null]})");
}

TEST_CASE("JsonWriter: escapes what HTML, JavaScript and terminals could read as their own") {
  CHECK(Quoted("a\"b\\c\n") == R"("a\"b\\c\u000a")");
  CHECK(Quoted("</script>&") == R"("\u003c/script\u003e\u0026")");
  CHECK(Quoted("\x1b[31m\xe2\x80\xa8") == R"("\u001b[31m\u2028")");
}

TEST_CASE("JsonWriter: plain text stays as it is between what is escaped") {
  CHECK(Quoted("") == "\"\"");
  CHECK(Quoted(" !#a~") == "\" !#a~\"");
  CHECK(Quoted("f<T>(\x7f) \xc3\xa9 g") == "\"f\\u003cT\\u003e(\\u007f) \xc3\xa9 g\"");
}

TEST_CASE("JsonWriter: a value that was written before is placed as any other") {
  const std::string text = Quoted("a\"b");
  JsonWriter json;
  json.BeginArray().Value(text).Int(INT64_MIN).Uint(UINT64_MAX).Value(text).EndArray();
  CHECK(json.Take() == R"(["a\"b",-9223372036854775808,18446744073709551615,"a\"b"])");
}

TEST_CASE("JsonWriter: replaces each byte that is not UTF-8") {
  CHECK(Quoted("\xff"
               "a\xc0\x80") ==
        "\"\xef\xbf\xbd"
        "a\xef\xbf\xbd\xef\xbf\xbd\"");
  CHECK(Quoted("\xed\xa0\x80") == "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");  // a surrogate
  CHECK(Quoted("\xf0\x9f\x94\xa5") == "\"\xf0\x9f\x94\xa5\"");
}

TEST_CASE("JsonWriter: a double reads back exactly, infinity is null") {
  CHECK(JsonWriter().Double(0.1).Take() == "0.1");
  CHECK(JsonWriter().Double(1.0 / 0.0).Take() == "null");
}

}  // namespace
}  // namespace stacksampler
