// Creation, lifetime, properties, raw memory, moves and autograd of tensors.
#include "Support.h"

#include <ATen/core/Generator.h>
#include <torch/csrc/autograd/autograd.h>

namespace {

at::Tensor with_grad(at::Tensor tensor, const Options& options) {
  if (options.requires_grad)
    tensor.set_requires_grad(true);
  return tensor;
}

// float32 unless said otherwise, as torch.zeros and its like have it.
at::TensorOptions or_float(const Options& options) {
  auto result = options.tensor_options();
  return options.dtype < 0 ? result.dtype(at::kFloat) : result;
}

}  // namespace

EXPORT(void) tensor_dispose(Handle tensor) { delete tensor; }
EXPORT(Handle) tensor_alias(Handle tensor) {
  return make([&] { return tensor->alias(); });
}

EXPORT(Handle) tensor_empty(const int64_t* sizes, int32_t rank, Options options) {
  return make([&] { return with_grad(at::empty(sizes_of(sizes, rank), or_float(options)), options); });
}
EXPORT(Handle) tensor_zeros(const int64_t* sizes, int32_t rank, Options options) {
  return make([&] { return with_grad(at::zeros(sizes_of(sizes, rank), or_float(options)), options); });
}
EXPORT(Handle) tensor_ones(const int64_t* sizes, int32_t rank, Options options) {
  return make([&] { return with_grad(at::ones(sizes_of(sizes, rank), or_float(options)), options); });
}
EXPORT(Handle) tensor_full(const int64_t* sizes, int32_t rank, Number value, Options options) {
  return make([&] {
    return with_grad(at::full(sizes_of(sizes, rank), value.scalar(), options.tensor_options()), options);
  });
}
EXPORT(Handle) tensor_empty_strided(const int64_t* sizes, const int64_t* strides, int32_t rank, Options options) {
  return make([&] {
    return with_grad(at::empty_strided(sizes_of(sizes, rank), sizes_of(strides, rank), or_float(options)), options);
  });
}
EXPORT(Handle) tensor_arange(Number start, Number stop, Number step, Options options) {
  return make([&] {
    return with_grad(at::arange(start.scalar(), stop.scalar(), step.scalar(), options.tensor_options()), options);
  });
}
EXPORT(Handle) tensor_linspace(double start, double end, int64_t steps, Options options) {
  return make([&] { return with_grad(at::linspace(start, end, steps, or_float(options)), options); });
}
EXPORT(Handle) tensor_eye(int64_t rows, int64_t columns, Options options) {
  return make([&] { return with_grad(at::eye(rows, columns, or_float(options)), options); });
}
EXPORT(Handle) tensor_rand(const int64_t* sizes, int32_t rank, Options options, at::Generator* generator) {
  return make([&] {
    return with_grad(at::rand(sizes_of(sizes, rank), optional_generator(generator), or_float(options)), options);
  });
}
EXPORT(Handle) tensor_randn(const int64_t* sizes, int32_t rank, Options options, at::Generator* generator) {
  return make([&] {
    return with_grad(at::randn(sizes_of(sizes, rank), optional_generator(generator), or_float(options)), options);
  });
}
EXPORT(Handle)
tensor_randint(
    int64_t low, int64_t high, const int64_t* sizes, int32_t rank, Options options, at::Generator* generator) {
  return make([&] {
    const auto type = options.dtype < 0 ? options.tensor_options().dtype(at::kLong) : options.tensor_options();
    return with_grad(at::randint(low, high, sizes_of(sizes, rank), optional_generator(generator), type), options);
  });
}
EXPORT(Handle) tensor_randperm(int64_t count, Options options, at::Generator* generator) {
  return make([&] {
    const auto type = options.dtype < 0 ? options.tensor_options().dtype(at::kLong) : options.tensor_options();
    return with_grad(at::randperm(count, optional_generator(generator), type), options);
  });
}

#define LIKE(name)                                                                        \
  EXPORT(Handle) tensor_##name(Handle tensor, Options options) {                          \
    return make([&] { return with_grad(at::name(*tensor, options.tensor_options()), options); }); \
  }
LIKE(empty_like)
LIKE(zeros_like)
LIKE(ones_like)
LIKE(rand_like)
LIKE(randn_like)
EXPORT(Handle) tensor_full_like(Handle tensor, Number value, Options options) {
  return make([&] { return with_grad(at::full_like(*tensor, value.scalar(), options.tensor_options()), options); });
}

// A tensor over memory that someone else owns; release(context) is called once nothing uses it any more.
EXPORT(Handle)
tensor_from_memory(
    void* data, const int64_t* sizes, int32_t rank, int32_t dtype, void (*release)(void*), void* context) {
  return make([&] {
    return at::from_blob(
        data, sizes_of(sizes, rank), [release, context](void*) { release(context); },
        at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype)));
  });
}
EXPORT(Handle) tensor_scalar(Number value, Options options) {
  return make([&] { return with_grad(at::scalar_tensor(value.scalar(), options.tensor_options()), options); });
}

EXPORT(int64_t) tensor_dim(Handle tensor) { return tensor->dim(); }
EXPORT(int64_t) tensor_numel(Handle tensor) { return tensor->numel(); }
EXPORT(int64_t) tensor_element_size(Handle tensor) { return static_cast<int64_t>(tensor->element_size()); }
EXPORT(int32_t) tensor_dtype(Handle tensor) { return static_cast<int32_t>(tensor->scalar_type()); }
EXPORT(int32_t) tensor_device_type(Handle tensor) { return static_cast<int32_t>(tensor->device().type()); }
EXPORT(int32_t) tensor_device_index(Handle tensor) { return tensor->device().index(); }
EXPORT(int32_t) tensor_requires_grad(Handle tensor) { return tensor->requires_grad(); }
EXPORT(int32_t) tensor_is_contiguous(Handle tensor) { return tensor->is_contiguous(); }
EXPORT(int32_t) tensor_is_leaf(Handle tensor) { return tensor->is_leaf(); }
EXPORT(int32_t) tensor_is_pinned(Handle tensor) {
  return value_or<int32_t>(-1, [&] { return tensor->is_pinned(); });
}
EXPORT(void) tensor_sizes(Handle tensor, int64_t* values) {
  std::copy(tensor->sizes().begin(), tensor->sizes().end(), values);
}
EXPORT(int32_t) tensor_strides(Handle tensor, int64_t* values) {
  return perform([&] { std::copy(tensor->strides().begin(), tensor->strides().end(), values); });
}
EXPORT(int64_t) tensor_size(Handle tensor, int64_t dim) {
  return value_or<int64_t>(-1, [&] { return tensor->size(dim); });
}
EXPORT(int64_t) tensor_stride(Handle tensor, int64_t dim) {
  return value_or<int64_t>(-1, [&] { return tensor->stride(dim); });
}
EXPORT(void*) tensor_data(Handle tensor) {
  return value_or<void*>(nullptr, [&] { return tensor->data_ptr(); });
}

EXPORT(Handle) tensor_to_dtype(Handle tensor, int32_t dtype, int32_t copy, int32_t non_blocking) {
  return make([&] { return tensor->to(static_cast<at::ScalarType>(dtype), non_blocking != 0, copy != 0); });
}
EXPORT(Handle)
tensor_to(Handle tensor, int32_t dtype, int32_t device_type, int32_t device_index, int32_t copy, int32_t non_blocking) {
  return make([&] {
    const auto type = dtype < 0 ? tensor->scalar_type() : static_cast<at::ScalarType>(dtype);
    const at::Device device(static_cast<at::DeviceType>(device_type), static_cast<c10::DeviceIndex>(device_index));
    return tensor->to(device, type, non_blocking != 0, copy != 0);
  });
}
EXPORT(Handle) tensor_clone(Handle tensor) {
  return make([&] { return tensor->clone(); });
}
EXPORT(Handle) tensor_contiguous(Handle tensor) {
  return make([&] { return tensor->contiguous(); });
}
EXPORT(Handle) tensor_pin_memory(Handle tensor) {
  return make([&] { return tensor->pin_memory(); });
}
EXPORT(int32_t) tensor_copy_(Handle tensor, Handle source, int32_t non_blocking) {
  return perform([&] { tensor->copy_(*source, non_blocking != 0); });
}
EXPORT(int32_t) tensor_set_(Handle tensor, Handle source) {
  return perform([&] { tensor->set_(*source); });
}

EXPORT(int32_t) tensor_set_requires_grad(Handle tensor, int32_t requires_grad) {
  return perform([&] { tensor->set_requires_grad(requires_grad != 0); });
}
EXPORT(int32_t) tensor_retain_grad(Handle tensor) {
  return perform([&] { tensor->retain_grad(); });
}
// Null without an error where there is no gradient.
EXPORT(Handle) tensor_grad(Handle tensor) {
  return value_or<Handle>(nullptr, [&]() -> Handle {
    const auto& grad = tensor->grad();
    return grad.defined() ? new at::Tensor(grad) : nullptr;
  });
}
EXPORT(int32_t) tensor_set_grad(Handle tensor, Handle grad) {
  return perform([&] { tensor->mutable_grad() = grad ? *grad : at::Tensor(); });
}
EXPORT(Handle) tensor_detach(Handle tensor) {
  return make([&] { return tensor->detach(); });
}
EXPORT(int32_t) tensor_detach_(Handle tensor) {
  return perform([&] { tensor->detach_(); });
}
EXPORT(int32_t)
autograd_backward(
    const Handle* tensors, int32_t count, const Handle* grads, int32_t grad_count, int32_t retain_graph,
    int32_t create_graph, const Handle* inputs, int32_t input_count) {
  return perform([&] {
    torch::autograd::backward(
        tensors_of(tensors, count), tensors_of(grads, grad_count), retain_graph != 0, create_graph != 0,
        tensors_of(inputs, input_count));
  });
}
// Writes one gradient per input into results; null where the input was not used.
EXPORT(int32_t)
autograd_grad(
    const Handle* outputs, int32_t output_count, const Handle* inputs, int32_t input_count, const Handle* grads,
    int32_t grad_count, int32_t retain_graph, int32_t create_graph, int32_t allow_unused, Handle* results) {
  return perform([&] {
    auto found = torch::autograd::grad(
        tensors_of(outputs, output_count), tensors_of(inputs, input_count), tensors_of(grads, grad_count),
        retain_graph != 0, create_graph != 0, allow_unused != 0);
    for (size_t i = 0; i < found.size(); i++)
      results[i] = found[i].defined() ? new at::Tensor(std::move(found[i])) : nullptr;
  });
}
