// SPDX-License-Identifier: MIT
//
// phrase = base *( chain | "/" unit )       chain = ("+"|"-") lengths, the sign holds for all of
// them base   = "now" | nothing before a chain | past | "in" ( lengths | an ) | day [[at|T] time]
//        | time [day] | epoch
// past   = lengths ["ago"] | an ["ago"] | ("last"|"past") ( unit | lengths ["ago"] )
// lengths = 1*( number unit )               an = ["half"] ["a"|"an"] unit
// day    = "today" | "yesterday" | "tomorrow" | ["last"] weekday | date
// epoch  = ["@"] digits: up to 11 are s (with a fraction if need be), 14 ms, 17 us, more ns
// Dates and times of day are in time_calendar.h, lengths in time_lengths.h, the words in
// time_words.cc.
#include "base/time_phrase.h"

#include "base/civil_time.h"
#include "base/time_calendar.h"
#include "base/time_lengths.h"

namespace stacksampler {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr const char* kExpectTime =
    "expected a time such as '-15minutes', 'yesterday 14:00' or '2026-11-22T05:00:00Z'";
constexpr const char* kExpectTail = "expected '+' (in a URL '%2B'), '-', '/' or the end";

class Parser {
 public:
  Parser(std::string_view text, int64_t now_ns, TimeEdge edge, const TimeZone& zone)
      : cursor_(text),
        zone_(zone),
        now_ns_(now_ns),
        today_(DayOf(zone.ToLocal(now_ns).value_or(now_ns))),
        edge_(edge),
        ns_(now_ns) {}

  TimePhrase Parse();

 private:
  // Each moves ns_, or returns false after Fail().
  bool Base();
  bool NumberBase();
  bool WordBase();
  bool LastOrPast();
  bool Tail();
  bool Round();

  bool WholeDay(sys_days day, const TimeToken& token);
  bool DayThenTime(sys_days day);
  bool TimeThenDay();
  bool Date(PhraseDate* date);
  bool Weekday(std::chrono::weekday weekday, bool strictly_before);
  bool At(sys_days day, const PhraseClock& clock, const TimeToken& token);
  bool Epoch();

  [[nodiscard]] const TimeToken& Peek(size_t ahead = 0) const { return cursor_.Peek(ahead); }
  bool SkipWord(std::string_view word) { return cursor_.SkipWord(word); }
  bool Fail(const TimeToken& at, const char* message) { return cursor_.Fail(at, message); }
  bool Become(std::optional<int64_t> ns, const TimeToken& token);

  TimeCursor cursor_;
  const TimeZone& zone_;
  const int64_t now_ns_;
  const sys_days today_;
  const TimeEdge edge_;
  int64_t ns_;
  TimeLengths lengths_{&cursor_, zone_, edge_, &ns_};
  bool relative_ = true;
};

TimePhrase Parser::Parse() {
  TimePhrase phrase;
  phrase.ok = Base() && Tail();
  if (phrase.ok) {
    phrase.ns = ns_;
    phrase.relative = relative_;
  } else {
    phrase.error_position = cursor_.error_position();
    phrase.error = cursor_.error();
  }
  return phrase;
}

bool Parser::Become(std::optional<int64_t> ns, const TimeToken& token) {
  if (!ns) return Fail(token, kExpectTimeInRange);
  ns_ = *ns;
  return true;
}

bool Parser::Base() {
  if (Peek().IsSign()) return true;  // "-15minutes": the chain of Tail() starts from now
  if (cursor_.SkipSymbol('@')) return Epoch();
  if (Peek().IsNumber()) return NumberBase();
  if (Peek().kind == TimeToken::Kind::kWord) return WordBase();
  return Fail(Peek(), kExpectTime);
}

bool Parser::NumberBase() {
  if (StartsTimeOfDay(cursor_)) return TimeThenDay();
  PhraseDate date;
  if (StartsDate(cursor_)) return Date(&date) && DayThenTime(date.day);
  if (Peek(1).kind == TimeToken::Kind::kWord) return lengths_.ReadAgo(-1);
  return Epoch();
}

bool Parser::WordBase() {
  const TimeToken word = Peek();
  if (SkipWord("now")) return true;
  if (SkipWord("today")) return DayThenTime(today_);
  if (SkipWord("yesterday")) return DayThenTime(today_ - days(1));
  if (SkipWord("tomorrow")) return DayThenTime(today_ + days(1));
  if (SkipWord("in")) return lengths_.ReadAgo(+1);
  if (SkipWord("last") || SkipWord("past")) return LastOrPast();
  if (word.IsWord("a") || word.IsWord("an") || word.IsWord("half")) return lengths_.ReadAgo(-1);
  if (StartsTimeOfDay(cursor_)) return TimeThenDay();
  PhraseDate date;
  if (StartsDate(cursor_)) return Date(&date) && DayThenTime(date.day);
  if (const auto weekday = WeekdayNamed(word.text)) return Weekday(*weekday, false);
  return Fail(word, kExpectTime);
}

// "last monday", "last hour", "past 15 minutes".
bool Parser::LastOrPast() {
  const TimeToken word = Peek();
  if (word.IsNumber()) return lengths_.ReadAgo(-1);
  if (const auto weekday = WeekdayNamed(word.text)) return Weekday(*weekday, true);
  if (!TimeUnitNamed(word.text)) return Fail(word, "expected a unit or a weekday");
  return lengths_.ReadUnit(-1);
}

bool Parser::Tail() {
  while (Peek().kind != TimeToken::Kind::kEnd) {
    const TimeToken token = Peek();
    cursor_.Skip();
    if (token.IsSign()) {
      if (!lengths_.Read(token.IsSymbol('-') ? -1 : +1)) return false;
    } else if (token.IsSymbol('/')) {
      if (!Round()) return false;
    } else {
      return Fail(token, kExpectTail);
    }
  }
  return true;
}

bool Parser::Round() {
  const TimeToken word = Peek();
  const auto unit = TimeUnitNamed(word.text);
  if (!unit) return Fail(word, "expected a unit to round to, such as 'd'");
  cursor_.Skip();
  return Become(edge_ == TimeEdge::kFrom ? zone_.FloorTo(*unit, ns_) : zone_.LastOf(*unit, ns_),
                word);
}

// ---- Days and times of day.

bool Parser::At(sys_days day, const PhraseClock& clock, const TimeToken& token) {
  if (clock.east_ns) return Become(NsOf(day, clock.ns_of_day - *clock.east_ns), token);
  const auto local_ns = NsOf(day, clock.ns_of_day);
  return Become(local_ns ? zone_.FromLocal(*local_ns, edge_) : local_ns, token);
}

bool Parser::WholeDay(sys_days day, const TimeToken& token) {
  if (edge_ == TimeEdge::kFrom) return At(day, {}, token);
  const auto local_ns = NsOf(day, kDayNs - 1);
  return Become(local_ns ? zone_.LastUpTo(*local_ns) : local_ns, token);
}

// A day alone is all of it: its first nanosecond or, as the end of a range, its last.
bool Parser::DayThenTime(sys_days day) {
  const TimeToken token = Peek();
  const bool separator = SkipWord("t") || SkipWord("at");
  if (!separator && !StartsTimeOfDay(cursor_)) return WholeDay(day, token);
  PhraseClock clock;
  return ReadTimeOfDay(&cursor_, &clock) && At(day, clock, token);
}

// A time of day alone is the latest one that has passed.
bool Parser::TimeThenDay() {
  const TimeToken token = Peek();
  PhraseClock time;
  if (!ReadTimeOfDay(&cursor_, &time)) return false;
  if (SkipWord("today")) return At(today_, time, token);
  if (SkipWord("yesterday")) return At(today_ - days(1), time, token);
  if (SkipWord("tomorrow")) return At(today_ + days(1), time, token);
  PhraseDate date;
  if (StartsDate(cursor_)) return Date(&date) && At(date.day, time, token);
  return At(today_, time, token) && (ns_ <= now_ns_ || At(today_ - days(1), time, token));
}

bool Parser::Date(PhraseDate* date) {
  if (!ReadDate(&cursor_, today_, date)) return false;
  relative_ = !date->has_year;
  return true;
}

// The latest such day; with a time of day the latest that has passed.
bool Parser::Weekday(std::chrono::weekday weekday, bool strictly_before) {
  const TimeToken word = Peek();
  cursor_.Skip();
  days back = std::chrono::weekday(today_) - weekday;
  if (strictly_before && back == days(0)) back = days(7);
  const bool whole_day = !StartsTimeOfDay(cursor_) && !Peek().IsWord("at");
  if (!DayThenTime(today_ - back)) return false;
  if (whole_day || ns_ <= now_ns_) return true;
  return zone_.AddDays(-7 * kDayNs, edge_, &ns_) || Fail(word, kExpectTimeInRange);
}

bool Parser::Epoch() {
  const TimeToken token = Peek();
  const auto value = token.IsNumber() ? DigitsValue(token.text) : std::nullopt;
  if (!value) return Fail(token, "expected seconds since 1970-01-01");
  int64_t unit_ns = kSecondNs;
  for (const size_t longest : {11, 14, 17}) {
    if (token.text.size() > longest) unit_ns /= 1000;
  }
  if (unit_ns != kSecondNs && !token.fraction.empty()) {
    return Fail(token, "expected a whole number: only seconds have a fraction");
  }
  cursor_.Skip();
  relative_ = false;
  ns_ = 0;
  const auto ns = ScaleUnit(*value, FractionBillionths(token.fraction), unit_ns);
  return (ns && AddNanoseconds(*ns, &ns_)) || Fail(token, kExpectTimeInRange);
}

}  // namespace

TimePhrase ParseTimePhrase(std::string_view text, int64_t now_ns, TimeEdge edge,
                           const TimeZone& zone) {
  return Parser(text, now_ns, edge, zone).Parse();
}

}  // namespace stacksampler
