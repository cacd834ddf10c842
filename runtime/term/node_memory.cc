#include "term/node_memory.h"

#include <utility>

namespace portlab {

bool NodeMemory::MayKeep(const List& list) {
  thread_local constinit bool ended = false;
  // Gives the blocks back when the thread ends.
  struct Keeper {
    Keeper() {
      for (List& mine : lists_) mine.may_keep = kKept;
    }
    ~Keeper() {
      for (List& mine : lists_) {
        mine.may_keep = 0;
        while (mine.first != nullptr) {
          ::operator delete(std::exchange(mine.first, mine.first->next));
        }
      }
      ended = true;
    }
  };
  if (ended) return false;
  thread_local const Keeper keeper;
  return list.kept < list.may_keep;
}

}  // namespace portlab
