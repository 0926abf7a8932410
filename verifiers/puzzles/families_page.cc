#include "fmt/format.h"
#include "verifiers/puzzles/registry.h"

namespace hone {
namespace {
constexpr char kOpening[] = R"(# Puzzles

Tasks without end for training with verifiable rewards: {0} families, each with {1} levels, a generator, a solver and a scorer of its own. This
page is written by the program from its own tables (`hone puzzles list --markdown`); a test keeps it so.

## In a recipe

```json
"data": {{"source": "puzzles", "params": {{"families": ["countdown", "maze_path"], "level": 1, "level_max": 2}}}},
"verifiers": [{{"name": "accuracy", "verifier": "puzzle", "weight": 1}}]
```

| parameter | meaning |
|---|---|
| `families` | names from the tables below, drawn equally often; all when left out |
| `level`, `level_max` | a level between the two is drawn for each task; `level` alone when `level_max` is left out |
| `schedule` | levels by task instead: `["0:1", "2000:1-2", "6000:3"]` is level 1 to task 1999, then 1 and 2, then 3. Held-out tasks come from all levels that the schedule reaches, from the first step on |
| `heldout_percent` | share of all puzzles that are held out (20) |

The same seed gives the same tasks on every machine. What makes a puzzle (its numbers, its grid) decides whether it is held out, so no
training task is ever a held-out task, whatever the seeds. From level 2 on every family has more than a million puzzles.

## How answers are read

The final answer is the last `<answer>..</answer>`; else the last `\boxed{{..}}`; else what follows the last "answer:" or "answer is"; else the
last line (a grid: all lines behind the last blank one). Only the whole of it counts: "7 or 8" is not 7. The score is 1 or 0.

| form | when two answers are the same |
|---|---|
| number | compared exactly: 7, -5, 3/4, 2.50; "x = 7" is 7 |
| text | case and the amount of white space do not count |
| list | items between commas or spaces, brackets around them or not |
| set | a list in any order |
| grid | lines; white space in them and empty lines do not count |

Where several answers are right (any path that is shortest, any valid colouring), each of them scores 1.

## From the command line

```sh
hone puzzles list
hone puzzles show countdown --level 2 --seed 7 --count 3
hone puzzles show sudoku --json | head -1
```

A line of `--json` holds `question`, `reference`, `family`, `level` and `data`: as a JSONL data set it needs nothing but the verifier `puzzle`.

## Families
)";
}  // namespace

std::string PuzzlesMarkdown() {
  std::string page = fmt::format(fmt::runtime(kOpening), KnownPuzzles().size(), kPuzzleLevels);
  for (const auto& family : KnownPuzzles()) {
    page += fmt::format("\n### {}\n\n{} (answer: {})\n\n| level | |\n|---|---|\n", family->facts().name, family->facts().description,
                        Name(family->facts().form));
    for (int level = 1; level <= kPuzzleLevels; ++level) page += fmt::format("| {} | {} |\n", level, family->LevelText(level));
  }
  return page;
}

}  // namespace hone
