// Errors, devices, threads, random generators, gradient modes.
#include "Support.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/core/Generator.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>

#include <cstring>
#include <mutex>

namespace {

thread_local std::string last_error;
thread_local bool has_error = false;

const c10::impl::DeviceGuardImplInterface* cuda_guard() {
  return c10::impl::hasDeviceGuardImpl(at::kCUDA) ? c10::impl::getDeviceGuardImpl(at::kCUDA) : nullptr;
}

}  // namespace

at::Scalar Number::scalar() const {
  if (kind == 1) {
    double value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }
  return kind == 2 ? at::Scalar(bits != 0) : at::Scalar(bits);
}

at::TensorOptions Options::tensor_options() const {
  at::TensorOptions options;
  if (dtype >= 0)
    options = options.dtype(static_cast<at::ScalarType>(dtype));
  if (device_type >= 0)
    options = options.device(
        at::Device(static_cast<at::DeviceType>(device_type), static_cast<c10::DeviceIndex>(device_index)));
  return options;
}

void remember_error() noexcept {
  try {
    try {
      throw;
    } catch (const std::exception& error) {
      last_error = error.what();
    } catch (...) {
      last_error = "LibTorch failed without saying why.";
    }
    has_error = true;
  } catch (...) {
    has_error = true;  // No memory left even for the message.
  }
}

// The message of this thread's last failure, or null. Valid until the thread's next failure.
EXPORT(const char*) torch_take_error() {
  if (!has_error)
    return nullptr;
  has_error = false;
  return last_error.c_str();
}

EXPORT(int32_t) torch_get_num_threads() { return at::get_num_threads(); }
EXPORT(int32_t) torch_get_num_interop_threads() { return at::get_num_interop_threads(); }
EXPORT(int32_t) torch_set_num_threads(int32_t count) {
  return perform([&] { at::set_num_threads(count); });
}

EXPORT(int32_t) torch_cuda_device_count() {
  return value_or<int32_t>(0, [] {
    const auto* guard = cuda_guard();
    return guard ? static_cast<int32_t>(guard->deviceCount()) : 0;
  });
}
EXPORT(int32_t) torch_cuda_synchronize(int32_t index) {
  return perform([&] {
    const auto* guard = cuda_guard();
    TORCH_CHECK(guard, "This LibTorch was built without CUDA.");
    const auto device = index < 0 ? guard->getDevice() : at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(index));
    at::detail::getCUDAHooks().deviceSynchronize(device.index());
  });
}
EXPORT(int32_t) torch_cudnn_available() {
  return value_or<int32_t>(0, [] { return at::globalContext().hasCuDNN(); });
}
EXPORT(int32_t) torch_allow_tf32(int32_t cudnn) {
  return value_or<int32_t>(0, [&] {
    return cudnn ? at::globalContext().allowTF32CuDNN() : at::globalContext().allowTF32CuBLAS();
  });
}
EXPORT(int32_t) torch_set_allow_tf32(int32_t cudnn, int32_t allow) {
  return perform([&] {
    if (cudnn)
      at::globalContext().setAllowTF32CuDNN(allow != 0);
    else
      at::globalContext().setAllowTF32CuBLAS(allow != 0);
  });
}

EXPORT(int32_t) torch_manual_seed(int64_t seed) {
  return perform([&] { at::manual_seed(static_cast<uint64_t>(seed)); });
}
// index -1: every CUDA device.
EXPORT(int32_t) torch_cuda_manual_seed(int64_t seed, int32_t index) {
  return perform([&] {
    const auto* guard = cuda_guard();
    if (!guard)
      return;
    const int first = index < 0 ? 0 : index;
    const int last = index < 0 ? guard->deviceCount() : index + 1;
    for (int i = first; i < last; i++) {
      auto generator = at::globalContext().defaultGenerator(at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(i)));
      std::lock_guard<std::mutex> lock(generator.mutex());
      generator.set_current_seed(static_cast<uint64_t>(seed));
    }
  });
}
EXPORT(int32_t) torch_cuda_current_device() {
  return value_or<int32_t>(0, [] {
    const auto* guard = cuda_guard();
    return guard ? static_cast<int32_t>(guard->getDevice().index()) : 0;
  });
}

EXPORT(at::Generator*) generator_default() {
  return value_or<at::Generator*>(nullptr, [] { return new at::Generator(at::detail::getDefaultCPUGenerator()); });
}
EXPORT(at::Generator*) generator_new(uint64_t seed) {
  return value_or<at::Generator*>(nullptr, [&] { return new at::Generator(at::detail::createCPUGenerator(seed)); });
}
EXPORT(void) generator_dispose(at::Generator* generator) { delete generator; }
EXPORT(int64_t) generator_initial_seed(at::Generator* generator) {
  return value_or<int64_t>(0, [&] { return static_cast<int64_t>(generator->current_seed()); });
}
EXPORT(int32_t) generator_manual_seed(at::Generator* generator, int64_t seed) {
  return perform([&] {
    std::lock_guard<std::mutex> lock(generator->mutex());
    generator->set_current_seed(static_cast<uint64_t>(seed));
  });
}
EXPORT(Handle) generator_get_state(at::Generator* generator) {
  return make([&] {
    std::lock_guard<std::mutex> lock(generator->mutex());
    return generator->get_state();
  });
}
EXPORT(int32_t) generator_set_state(at::Generator* generator, Handle state) {
  return perform([&] {
    std::lock_guard<std::mutex> lock(generator->mutex());
    generator->set_state(*state);
  });
}

EXPORT(int32_t) torch_grad_enabled() { return c10::GradMode::is_enabled(); }
EXPORT(void) torch_set_grad_enabled(int32_t enabled) { c10::GradMode::set_enabled(enabled != 0); }
EXPORT(int32_t) torch_inference_mode_enabled() { return c10::InferenceMode::is_enabled(); }
EXPORT(c10::InferenceMode*) torch_enter_inference_mode(int32_t enabled) {
  return value_or<c10::InferenceMode*>(nullptr, [&] { return new c10::InferenceMode(enabled != 0); });
}
EXPORT(void) torch_leave_inference_mode(c10::InferenceMode* mode) { delete mode; }
