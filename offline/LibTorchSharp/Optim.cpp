// One optimizer step over all parameters of a group: a call per step instead of a call per operation and tensor.
#include "Support.h"

#include <c10/core/GradMode.h>

#include <cmath>

namespace {

// Runs `update` for each parameter that has a gradient, outside of autograd.
template <class F> int32_t update_each(const Handle* parameters, int32_t count, F&& update) noexcept {
  return perform([&] {
    c10::AutoGradMode no_grad(false);
    for (int32_t i = 0; i < count; i++) {
      const at::Tensor gradient = parameters[i]->grad();
      if (gradient.defined())
        update(i, *parameters[i], gradient);
    }
  });
}

}  // namespace

// momentum_buffers: null where a parameter has not been stepped yet; filled in here where momentum is used.
EXPORT(int32_t)
optim_sgd_step(
    const Handle* parameters, Handle* momentum_buffers, int32_t count, double learning_rate, double momentum,
    double dampening, double weight_decay, int32_t nesterov, int32_t maximize) {
  return update_each(parameters, count, [&](int32_t i, at::Tensor& parameter, at::Tensor direction) {
    if (weight_decay != 0)
      direction = direction.add(parameter, weight_decay);
    if (momentum != 0) {
      if (!momentum_buffers[i])
        momentum_buffers[i] = new at::Tensor(direction.clone());
      else
        momentum_buffers[i]->mul_(momentum).add_(direction, 1 - dampening);
      direction = nesterov ? direction.add(*momentum_buffers[i], momentum) : *momentum_buffers[i];
    }
    parameter.add_(direction, maximize ? learning_rate : -learning_rate);
  });
}

// steps: the updates each parameter has seen, counted up here. largest_squares: null entries without amsgrad.
// decoupled: weight decay shrinks the parameter (AdamW) instead of adding to the gradient (Adam).
EXPORT(int32_t)
optim_adam_step(
    const Handle* parameters, const Handle* averages, const Handle* squares, const Handle* largest_squares,
    int64_t* steps, int32_t count, double learning_rate, double beta1, double beta2, double eps, double weight_decay,
    int32_t decoupled, int32_t maximize) {
  return update_each(parameters, count, [&](int32_t i, at::Tensor& parameter, at::Tensor gradient) {
    if (maximize)
      gradient = -gradient;
    if (decoupled)
      parameter.mul_(1 - learning_rate * weight_decay);
    else if (weight_decay != 0)
      gradient = gradient.add(parameter, weight_decay);

    const auto step = static_cast<double>(++steps[i]);
    averages[i]->mul_(beta1).add_(gradient, 1 - beta1);
    squares[i]->mul_(beta2).addcmul_(gradient, gradient, 1 - beta2);
    at::Tensor square = *squares[i];
    if (largest_squares[i])
      square = at::maximum_out(*largest_squares[i], *largest_squares[i], square);
    const auto scale = square.sqrt().div_(std::sqrt(1 - std::pow(beta2, step))).add_(eps);
    parameter.addcdiv_(*averages[i], scale, -learning_rate / (1 - std::pow(beta1, step)));
  });
}
