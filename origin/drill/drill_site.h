// The site behind the origins: one writer for each feed, which posts request after request as an idempotent producer
// and repeats one until it is acknowledged, whatever crashes meanwhile.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "origin/drill/drill_origin.h"
#include "origin/drill/drill_world.h"

namespace xylem {

class DrillSite {
 public:
  // `origin_of` gives the running origin of a bucket, or nothing.
  using OriginOf = std::function<DrillOrigin*(Bucket)>;
  DrillSite(DrillWorld& world, OriginOf origin_of);
  ~DrillSite();

  // No new requests; what is begun is finished.
  void stop() { stopped_ = true; }
  // One more request in each feed, the last.
  void post_last();
  bool idle() const;

 private:
  class Writer;

  DrillWorld& world_;
  const OriginOf origin_of_;
  bool stopped_ = false;
  std::map<FeedId, std::unique_ptr<Writer>> writers_;
};

}  // namespace xylem
