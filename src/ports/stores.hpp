// Stores: all that the market remembers over a restart, one port a subject, over one database. What
// opens a database hands out all of them, so that they are in one file, one backup, one server.
#pragma once

#include <functional>
#include <memory>

#include "ports/answer_store.hpp"
#include "ports/audit_store.hpp"
#include "ports/history_store.hpp"
#include "ports/refusal_store.hpp"
#include "ports/report_store.hpp"
#include "ports/session_store.hpp"
#include "ports/store.hpp"
#include "ports/store_figures.hpp"

namespace obelisk::ports {

struct Stores {
  std::unique_ptr<Store> leases;
  std::unique_ptr<AuditStore> audit = nullptr;
  std::unique_ptr<ReportStore> reports = nullptr;
  std::unique_ptr<RefusalStore> refusals = nullptr;
  std::unique_ptr<SessionStore> sessions = nullptr;
  std::unique_ptr<AnswerStore> answers = nullptr;
  std::unique_ptr<HistoryStore> history = nullptr;
  // Of all of them together; may be empty.
  std::function<StoreFigures()> figures = nullptr;
};

}  // namespace obelisk::ports
