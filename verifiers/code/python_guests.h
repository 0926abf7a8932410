#pragma once
// The Python programs that run inside the sandboxes: one serves a candidate's functions, one runs a test file against them. They speak
// frames of plain data on descriptor 3 (channel.h); the messages are listed in split.h.
//
// The candidate's guest shares its process with the candidate, so it decides nothing: what it sends is checked and compared outside.

#include <string>

namespace hone {

const std::string& CandidateGuest();
const std::string& TestGuest();

}  // namespace hone
