/* Fault: throws a C++ exception that nobody catches (CWE-248). As a port program: std::terminate
 * aborts it: exit_status 134. */
#include <stdexcept>

#include "packet_loop.h"

namespace {

/* What a standard container does with an index that is too high. */
void LookUp() { throw std::out_of_range("no such entry"); }

}  // namespace

int main(int argc, char** argv) { return packet_loop(argc, argv, LookUp); }
