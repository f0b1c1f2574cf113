// torch.nn.functional.
#include "Support.h"

EXPORT(Handle)
nn_conv2d(
    Handle input, Handle weight, Handle bias, const int64_t* stride, int32_t stride_count, const int64_t* padding,
    int32_t padding_count, const int64_t* dilation, int32_t dilation_count, int64_t groups) {
  return make([&] {
    return at::conv2d(
        *input, *weight, optional_tensor(bias), sizes_of(stride, stride_count), sizes_of(padding, padding_count),
        sizes_of(dilation, dilation_count), groups);
  });
}
EXPORT(Handle) nn_linear(Handle input, Handle weight, Handle bias) {
  return make([&] { return at::linear(*input, *weight, optional_tensor(bias)); });
}
EXPORT(Handle)
nn_batch_norm(
    Handle input, Handle running_mean, Handle running_var, Handle weight, Handle bias, int32_t training,
    double momentum, double eps) {
  return make([&] {
    return at::batch_norm(
        *input, optional_tensor(weight), optional_tensor(bias), optional_tensor(running_mean),
        optional_tensor(running_var), training != 0, momentum, eps, at::globalContext().userEnabledCuDNN());
  });
}
EXPORT(Handle) nn_group_norm(Handle input, int64_t groups, Handle weight, Handle bias, double eps) {
  return make([&] { return at::group_norm(*input, groups, optional_tensor(weight), optional_tensor(bias), eps); });
}
EXPORT(Handle)
nn_layer_norm(Handle input, const int64_t* shape, int32_t rank, Handle weight, Handle bias, double eps) {
  return make([&] {
    return at::layer_norm(*input, sizes_of(shape, rank), optional_tensor(weight), optional_tensor(bias), eps);
  });
}
EXPORT(Handle)
nn_max_pool2d(
    Handle input, const int64_t* kernel, int32_t kernel_count, const int64_t* stride, int32_t stride_count,
    const int64_t* padding, int32_t padding_count, const int64_t* dilation, int32_t dilation_count, int32_t ceil_mode) {
  return make([&] {
    return at::max_pool2d(
        *input, sizes_of(kernel, kernel_count), sizes_of(stride, stride_count), sizes_of(padding, padding_count),
        sizes_of(dilation, dilation_count), ceil_mode != 0);
  });
}
EXPORT(Handle)
nn_avg_pool2d(
    Handle input, const int64_t* kernel, int32_t kernel_count, const int64_t* stride, int32_t stride_count,
    const int64_t* padding, int32_t padding_count, int32_t ceil_mode, int32_t count_include_pad,
    const int64_t* divisor) {
  return make([&] {
    return at::avg_pool2d(
        *input, sizes_of(kernel, kernel_count), sizes_of(stride, stride_count), sizes_of(padding, padding_count),
        ceil_mode != 0, count_include_pad != 0, optional_int(divisor));
  });
}
EXPORT(Handle) nn_adaptive_avg_pool2d(Handle input, const int64_t* sizes, int32_t count) {
  return make([&] { return at::adaptive_avg_pool2d(*input, sizes_of(sizes, count)); });
}
EXPORT(Handle)
nn_cross_entropy(
    Handle input, Handle target, Handle weight, int64_t reduction, int64_t ignore_index, double label_smoothing) {
  return make([&] {
    return at::cross_entropy_loss(
        *input, *target, optional_tensor(weight), reduction, ignore_index, label_smoothing);
  });
}
EXPORT(Handle) nn_nll_loss(Handle input, Handle target, Handle weight, int64_t reduction) {
  return make([&] { return at::nll_loss_nd(*input, *target, optional_tensor(weight), reduction, -100); });
}
EXPORT(Handle)
nn_binary_cross_entropy_with_logits(
    Handle input, Handle target, Handle weight, Handle positive_weight, int64_t reduction) {
  return make([&] {
    return at::binary_cross_entropy_with_logits(
        *input, *target, optional_tensor(weight), optional_tensor(positive_weight), reduction);
  });
}
EXPORT(Handle) nn_mse_loss(Handle input, Handle target, int64_t reduction) {
  return make([&] { return at::mse_loss(*input, *target, reduction); });
}
EXPORT(Handle) nn_dropout(Handle input, double p, int32_t training, int32_t in_place) {
  return make([&] {
    return in_place ? at::dropout_(*input, p, training != 0) : at::dropout(*input, p, training != 0);
  });
}
EXPORT(Handle) nn_one_hot(Handle input, int64_t classes) {
  return make([&] { return at::one_hot(*input, classes); });
}
EXPORT(Handle)
nn_pad(Handle input, const int64_t* pad, int32_t count, const char* mode, double value) {
  return make([&] { return at::pad(*input, sizes_of(pad, count), mode, value); });
}
EXPORT(Handle)
nn_grid_sample(Handle input, Handle grid, int64_t mode, int64_t padding_mode, int32_t align_corners) {
  return make([&] { return at::grid_sampler(*input, *grid, mode, padding_mode, align_corners != 0); });
}
EXPORT(Handle) nn_affine_grid(Handle theta, const int64_t* sizes, int32_t count, int32_t align_corners) {
  return make([&] { return at::affine_grid_generator(*theta, sizes_of(sizes, count), align_corners != 0); });
}
// mode: 0 nearest, 2 bilinear, 3 bicubic, 5 area. Exactly one of sizes and scales is given; align_corners -1 is unset.
EXPORT(Handle)
nn_interpolate(
    Handle input, int32_t mode, const int64_t* sizes, const double* scales, int32_t count, int32_t align_corners) {
  return make([&] {
    Optional<at::ArrayRef<double>> factors;
    at::OptionalIntArrayRef size;
    std::vector<int64_t> area;
    if (sizes)
      size = sizes_of(sizes, count);
    else
      factors = at::ArrayRef<double>(scales, static_cast<size_t>(count));
    switch (mode) {
      case 0: return at::upsample_nearest2d(*input, size, factors);
      case 2: return at::upsample_bilinear2d(*input, size, align_corners > 0, factors);
      case 3: return at::upsample_bicubic2d(*input, size, align_corners > 0, factors);
      default:
        for (int32_t i = 0; i < count; i++)
          area.push_back(
              sizes ? sizes[i] : static_cast<int64_t>(static_cast<double>(input->size(2 + i)) * scales[i]));
        return at::adaptive_avg_pool2d(*input, area);
    }
  });
}
