// What every export shares: how tensors, scalars and errors cross the C boundary.
//
// A tensor crosses as a pointer to a heap-allocated at::Tensor that the managed side owns; null means "no tensor".
// An export that fails returns null, 0 or -1 and leaves its message for torch_take_error on the same thread.
#pragma once

#include <ATen/ATen.h>

#include <string>
#include <tuple>
#include <utility>
#include <vector>

#if defined(_WIN32)
#define EXPORT(type) extern "C" __declspec(dllexport) type
#else
#define EXPORT(type) extern "C" __attribute__((visibility("default"))) type
#endif

using Handle = at::Tensor*;

// std::optional in LibTorch 2.x, c10::optional before: whatever this LibTorch takes.
template <class> struct OptionalOf;
template <template <class> class O, class T> struct OptionalOf<O<T>> {
  template <class U> using type = O<U>;
};
template <class T>
using Optional = OptionalOf<decltype(std::declval<at::TensorOptions>().dtype_opt())>::type<T>;

// A number whose type is part of its meaning: an integer added to an integer tensor stays an integer.
struct Number {
  int64_t kind;  // 0 integer, 1 floating point, 2 boolean, -1 absent
  int64_t bits;

  bool present() const { return kind >= 0; }
  at::Scalar scalar() const;
  Optional<at::Scalar> optional() const {
    return present() ? Optional<at::Scalar>(scalar()) : Optional<at::Scalar>();
  }
};

// dtype -1 and device type -1 mean "the default".
struct Options {
  int32_t dtype;
  int32_t device_type;
  int32_t device_index;
  int32_t requires_grad;

  at::TensorOptions tensor_options() const;
};

void remember_error() noexcept;

template <class F> Handle make(F&& body) noexcept {
  try {
    return new at::Tensor(body());
  } catch (...) {
    remember_error();
    return nullptr;
  }
}

template <class F> int32_t perform(F&& body) noexcept {
  try {
    body();
    return 1;
  } catch (...) {
    remember_error();
    return 0;
  }
}

template <class T, class F> T value_or(T on_error, F&& body) noexcept {
  try {
    return static_cast<T>(body());
  } catch (...) {
    remember_error();
    return on_error;
  }
}

inline at::IntArrayRef sizes_of(const int64_t* values, int32_t count) {
  return at::IntArrayRef(values, static_cast<size_t>(count));
}

inline Optional<at::Tensor> optional_tensor(Handle handle) {
  return handle ? Optional<at::Tensor>(*handle) : Optional<at::Tensor>();
}

inline Optional<at::ScalarType> optional_dtype(int32_t dtype) {
  return dtype < 0 ? Optional<at::ScalarType>() : Optional<at::ScalarType>(static_cast<at::ScalarType>(dtype));
}

inline Optional<int64_t> optional_int(const int64_t* value) {
  return value ? Optional<int64_t>(*value) : Optional<int64_t>();
}

inline Optional<at::Generator> optional_generator(at::Generator* generator) {
  return generator ? Optional<at::Generator>(*generator) : Optional<at::Generator>();
}

inline std::vector<at::Tensor> tensors_of(const Handle* handles, int32_t count) {
  std::vector<at::Tensor> tensors;
  tensors.reserve(count);
  for (int32_t i = 0; i < count; i++)
    tensors.push_back(handles[i] ? *handles[i] : at::Tensor());
  return tensors;
}

inline int32_t give_pair(std::tuple<at::Tensor, at::Tensor>&& pair, Handle* first, Handle* second) {
  *first = new at::Tensor(std::move(std::get<0>(pair)));
  *second = new at::Tensor(std::move(std::get<1>(pair)));
  return 1;
}
