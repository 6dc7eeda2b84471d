// Something a native session does bit by bit, whenever its connection takes more.
#pragma once

#include <cstdint>

#include "relay/serve/intrusive_list.h"

namespace xylem {

struct TaskTag;

class NativeTask : public ListNode<TaskTag> {
 public:
  enum class Step : std::uint8_t {
    again,  // there is more to do
    file,   // a file is on its way: nothing else may be sent before it has left; then there is more
    rest,   // nothing to do until something happens
    done,   // the task has ended: finish() it
  };
  virtual ~NativeTask() = default;
  virtual Step step() = 0;
  virtual void finish() = 0;  // leaves the session, which destroys it
};

}  // namespace xylem
