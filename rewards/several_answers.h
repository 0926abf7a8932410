#pragma once

#include <string_view>

namespace hone {

// Whether a completion gives more than one different final answer: a way to be right by hedging, wherever a verifier accepts any of them.
//
// Final answers are the contents of \boxed{...} and \fbox{...} (of a nested pair the outer one), of <answer>...</answer>, and single
// letters A to H behind "answer is", "answer:" and the like. They are compared without white space, each notation by itself. Text up to the
// last
// </think> is left out: there a model may change its mind.
//
// Cost: linear in the text, which is any bytes.
bool HasSeveralAnswers(std::string_view completion);

}  // namespace hone
