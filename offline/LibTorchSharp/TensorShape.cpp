// Views, indexing, joining and splitting.
#include "Support.h"

#include <ATen/TensorIndexing.h>

#include <limits>

namespace {

// What TensorIndex encodes for each dimension; slices use the three numbers, a single index the first.
struct IndexItem {
  int32_t kind;  // 2 single, 3 slice, 4 tensor, 5 ellipsis, 6 None (a new dimension)
  int32_t unused;
  int64_t start;
  int64_t stop;
  int64_t step;
  Handle tensor;
};

constexpr int64_t kAbsent = std::numeric_limits<int64_t>::min();

std::vector<at::indexing::TensorIndex> indices_of(const IndexItem* items, int32_t count) {
  using at::indexing::Slice;
  using at::indexing::TensorIndex;
  std::vector<TensorIndex> indices;
  indices.reserve(count);
  for (int32_t i = 0; i < count; i++) {
    const auto& item = items[i];
    switch (item.kind) {
      case 2: indices.emplace_back(item.start); break;
      case 3: {
        const int64_t step = item.step == kAbsent ? 1 : item.step;
        const int64_t start = item.start == kAbsent ? 0 : item.start;
        const int64_t stop = item.stop == kAbsent ? std::numeric_limits<int64_t>::max() : item.stop;
        indices.emplace_back(Slice(start, stop, step));
        break;
      }
      case 4: indices.emplace_back(*item.tensor); break;
      case 5: indices.emplace_back(at::indexing::Ellipsis); break;
      default: indices.emplace_back(at::indexing::None); break;
    }
  }
  return indices;
}

}  // namespace

EXPORT(Handle) tensor_view(Handle tensor, const int64_t* sizes, int32_t count) {
  return make([&] { return tensor->view(sizes_of(sizes, count)); });
}
EXPORT(Handle) tensor_reshape(Handle tensor, const int64_t* sizes, int32_t count) {
  return make([&] { return tensor->reshape(sizes_of(sizes, count)); });
}
EXPORT(Handle) tensor_permute(Handle tensor, const int64_t* dims, int32_t count) {
  return make([&] { return tensor->permute(sizes_of(dims, count)); });
}
EXPORT(Handle) tensor_expand(Handle tensor, const int64_t* sizes, int32_t count, int32_t implicit) {
  return make([&] { return tensor->expand(sizes_of(sizes, count), implicit != 0); });
}
EXPORT(Handle) tensor_repeat(Handle tensor, const int64_t* sizes, int32_t count) {
  return make([&] { return tensor->repeat(sizes_of(sizes, count)); });
}
EXPORT(Handle) tensor_flip(Handle tensor, const int64_t* dims, int32_t count) {
  return make([&] { return tensor->flip(sizes_of(dims, count)); });
}
EXPORT(Handle) tensor_roll(Handle tensor, const int64_t* shifts, int32_t shift_count, const int64_t* dims, int32_t dim_count) {
  return make([&] { return tensor->roll(sizes_of(shifts, shift_count), sizes_of(dims, dim_count)); });
}
EXPORT(Handle)
tensor_as_strided(Handle tensor, const int64_t* sizes, const int64_t* strides, int32_t count, const int64_t* offset) {
  return make([&] { return tensor->as_strided(sizes_of(sizes, count), sizes_of(strides, count), optional_int(offset)); });
}
EXPORT(Handle) tensor_flatten(Handle tensor, int64_t start, int64_t end) {
  return make([&] { return tensor->flatten(start, end); });
}
EXPORT(Handle) tensor_transpose(Handle tensor, int64_t first, int64_t second) {
  return make([&] { return tensor->transpose(first, second); });
}
EXPORT(Handle) tensor_t(Handle tensor) {
  return make([&] { return tensor->t(); });
}
EXPORT(Handle) tensor_squeeze(Handle tensor, const int64_t* dim) {
  return make([&] { return dim ? tensor->squeeze(*dim) : tensor->squeeze(); });
}
EXPORT(Handle) tensor_unsqueeze(Handle tensor, int64_t dim) {
  return make([&] { return tensor->unsqueeze(dim); });
}
EXPORT(Handle) tensor_narrow(Handle tensor, int64_t dim, int64_t start, int64_t length) {
  return make([&] { return tensor->narrow(dim, start, length); });
}
EXPORT(Handle) tensor_slice(Handle tensor, int64_t dim, int64_t start, int64_t finish, int64_t step) {
  return make([&] { return tensor->slice(dim, start, finish, step); });
}
EXPORT(Handle) tensor_select(Handle tensor, int64_t dim, int64_t index) {
  return make([&] { return tensor->select(dim, index); });
}
EXPORT(Handle) tensor_unfold(Handle tensor, int64_t dim, int64_t size, int64_t step) {
  return make([&] { return tensor->unfold(dim, size, step); });
}
EXPORT(Handle) tensor_index_select(Handle tensor, int64_t dim, Handle index) {
  return make([&] { return tensor->index_select(dim, *index); });
}
EXPORT(Handle) tensor_gather(Handle tensor, int64_t dim, Handle index, int32_t sparse_grad) {
  return make([&] { return tensor->gather(dim, *index, sparse_grad != 0); });
}
EXPORT(Handle) tensor_scatter(Handle tensor, int64_t dim, Handle index, Handle source) {
  return make([&] { return tensor->scatter(dim, *index, *source); });
}
EXPORT(int32_t) tensor_scatter_(Handle tensor, int64_t dim, Handle index, Handle source) {
  return perform([&] { tensor->scatter_(dim, *index, *source); });
}
EXPORT(int32_t) tensor_scatter_add_(Handle tensor, int64_t dim, Handle index, Handle source) {
  return perform([&] { tensor->scatter_add_(dim, *index, *source); });
}
EXPORT(Handle) tensor_masked_fill(Handle tensor, Handle mask, Number value) {
  return make([&] { return tensor->masked_fill(*mask, value.scalar()); });
}
EXPORT(int32_t) tensor_masked_fill_(Handle tensor, Handle mask, Number value) {
  return perform([&] { tensor->masked_fill_(*mask, value.scalar()); });
}
EXPORT(Handle) tensor_masked_select(Handle tensor, Handle mask) {
  return make([&] { return tensor->masked_select(*mask); });
}
EXPORT(Handle) tensor_index(Handle tensor, const IndexItem* items, int32_t count) {
  return make([&] { return tensor->index(indices_of(items, count)); });
}
EXPORT(int32_t) tensor_index_put_(Handle tensor, const IndexItem* items, int32_t count, Handle value) {
  return perform([&] { tensor->index_put_(indices_of(items, count), *value); });
}
EXPORT(int32_t) tensor_index_put_number_(Handle tensor, const IndexItem* items, int32_t count, Number value) {
  return perform([&] { tensor->index_put_(indices_of(items, count), value.scalar()); });
}
EXPORT(Handle) tensor_cat(const Handle* tensors, int32_t count, int64_t dim) {
  return make([&] { return at::cat(tensors_of(tensors, count), dim); });
}
EXPORT(Handle) tensor_stack(const Handle* tensors, int32_t count, int64_t dim) {
  return make([&] { return at::stack(tensors_of(tensors, count), dim); });
}

// The caller does not know how many pieces there will be: give(context, piece) receives each, and owns it.
using Give = void (*)(void* context, Handle piece);

namespace {

int32_t give_all(std::vector<at::Tensor>&& pieces, Give give, void* context) {
  for (auto& piece : pieces)
    give(context, new at::Tensor(std::move(piece)));
  return 1;
}

}  // namespace

EXPORT(int32_t) tensor_split_size(Handle tensor, int64_t size, int64_t dim, Give give, void* context) {
  return perform([&] { give_all(tensor->split(size, dim), give, context); });
}
EXPORT(int32_t)
tensor_split_sizes(Handle tensor, const int64_t* sizes, int32_t count, int64_t dim, Give give, void* context) {
  return perform([&] { give_all(tensor->split_with_sizes(sizes_of(sizes, count), dim), give, context); });
}
EXPORT(int32_t) tensor_chunk(Handle tensor, int64_t chunks, int64_t dim, Give give, void* context) {
  return perform([&] { give_all(tensor->chunk(chunks, dim), give, context); });
}
EXPORT(int32_t) tensor_unbind(Handle tensor, int64_t dim, Give give, void* context) {
  return perform([&] { give_all(tensor->unbind(dim), give, context); });
}
EXPORT(int32_t) tensor_where_indices(Handle condition, Give give, void* context) {
  return perform([&] { give_all(at::where(*condition), give, context); });
}
