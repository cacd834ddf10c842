#include "reports/portlab/trial_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "reports/json_writer.h"

namespace portlab {

constexpr const char* kName = "trials.partial.jsonl";

Result<TrialLog> TrialLog::Open(const OutputFolder& folder, const nlohmann::json& header,
                                bool resume) {
  TrialLog log;
  log.path_ = folder.PathOf(kName);
  log.fd_.Reset(::open(log.path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!log.fd_) return Fail(SystemError("cannot write", log.path_));
  if (::flock(log.fd_.get(), LOCK_EX | LOCK_NB) != 0) {
    return Fail(Error::Errno(errno, "another run is writing to " + folder.path()));
  }
  const std::string first = JsonText(header, -1) + "\n";
  std::size_t good = 0;
  if (resume) {
    auto text = ReadWholeFile(log.path_);
    if (!text) return Fail(text.error());
    good = log.TakeOver(*text, first);
    log.began_anew_ = good == 0 && !text->empty();
  }
  if (::ftruncate(log.fd_.get(), static_cast<off_t>(good)) != 0 ||
      ::lseek(log.fd_.get(), 0, SEEK_END) < 0) {
    return Fail(SystemError("cannot write", log.path_));
  }
  if (good == 0) {
    if (auto written = WriteAll(log.fd_.get(), first, log.path_); !written) {
      log.Remove();
      return Fail(written.error());
    }
  }
  return log;
}

std::size_t TrialLog::TakeOver(const std::string& text, const std::string& header) {
  if (!text.starts_with(header)) return 0;
  std::size_t good = header.size();
  // A line that was cut off, and all behind it, is done again.
  for (std::size_t end; (end = text.find('\n', good)) != std::string::npos; good = end + 1) {
    const auto json = ParseJson(std::string_view(text).substr(good, end - good));
    auto trial = json ? TrialFromJson(*json) : Result<TrialRecord>(Fail(json.error()));
    if (!trial) break;
    trials_.push_back(std::move(*trial));
  }
  return good;
}

const TrialRecord* TrialLog::Find(const TrialRecord& like) const {
  const auto found = std::find_if(trials_.begin(), trials_.end(), [&](const TrialRecord& trial) {
    return trial.entry == like.entry && trial.mode == like.mode && trial.flavour == like.flavour &&
           trial.trigger == like.trigger;
  });
  return found == trials_.end() ? nullptr : &*found;
}

Result<void> TrialLog::Append(const TrialRecord& trial) {
  return WriteAll(fd_.get(), JsonText(TrialToJson(trial), -1) + "\n", path_);
}

void TrialLog::Remove() { ::unlink(path_.c_str()); }

void TrialLog::RemoveIfOurs() {
  if (trials_.empty()) Remove();
}

}  // namespace portlab
