// Dates and clocks.

#include <algorithm>
#include <array>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "verifiers/puzzles/draw.h"
#include "verifiers/puzzles/families.h"

namespace hone {
namespace {

struct Date {
  int64_t year = 0, month = 1, day = 1;
  bool operator==(const Date&) const = default;
};
std::string Text(const Date& date) {
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}
bool IsLeap(int64_t year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}
int64_t DaysIn(int64_t year, int64_t month) {
  constexpr int64_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return kDays[month - 1] + (month == 2 && IsLeap(year));
}
// Days since 1 March of the year 0, years that begin in March: the leap day is the last of its year.
int64_t DayNumber(const Date& date) {
  const int64_t month = (date.month + 9) % 12, year = date.year - (date.month <= 2);
  return 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + date.day - 1;
}
Date FromDayNumber(int64_t number) {
  int64_t year = (10'000 * number + 14'780) / 3'652'425;
  auto day_of_year = [&] { return number - (365 * year + year / 4 - year / 100 + year / 400); };
  if (day_of_year() < 0) --year;
  const int64_t day = day_of_year(), month = (100 * day + 52) / 3'060;
  return {year + (month + 2) / 12, (month + 2) % 12 + 1, day - (month * 306 + 5) / 10 + 1};
}
// The day after, by the calendar.
void Next(Date& date) {
  if (++date.day <= DaysIn(date.year, date.month)) return;
  date.day = 1;
  if (++date.month <= 12) return;
  date.month = 1;
  ++date.year;
}
void Previous(Date& date) {
  if (--date.day >= 1) return;
  if (--date.month < 1) {
    date.month = 12;
    --date.year;
  }
  date.day = DaysIn(date.year, date.month);
}
Date RandomDate(RandomCursor& random, int64_t low, int64_t high) {
  Date date{random.Between(low, high), random.Between(1, 12), 1};
  date.day = random.Between(1, DaysIn(date.year, date.month));
  return date;
}
PuzzleData::Ints Flat(const Date& date) {
  return {date.year, date.month, date.day};
}
Date ReadDate(const PuzzleData::Ints& flat) {
  return {flat[0], flat[1], flat[2]};
}

class DateShift : public PuzzleFamily {
 public:
  DateShift() : PuzzleFamily({"date_shift", "the date so many days before or after another", AnswerForm::kText}) {}
  std::string LevelText(int level) const override { return fmt::format("up to {} days", kDays[level - 1]); }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Date date = RandomDate(random, 1900, 2099);
    const int64_t days = NonZero(random, -kDays[level - 1], kDays[level - 1]);
    return {.question = fmt::format("Which date is {} day{} {} {}? Answer with just the date as year-month-day, as in 2024-02-29.",
                                    days < 0 ? -days : days, days == 1 || days == -1 ? "" : "s", days < 0 ? "before" : "after", Text(date)),
            .answer = Text(FromDayNumber(DayNumber(date) + days)),
            .data = {{"date", Flat(date)}, {"days", days}}};
  }
  // Day by day.
  std::string Solve(const PuzzleData& data) const override {
    Date date = ReadDate(data.IntList("date"));
    for (int64_t i = 0; i < data.Int("days"); ++i) Next(date);
    for (int64_t i = 0; i > data.Int("days"); --i) Previous(date);
    return Text(date);
  }
  std::vector<std::string> NearMisses(const Puzzle& puzzle, RandomCursor& random) const override {
    const int64_t right = DayNumber(ReadDate(puzzle.data.IntList("date"))) + puzzle.data.Int("days");
    return CollectNearMisses([&] { return Text(FromDayNumber(right + NonZero(random, -3, 3) * (Chance(random, 20) ? 30 : 1))); });
  }

 private:
  static constexpr int64_t kDays[kPuzzleLevels] = {20, 60, 200, 1'000, 10'000};
};

class DaysBetween : public PuzzleFamily {
 public:
  DaysBetween() : PuzzleFamily({"days_between", "the number of days from one date to another", AnswerForm::kNumber}) {}
  std::string LevelText(int level) const override { return fmt::format("up to {} days", kDays[level - 1]); }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Date from = RandomDate(random, 1900, 2099);
    const int64_t days = random.Between(2, kDays[level - 1]);
    const Date to = FromDayNumber(DayNumber(from) + days);
    return {.question =
                fmt::format("How many days after {} is {} (dates as year-month-day)? Answer with just the number.", Text(from), Text(to)),
            .answer = std::to_string(days),
            .data = {{"from", Flat(from)}, {"to", Flat(to)}}};
  }
  // Day by day.
  std::string Solve(const PuzzleData& data) const override {
    int64_t days = 0;
    const Date to = ReadDate(data.IntList("to"));
    for (Date date = ReadDate(data.IntList("from")); !(date == to); Next(date)) ++days;
    return std::to_string(days);
  }

 private:
  static constexpr int64_t kDays[kPuzzleLevels] = {28, 90, 366, 2'000, 20'000};
};

constexpr std::array<const char*, 7> kWeekdays = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

class Weekday : public PuzzleFamily {
 public:
  Weekday() : PuzzleFamily({"weekday", "the day of the week of a date, given that of another", AnswerForm::kText}) {}
  std::string LevelText(int level) const override { return fmt::format("dates up to {} days apart", kDays[level - 1]); }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Date known = RandomDate(random, 1800, 2199);
    const int64_t days = NonZero(random, -kDays[level - 1], kDays[level - 1]), number = DayNumber(known);
    const Date asked = FromDayNumber(number + days);
    auto weekday = [](int64_t day) { return kWeekdays[static_cast<size_t>((day + 2) % 7)]; };  // 1 March of the year 0 was a Wednesday
    return {.question = fmt::format("{} is a {}. What day of the week is {} (dates as year-month-day)? Answer with just the day.",
                                    Text(known), weekday(number), Text(asked)),
            .answer = weekday(number + days),
            .data = {{"known", Flat(known)}, {"asked", Flat(asked)}}};
  }
  // Zeller's congruence, on the date alone.
  std::string Solve(const PuzzleData& data) const override {
    const Date date = ReadDate(data.IntList("asked"));
    const int64_t month = date.month <= 2 ? date.month + 12 : date.month, year = date.year - (date.month <= 2), k = year % 100,
                  j = year / 100;
    const int64_t h = (date.day + 13 * (month + 1) / 5 + k + k / 4 + j / 4 + 5 * j) % 7;  // 0 is Saturday
    return kWeekdays[static_cast<size_t>((h + 5) % 7)];
  }
  std::vector<std::string> NearMisses(const Puzzle& puzzle, RandomCursor& random) const override {
    return OtherChoices({kWeekdays.begin(), kWeekdays.end()}, puzzle.answer, random);
  }

 private:
  static constexpr int64_t kDays[kPuzzleLevels] = {14, 100, 400, 3'000, 60'000};
};

std::string Clock(int64_t minutes) {
  return fmt::format("{:02}:{:02}", minutes / 60, minutes % 60);
}

class ClockArithmetic : public PuzzleFamily {
 public:
  ClockArithmetic() : PuzzleFamily({"clock_arithmetic", "the time of day after durations and changes of time zone", AnswerForm::kText}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} change{}{}", kChanges[level - 1], kChanges[level - 1] == 1 ? "" : "s", level >= 3 ? ", with time zones" : "");
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const int64_t start = random.Between(0, 1439);
    int64_t now = start;
    PuzzleData::Ints changes;
    std::string text;
    for (size_t i = 0; i < kChanges[level - 1]; ++i) {
      const int64_t kind = random.Between(0, level >= 3 ? 2 : 1);
      const int64_t minutes = kind == 2 ? 60 * NonZero(random, -11, 11) : random.Between(1, 1200);
      now += kind == 1 ? -minutes : minutes;
      changes.push_back(kind == 1 ? -minutes : minutes);
      const int64_t size = minutes < 0 ? -minutes : minutes;
      text += kind == 2 ? fmt::format("It is set to a time zone {} hours {}.\n", size / 60, minutes < 0 ? "behind" : "ahead")
                        : fmt::format("It is {} by {} hours and {} minutes.\n", kind == 1 ? "turned back" : "moved forward", size / 60,
                                      size % 60);
    }
    return {.question = fmt::format("A clock with 24 hours shows {}.\n{}What does it show then? Answer with just the time, as in 07:05.",
                                    Clock(start), text),
            .answer = Clock(((now % 1440) + 1440) % 1440),
            .data = {{"start", start}, {"changes", changes}}};
  }
  // Hours and minutes on two hands, carried from one to the other.
  std::string Solve(const PuzzleData& data) const override {
    int64_t hour = data.Int("start") / 60, minute = data.Int("start") % 60;
    for (const int64_t change : data.IntList("changes")) {
      hour += change / 60, minute += change % 60;
      for (; minute >= 60; minute -= 60) ++hour;
      for (; minute < 0; minute += 60) --hour;
      for (; hour >= 24; hour -= 24) {
      }
      for (; hour < 0; hour += 24) {
      }
    }
    return fmt::format("{:02}:{:02}", hour, minute);
  }
  std::vector<std::string> NearMisses(const Puzzle& puzzle, RandomCursor& random) const override {
    const int64_t right = std::stoll(puzzle.answer.substr(0, 2)) * 60 + std::stoll(puzzle.answer.substr(3));
    return CollectNearMisses([&] { return Clock((right + NonZero(random, -3, 3) * (Chance(random, 40) ? 60 : 1) + 1440) % 1440); });
  }

 private:
  static constexpr size_t kChanges[kPuzzleLevels] = {1, 2, 3, 5, 8};
};

class MeetingSlot : public PuzzleFamily {
 public:
  MeetingSlot() : PuzzleFamily({"meeting_slot", "the earliest time at which everybody is free for long enough", AnswerForm::kText}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} people with {} meetings each", kLevels[level - 1].people, kLevels[level - 1].meetings);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    for (;;) {
      const int64_t length = random.Between(2, 8) * 15;
      PuzzleData::Ints busy;  // from, to
      for (int64_t person = 0; person < at.people; ++person) {
        std::vector<int64_t> ends = Distinct(random, static_cast<size_t>(2 * at.meetings), kOpen / 15, kClose / 15);
        std::sort(ends.begin(), ends.end());
        for (const int64_t end : ends) busy.push_back(15 * end);
      }
      int64_t start = kOpen;  // moved behind every meeting that it runs into
      for (bool moved = true; moved;) {
        moved = false;
        for (size_t i = 0; i < busy.size(); i += 2) {
          if (start >= busy[i + 1] || start + length <= busy[i]) continue;
          start = busy[i + 1];
          moved = true;
        }
      }
      if (start == kOpen || start + length > kClose) continue;
      std::string text;
      const size_t each = static_cast<size_t>(2 * at.meetings);  // ends of meetings a person
      for (size_t i = 0; i < busy.size(); i += 2) {
        if (i % each == 0) text += fmt::format("{}Person {}:", i == 0 ? "" : "\n", static_cast<char>('A' + i / each));
        text += fmt::format("{} {} to {}", i % each == 0 ? "" : ",", Clock(busy[i]), Clock(busy[i + 1]));
      }
      text += "\n";
      return {
          .question = fmt::format("People work from {} to {} and are busy at these times:\n{}When can they all meet for {} minutes at the "
                                  "earliest? Answer with just the time at which the meeting starts, as in 07:05.",
                                  Clock(kOpen), Clock(kClose), text, length),
          .answer = Clock(start),
          .data = {{"busy", busy}, {"length", length}}};
    }
  }
  // Minute by minute: how long all have been free.
  std::string Solve(const PuzzleData& data) const override {
    const auto& busy = data.IntList("busy");
    int64_t free = 0;
    for (int64_t minute = kOpen; minute < kClose; ++minute) {
      bool taken = false;
      for (size_t i = 0; i + 1 < busy.size(); i += 2) taken = taken || (busy[i] <= minute && minute < busy[i + 1]);
      free = taken ? 0 : free + 1;
      if (free == data.Int("length")) return Clock(minute + 1 - free);
    }
    return "";
  }
  std::vector<std::string> NearMisses(const Puzzle& puzzle, RandomCursor& random) const override {
    const int64_t right = std::stoll(puzzle.answer.substr(0, 2)) * 60 + std::stoll(puzzle.answer.substr(3));
    return CollectNearMisses([&] { return Clock(right + 15 * NonZero(random, -6, 6)); });
  }

 private:
  struct Level {
    int64_t people, meetings;
  };
  static constexpr int64_t kOpen = 8 * 60, kClose = 18 * 60;
  static constexpr Level kLevels[kPuzzleLevels] = {{2, 1}, {2, 3}, {3, 3}, {4, 4}, {5, 5}};
};

}  // namespace

PuzzleFamilies TimeFamilies() {
  return MakeFamilies<DateShift, DaysBetween, Weekday, ClockArithmetic, MeetingSlot>();
}

}  // namespace hone
