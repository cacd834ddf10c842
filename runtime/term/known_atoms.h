// Atoms of the runtime's hot paths, interned once: an atom's name would be hashed every time.
// Threads: any. Ownership: never destroyed; a driver's thread may use them while the process ends.
#pragma once

#include "portlab/term.h"

namespace portlab {

struct KnownAtoms {
  const Term true_ = Term::Atom("true");
  const Term exit = Term::Atom("EXIT");
  const Term data = Term::Atom("data");
  const Term kill = Term::Atom("kill");
  const Term killed = Term::Atom("killed");
  const Term normal = Term::Atom("normal");
  const Term closed = Term::Atom("closed");
  const Term connected = Term::Atom("connected");
};

inline const KnownAtoms& Known() {
  static const KnownAtoms* const atoms = new KnownAtoms;
  return *atoms;
}

}  // namespace portlab
