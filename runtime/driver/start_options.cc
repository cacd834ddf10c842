#include "driver/start_options.h"

namespace portlab {
namespace {

thread_local const StartOptions* current_options = nullptr;

}  // namespace

const StartOptions* StartOptions::Current() { return current_options; }

StartOptions::Scope::Scope(const StartOptions& options) { current_options = &options; }
StartOptions::Scope::~Scope() { current_options = nullptr; }

}  // namespace portlab
