#include "origin/drill/name_service.h"

#include <algorithm>

namespace xylem {
namespace {

constexpr std::chrono::milliseconds kAnswerMin{1};
constexpr std::chrono::milliseconds kAnswerMax{25};

}  // namespace

DnsAnswer NameService::answer(const DnsQuestion& question) const {
  DnsAnswer answer;
  answer.ttl = kTtl;
  answer.chain = {question.name};
  auto found = names_.find(question.name);
  while (found != names_.end() && found->second.alias && answer.chain.size() <= kCnameChainMax) {
    answer.chain.push_back(*found->second.alias);
    found = names_.find(*found->second.alias);
  }
  if (found == names_.end()) {
    answer.outcome = DnsOutcome::no_such_name;
    return answer;
  }
  const Records& records = found->second;
  if (question.type == DnsType::txt) answer.texts = records.texts;
  if (question.type == DnsType::srv) answer.servers = records.servers;
  if (question.type == DnsType::a) answer.addresses = records.addresses;
  std::ranges::sort(answer.texts);
  std::ranges::sort(answer.servers);
  std::ranges::sort(answer.addresses);
  const bool any = !answer.texts.empty() || !answer.servers.empty() || !answer.addresses.empty();
  answer.outcome = any ? DnsOutcome::data : DnsOutcome::no_data;
  return answer;
}

struct NameLookup::Search {
  EventQueue& queue;
  const NameService& service;
  RandomStream& random;
  Finder finder;
  OnFound on_found;
};

NameLookup::NameLookup(EventQueue& queue, const NameService& service, RandomStream& random, FindRequest request,
                       OnFound on_found)
    : search_(std::make_shared<Search>(
          Search{queue, service, random, Finder(std::move(request), FinderOptions{}), std::move(on_found)})) {
  ask(search_);
}

void NameLookup::ask(const std::shared_ptr<Search>& search) {
  for (const DnsQuestion& question : search->finder.take_questions()) {
    search->queue.after(search->random.duration(kAnswerMin, kAnswerMax), [weak = std::weak_ptr(search), question] {
      const auto asked = weak.lock();
      if (!asked || asked->finder.done()) return;
      DnsStep step{question, asked->service.answer(question), false, NameService::kTtl, {}};
      asked->finder.take_answer(std::move(step));
      if (asked->finder.done()) return asked->on_found(asked->finder.result());
      ask(asked);
    });
  }
}

}  // namespace xylem
