// Doubly linked lists whose links are part of the elements: no allocation, removal without a search, and an element
// that dies leaves its list by itself. A class stands in several lists by deriving from several ListNode<Tag>.
#pragma once

#include <cstddef>

namespace xylem {

template <typename Tag>
class ListNode {
 public:
  ListNode() = default;
  ~ListNode() { unlink(); }
  ListNode(const ListNode&) = delete;
  ListNode& operator=(const ListNode&) = delete;

  bool linked() const { return next_ != nullptr; }
  void unlink() {
    if (!linked()) return;
    previous_->next_ = next_;
    next_->previous_ = previous_;
    next_ = previous_ = nullptr;
  }

 private:
  template <typename T, typename ListTag>
  friend class IntrusiveList;

  ListNode* next_ = nullptr;
  ListNode* previous_ = nullptr;
};

// T derives from ListNode<Tag>. The list owns nothing; its elements must leave it before it dies.
template <typename T, typename Tag>
class IntrusiveList {
 public:
  IntrusiveList() { end_.next_ = end_.previous_ = &end_; }

  bool empty() const { return end_.next_ == &end_; }
  T* front() { return empty() ? nullptr : from_node(end_.next_); }
  const T* front() const { return empty() ? nullptr : static_cast<const T*>(end_.next_); }
  // The element after this one, or nullptr. An element may be unlinked before its turn, and the one just visited too,
  // when its successor was taken before.
  T* after(T& element) {
    ListNode<Tag>* next = node(element).next_;
    return next == &end_ ? nullptr : from_node(next);
  }

  // Leaves the list it stands in, if any.
  void push_back(T& element) {
    ListNode<Tag>& added = node(element);
    added.unlink();
    added.previous_ = end_.previous_;
    added.next_ = &end_;
    end_.previous_->next_ = &added;
    end_.previous_ = &added;
  }
  T* pop_front() {
    T* first = front();
    if (first != nullptr) node(*first).unlink();
    return first;
  }
  // All elements of the other list, in their order, behind those of this one.
  void take_all(IntrusiveList& other) {
    while (T* element = other.pop_front()) push_back(*element);
  }

 private:
  static ListNode<Tag>& node(T& element) { return element; }
  static T* from_node(ListNode<Tag>* link) { return static_cast<T*>(link); }

  ListNode<Tag> end_;
};

}  // namespace xylem
