// Arithmetic, comparisons, reductions and random fills.
#include "Support.h"

#include <ATen/core/Generator.h>

#include <limits>

#define UNARY(name) \
  EXPORT(Handle) tensor_##name(Handle tensor) { return make([&] { return at::name(*tensor); }); }
#define UNARY_IN_PLACE(name) \
  EXPORT(int32_t) tensor_##name##_(Handle tensor) { return perform([&] { at::name##_(*tensor); }); }

UNARY(abs) UNARY(neg) UNARY(exp) UNARY(log) UNARY(sqrt) UNARY(rsqrt) UNARY(square) UNARY(reciprocal) UNARY(sigmoid)
UNARY(tanh) UNARY(relu) UNARY(floor) UNARY(ceil) UNARY(round) UNARY(sign) UNARY(sin) UNARY(cos) UNARY(isfinite)
UNARY(isnan) UNARY(logical_not) UNARY(all) UNARY(any) UNARY(max) UNARY(min) UNARY(nonzero) UNARY(median)
UNARY_IN_PLACE(abs) UNARY_IN_PLACE(neg) UNARY_IN_PLACE(exp) UNARY_IN_PLACE(log) UNARY_IN_PLACE(sqrt)
UNARY_IN_PLACE(reciprocal) UNARY_IN_PLACE(sigmoid) UNARY_IN_PLACE(relu) UNARY_IN_PLACE(floor)
UNARY_IN_PLACE(round) UNARY_IN_PLACE(zero)

#define BINARY(name)                                        \
  EXPORT(Handle) tensor_##name(Handle tensor, Handle other) { \
    return make([&] { return at::name(*tensor, *other); });   \
  }
#define BINARY_NUMBER(name)                                             \
  EXPORT(Handle) tensor_##name##_number(Handle tensor, Number other) {  \
    return make([&] { return at::name(*tensor, other.scalar()); });     \
  }
#define BINARY_IN_PLACE(name)                                                        \
  EXPORT(int32_t) tensor_##name##_(Handle tensor, Handle other) {                    \
    return perform([&] { tensor->name##_(*other); });                                \
  }                                                                                  \
  EXPORT(int32_t) tensor_##name##_number_(Handle tensor, Number other) {             \
    return perform([&] { tensor->name##_(other.scalar()); });                        \
  }

BINARY(mul) BINARY(div) BINARY(pow) BINARY(remainder) BINARY(minimum) BINARY(maximum) BINARY(matmul) BINARY(mm)
BINARY(bmm) BINARY(logical_and) BINARY(logical_or) BINARY(eq) BINARY(ne) BINARY(lt) BINARY(le) BINARY(gt) BINARY(ge)
BINARY_NUMBER(mul) BINARY_NUMBER(div) BINARY_NUMBER(pow) BINARY_NUMBER(remainder) BINARY_NUMBER(eq) BINARY_NUMBER(ne)
BINARY_NUMBER(lt) BINARY_NUMBER(le) BINARY_NUMBER(gt) BINARY_NUMBER(ge)
BINARY_IN_PLACE(mul) BINARY_IN_PLACE(div) BINARY_IN_PLACE(pow)

#define ADDITIVE(name)                                                               \
  EXPORT(Handle) tensor_##name(Handle tensor, Handle other, Number alpha) {          \
    return make([&] { return at::name(*tensor, *other, alpha.scalar()); });          \
  }                                                                                  \
  EXPORT(Handle) tensor_##name##_number(Handle tensor, Number other, Number alpha) { \
    return make([&] { return at::name(*tensor, other.scalar(), alpha.scalar()); });  \
  }                                                                                  \
  EXPORT(int32_t) tensor_##name##_(Handle tensor, Handle other, Number alpha) {      \
    return perform([&] { tensor->name##_(*other, alpha.scalar()); });                \
  }                                                                                  \
  EXPORT(int32_t) tensor_##name##_number_(Handle tensor, Number other, Number alpha) { \
    return perform([&] { tensor->name##_(other.scalar(), alpha.scalar()); });        \
  }
ADDITIVE(add) ADDITIVE(sub)

EXPORT(Handle) tensor_rsub_number(Handle tensor, Number other) {
  return make([&] { return at::rsub(*tensor, other.scalar()); });
}
EXPORT(Handle) tensor_addcmul(Handle tensor, Handle first, Handle second, Number value) {
  return make([&] { return at::addcmul(*tensor, *first, *second, value.scalar()); });
}
EXPORT(int32_t) tensor_addcmul_(Handle tensor, Handle first, Handle second, Number value) {
  return perform([&] { tensor->addcmul_(*first, *second, value.scalar()); });
}
EXPORT(Handle) tensor_addcdiv(Handle tensor, Handle first, Handle second, Number value) {
  return make([&] { return at::addcdiv(*tensor, *first, *second, value.scalar()); });
}
EXPORT(int32_t) tensor_addcdiv_(Handle tensor, Handle first, Handle second, Number value) {
  return perform([&] { tensor->addcdiv_(*first, *second, value.scalar()); });
}
EXPORT(Handle) tensor_lerp(Handle tensor, Handle end, Handle weight) {
  return make([&] { return at::lerp(*tensor, *end, *weight); });
}
EXPORT(int32_t) tensor_lerp_(Handle tensor, Handle end, Handle weight) {
  return perform([&] { tensor->lerp_(*end, *weight); });
}
EXPORT(Handle) tensor_clamp(Handle tensor, Number min, Number max) {
  return make([&] { return at::clamp(*tensor, min.optional(), max.optional()); });
}
EXPORT(int32_t) tensor_clamp_(Handle tensor, Number min, Number max) {
  return perform([&] { at::clamp_(*tensor, min.optional(), max.optional()); });
}
EXPORT(Handle) tensor_clamp_tensor(Handle tensor, Handle min, Handle max) {
  return make([&] { return at::clamp(*tensor, optional_tensor(min), optional_tensor(max)); });
}
EXPORT(int32_t) tensor_clamp_tensor_(Handle tensor, Handle min, Handle max) {
  return perform([&] { at::clamp_(*tensor, optional_tensor(min), optional_tensor(max)); });
}
EXPORT(int32_t) tensor_fill_(Handle tensor, Number value) {
  return perform([&] { tensor->fill_(value.scalar()); });
}
EXPORT(Handle) tensor_where(Handle condition, Handle x, Handle y) {
  return make([&] { return at::where(*condition, *x, *y); });
}

EXPORT(int32_t) tensor_equal(Handle tensor, Handle other) {
  return value_or<int32_t>(-1, [&] { return at::equal(*tensor, *other); });
}
EXPORT(int32_t) tensor_allclose(Handle tensor, Handle other, double rtol, double atol, int32_t equal_nan) {
  return value_or<int32_t>(-1, [&] { return at::allclose(*tensor, *other, rtol, atol, equal_nan != 0); });
}

EXPORT(Handle) tensor_sum(Handle tensor, int32_t dtype) {
  return make([&] { return at::sum(*tensor, optional_dtype(dtype)); });
}
EXPORT(Handle) tensor_mean(Handle tensor, int32_t dtype) {
  return make([&] { return at::mean(*tensor, optional_dtype(dtype)); });
}
EXPORT(Handle) tensor_sum_dims(Handle tensor, const int64_t* dims, int32_t count, int32_t keepdim, int32_t dtype) {
  return make([&] { return at::sum(*tensor, sizes_of(dims, count), keepdim != 0, optional_dtype(dtype)); });
}
EXPORT(Handle) tensor_mean_dims(Handle tensor, const int64_t* dims, int32_t count, int32_t keepdim, int32_t dtype) {
  return make([&] { return at::mean(*tensor, sizes_of(dims, count), keepdim != 0, optional_dtype(dtype)); });
}
EXPORT(Handle) tensor_var(Handle tensor) {
  return make([&] { return at::var(*tensor, /*unbiased=*/true); });
}
EXPORT(Handle) tensor_std(Handle tensor, int32_t unbiased) {
  return make([&] { return at::std(*tensor, unbiased != 0); });
}
EXPORT(Handle) tensor_var_dims(Handle tensor, const int64_t* dims, int32_t count, int32_t unbiased, int32_t keepdim) {
  return make([&] { return at::var(*tensor, sizes_of(dims, count), unbiased != 0, keepdim != 0); });
}
EXPORT(Handle) tensor_std_dims(Handle tensor, const int64_t* dims, int32_t count, int32_t unbiased, int32_t keepdim) {
  return make([&] { return at::std(*tensor, sizes_of(dims, count), unbiased != 0, keepdim != 0); });
}
EXPORT(Handle) tensor_norm(Handle tensor, Number p) {
  return make([&] { return at::norm(*tensor, p.scalar()); });
}
EXPORT(Handle) tensor_norm_dims(Handle tensor, Number p, const int64_t* dims, int32_t count, int32_t keepdim) {
  return make([&] { return at::norm(*tensor, p.scalar(), sizes_of(dims, count), keepdim != 0); });
}
EXPORT(Handle) tensor_amax(Handle tensor, const int64_t* dims, int32_t count, int32_t keepdim) {
  return make([&] { return at::amax(*tensor, sizes_of(dims, count), keepdim != 0); });
}
EXPORT(Handle) tensor_amin(Handle tensor, const int64_t* dims, int32_t count, int32_t keepdim) {
  return make([&] { return at::amin(*tensor, sizes_of(dims, count), keepdim != 0); });
}
EXPORT(Handle) tensor_argmax(Handle tensor, const int64_t* dim, int32_t keepdim) {
  return make([&] { return at::argmax(*tensor, optional_int(dim), keepdim != 0); });
}
EXPORT(Handle) tensor_argmin(Handle tensor, const int64_t* dim, int32_t keepdim) {
  return make([&] { return at::argmin(*tensor, optional_int(dim), keepdim != 0); });
}
EXPORT(Handle) tensor_all_dim(Handle tensor, int64_t dim, int32_t keepdim) {
  return make([&] { return at::all(*tensor, dim, keepdim != 0); });
}
EXPORT(Handle) tensor_any_dim(Handle tensor, int64_t dim, int32_t keepdim) {
  return make([&] { return at::any(*tensor, dim, keepdim != 0); });
}
EXPORT(Handle) tensor_cumsum(Handle tensor, int64_t dim, int32_t dtype) {
  return make([&] { return at::cumsum(*tensor, dim, optional_dtype(dtype)); });
}
EXPORT(int32_t) tensor_max_dim(Handle tensor, int64_t dim, int32_t keepdim, Handle* values, Handle* indices) {
  return perform([&] { give_pair(at::max(*tensor, dim, keepdim != 0), values, indices); });
}
EXPORT(int32_t) tensor_min_dim(Handle tensor, int64_t dim, int32_t keepdim, Handle* values, Handle* indices) {
  return perform([&] { give_pair(at::min(*tensor, dim, keepdim != 0), values, indices); });
}
EXPORT(int32_t)
tensor_topk(Handle tensor, int64_t k, int64_t dim, int32_t largest, int32_t sorted, Handle* values, Handle* indices) {
  return perform([&] { give_pair(at::topk(*tensor, k, dim, largest != 0, sorted != 0), values, indices); });
}
EXPORT(int32_t) tensor_sort(Handle tensor, int64_t dim, int32_t descending, Handle* values, Handle* indices) {
  return perform([&] { give_pair(at::sort(*tensor, dim, descending != 0), values, indices); });
}
EXPORT(Handle) tensor_softmax(Handle tensor, int64_t dim, int32_t dtype) {
  return make([&] { return at::softmax(*tensor, dim, optional_dtype(dtype)); });
}
EXPORT(Handle) tensor_log_softmax(Handle tensor, int64_t dim, int32_t dtype) {
  return make([&] { return at::log_softmax(*tensor, dim, optional_dtype(dtype)); });
}
EXPORT(Handle) tensor_einsum(const char* equation, const Handle* tensors, int32_t count) {
  return make([&] { return at::einsum(equation, tensors_of(tensors, count)); });
}

EXPORT(Handle) tensor_bernoulli(Handle tensor, at::Generator* generator) {
  return make([&] { return at::bernoulli(*tensor, optional_generator(generator)); });
}
EXPORT(Handle) tensor_multinomial(Handle tensor, int64_t count, int32_t replacement, at::Generator* generator) {
  return make([&] { return at::multinomial(*tensor, count, replacement != 0, optional_generator(generator)); });
}
EXPORT(int32_t) tensor_uniform_(Handle tensor, double from, double to, at::Generator* generator) {
  return perform([&] { tensor->uniform_(from, to, optional_generator(generator)); });
}
EXPORT(int32_t) tensor_normal_(Handle tensor, double mean, double std, at::Generator* generator) {
  return perform([&] { tensor->normal_(mean, std, optional_generator(generator)); });
}
EXPORT(int32_t) tensor_bernoulli_(Handle tensor, double p, at::Generator* generator) {
  return perform([&] { tensor->bernoulli_(p, optional_generator(generator)); });
}

// Scales the gradients so that the norm of all of them together is at most max_norm; returns the norm they had.
EXPORT(double) nn_clip_grad_norm_(const Handle* parameters, int32_t count, double max_norm, double norm_type) {
  return value_or<double>(std::numeric_limits<double>::quiet_NaN(), [&] {
    at::NoGradGuard no_grad;
    std::vector<at::Tensor> grads, norms;
    for (int32_t i = 0; i < count; i++) {
      const auto& grad = parameters[i]->grad();
      if (!grad.defined())
        continue;
      grads.push_back(grad);
      norms.push_back(at::norm(grad, norm_type));
    }
    if (grads.empty())
      return 0.0;
    const auto total = at::norm(at::stack(norms), norm_type);
    const auto factor = at::clamp_max(max_norm / (total + 1e-6), 1.0);
    for (auto& grad : grads)
      grad.mul_(factor.to(grad.device()));
    return total.item<double>();
  });
}
