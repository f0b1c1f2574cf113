#!/usr/bin/env python3
"""Computes the golden files of TorchSharp.Conformance with PyTorch.  Run: /usr/bin/python3 make_goldens.py"""
import torch
import torch.nn.functional as F

from golden_file import write

torch.set_num_threads(1)


def pointwise():
    torch.manual_seed(1)
    x, y = torch.randn(3, 4), torch.randn(3, 4)
    p = torch.rand(3, 4) + 0.5
    i, j = torch.randint(1, 9, (3, 4)), torch.randint(1, 9, (3, 4))
    b, c = x > 0, y > 0
    odd = torch.tensor([float("nan"), float("inf"), float("-inf"), 0.0, -0.0, 1.5])
    inputs = {"x": x, "y": y, "p": p, "i": i, "j": j, "b": b, "c": c, "odd": odd}
    out = {
        "abs": x.abs(), "neg": -x, "exp": x.exp(), "log": p.log(), "sqrt": p.sqrt(), "rsqrt": p.rsqrt(),
        "square": x.square(), "reciprocal": p.reciprocal(), "sigmoid": x.sigmoid(), "tanh": x.tanh(), "relu": x.relu(),
        "floor": x.floor(), "ceil": x.ceil(), "round": (x * 3).round(), "sign": x.sign(), "sin": x.sin(), "cos": x.cos(),
        "add": x + y, "add_alpha": torch.add(x, y, alpha=0.5), "add_number": x + 2, "add_int": i + 2, "add_int_float": i + 0.5,
        "sub": x - y, "sub_number": x - 2, "rsub_number": 1 - x,
        "mul": x * y, "mul_number": x * 3, "mul_int": i * j, "div": x / p, "div_number": x / 4, "div_int": i / j,
        "pow": p ** y, "pow_number": x ** 2, "remainder": torch.remainder(x, p), "remainder_number": torch.remainder(i, 3),
        "addcmul": torch.addcmul(x, y, p, value=0.5), "addcdiv": torch.addcdiv(x, y, p, value=0.5),
        "addcdiv_one": torch.addcdiv(x, y, p), "lerp": torch.lerp(x, y, p - 0.5),
        "clamp": x.clamp(-0.5, 0.5), "clamp_min": x.clamp(min=0.1), "clamp_tensor": x.clamp(-p, p),
        "minimum": torch.minimum(x, y), "maximum": torch.maximum(x, y),
        "eq": i == j, "ne": i != j, "lt": x < y, "le": x <= y, "gt": x > y, "ge": x >= y,
        "eq_number": i == 3, "ne_number": i != 3, "lt_number": x < 0.1, "le_number": x <= 0.1, "gt_number": x > 0.1,
        "ge_number": x >= 0.1,
        "isfinite": odd.isfinite(), "isnan": odd.isnan(), "logical_not": ~b, "logical_and": b & c, "logical_or": b | c,
        "where": torch.where(b, x, y), "odd_relu": odd.relu(), "odd_add": odd + 1,
        "half": x.half(), "bfloat16": x.bfloat16(), "float64": x.double(), "to_long": (x * 3).long(), "to_byte": i.byte(),
        "to_bool": (i > 3),
    }
    write("pointwise", {**inputs, **out})


def reductions():
    torch.manual_seed(2)
    x = torch.randn(2, 3, 4)
    m, n = torch.randn(4, 5), torch.randn(5, 3)
    bm, bn = torch.randn(2, 4, 5), torch.randn(2, 5, 3)
    b = x > 0.5
    out = {
        "sum": x.sum(), "sum_dim": x.sum(1), "sum_dims": x.sum((0, 2), keepdim=True), "sum_double": x.sum(dtype=torch.float64),
        "mean": x.mean(), "mean_dims": x.mean((0, 2)), "mean_double": x.mean((1,), keepdim=True, dtype=torch.float64),
        "var": x.var(), "var_biased": x.var(unbiased=False), "var_dims": x.var((0, 2), unbiased=False, keepdim=True),
        "std": x.std(), "std_dims": x.std((1,), unbiased=True),
        "norm": x.norm(), "norm_1": x.norm(1), "norm_dim": x.norm(2, 1, True),
        "max": x.max(), "min": x.min(), "max_dim": x.max(1)[0], "max_dim_index": x.max(1)[1], "min_dim": x.min(2, True)[0],
        "min_dim_index": x.min(2, True)[1], "amax": x.amax((0, 1)), "amin": x.amin((1, 2)),
        "argmax": x.argmax(), "argmax_dim": x.argmax(1, True), "argmin": x.argmin(), "argmin_dim": x.argmin(0),
        "all": b.all(), "all_dim": b.all(2), "any": b.any(), "any_dim": b.any(2, True),
        "median": x.median(), "cumsum": x.cumsum(1), "cumsum_double": x.cumsum(0, dtype=torch.float64),
        "topk": x.topk(2, 2)[0], "topk_index": x.topk(2, 2)[1], "bottomk": x.topk(2, 2, False)[0],
        "sort": x.sort(1)[0], "sort_index": x.sort(1)[1], "sort_down": x.sort(2, True)[0],
        "softmax": x.softmax(1), "log_softmax": x.log_softmax(2), "softmax_double": x.softmax(1, dtype=torch.float64),
        "log_softmax_double": x.log_softmax(1, dtype=torch.float64),
        "mm": m @ n, "matmul": torch.matmul(bm, n), "bmm": torch.bmm(bm, bn),
        "einsum": torch.einsum("bij,bjk->bik", bm, bn),
    }
    write("reductions", {"x": x, "m": m, "n": n, "bm": bm, "bn": bn, "b": b, **out})


def shapes():
    torch.manual_seed(3)
    x, y = torch.randn(2, 3, 4), torch.randn(2, 3, 4)
    rows = torch.tensor([2, 0])
    pick = torch.randint(0, 3, (2, 2, 4))
    mask = x > 0
    s = torch.zeros(2, 3, 4)
    out = {
        "view": x.view(6, 4), "reshape": x.reshape(3, -1), "permute": x.permute(2, 0, 1), "expand": x[:, :1].expand(2, 5, 4),
        "repeat": x.repeat(1, 2, 1), "flip": x.flip(0, 2), "roll": x.roll(1, 2), "roll_all": x.roll(5),
        "roll_dims": x.roll((1, -1), (0, 1)), "as_strided": x.as_strided((2, 3), (4, 1), 2), "flatten": x.flatten(1),
        "transpose": x.transpose(0, 2), "t": x[0].t(), "squeeze": x[:1].squeeze(0), "squeeze_all": x[:1, :, :1].squeeze(),
        "unsqueeze": x.unsqueeze(1), "narrow": x.narrow(2, 1, 2), "slice": x[:, :, 0:4:2], "select": x.select(1, 2),
        "unfold": x.unfold(2, 2, 1), "index_select": x.index_select(1, rows), "gather": x.gather(1, pick),
        "scatter": s.scatter(1, pick, x[:, :2]), "scatter_add": y.scatter_add(1, pick, x[:, :2]),
        "masked_fill": x.masked_fill(mask, 7), "masked_select": x.masked_select(mask),
        "cat": torch.cat([x, y], 1), "stack": torch.stack([x, y], 1), "split": x.split(2, 1)[1], "split_sizes": x.split([1, 3], 2)[1],
        "chunk": x.chunk(2, 2)[1], "unbind": x.unbind(1)[2], "nonzero": mask.nonzero(), "where_index": torch.where(mask)[2],
        "at": x[1], "at2": x[1, 2], "at3": x[1, 2, 3], "range": x[:, 1:3], "ellipsis": x[..., 1], "none": x[:, None],
        "step": x[:, :, ::2], "last": x[-1], "by_tensor": x[:, rows], "by_mask": x[mask],
        "index": x[..., 1:3, :], "index_single": x[1, 2],
        "one_hot": F.one_hot(rows, 4),
    }
    put = x.clone(); put[:, 1] = 5; out["put_number"] = put
    put = x.clone(); put[0] = y[1]; out["put"] = put
    put = x.clone(); put[mask] = 0; out["put_mask"] = put
    write("shapes", {"x": x, "y": y, "rows": rows, "pick": pick, "mask": mask, **out})


def functional():
    torch.manual_seed(4)
    tensors = {}

    def case(name, op, **inputs):
        """The value, and the gradients of sum(value * w) for every floating-point input."""
        leaves = {k: v.clone().requires_grad_(v.is_floating_point()) for k, v in inputs.items()}
        value = op(**leaves)
        w = torch.randn(value.shape).to(value.dtype)
        (value * w).sum().backward()
        for k, v in inputs.items():
            tensors[f"{name}.{k}"] = v
        tensors[f"{name}.out"] = value
        tensors[f"{name}.w"] = w
        for k, v in leaves.items():
            if v.grad is not None:
                tensors[f"{name}.grad.{k}"] = v.grad

    image = torch.randn(2, 4, 6, 6)
    case("conv2d", lambda x, weight, bias: F.conv2d(x, weight, bias, 2, 1), x=image, weight=torch.randn(3, 4, 3, 3),
         bias=torch.randn(3))
    case("conv2d_groups", lambda x, weight: F.conv2d(x, weight, None, 1, 1, 1, 2), x=image, weight=torch.randn(6, 2, 3, 3))
    case("conv2d_depthwise", lambda x, weight: F.conv2d(x, weight, None, 1, 1, 1, 4), x=image, weight=torch.randn(4, 1, 3, 3))
    case("conv2d_dilated", lambda x, weight: F.conv2d(x, weight, None, 1, 2, 2), x=image, weight=torch.randn(2, 4, 3, 3))
    case("linear", lambda x, weight, bias: F.linear(x, weight, bias), x=torch.randn(3, 5), weight=torch.randn(2, 5),
         bias=torch.randn(2))
    case("max_pool2d", lambda x: F.max_pool2d(x, 3, 2, 1), x=image)
    case("max_pool2d_ceil", lambda x: F.max_pool2d(x, [2, 3], [2, 2], [0, 1], [1, 1], True), x=image)
    case("avg_pool2d", lambda x: F.avg_pool2d(x, 3, 2, 1), x=image)
    case("avg_pool2d_inside", lambda x: F.avg_pool2d(x, [3, 2], [2, 2], [1, 1], True, False), x=image)
    case("adaptive_avg_pool2d", lambda x: F.adaptive_avg_pool2d(x, 1), x=image)
    case("adaptive_avg_pool2d_sizes", lambda x: F.adaptive_avg_pool2d(x, [4, 3]), x=image)
    case("relu", lambda x: F.relu(x), x=image[0])
    case("softmax", lambda x: F.softmax(x, 1), x=torch.randn(3, 5))
    case("log_softmax", lambda x: F.log_softmax(x, 1), x=torch.randn(3, 5))
    case("group_norm", lambda x, weight, bias: F.group_norm(x, 2, weight, bias), x=image, weight=torch.randn(4),
         bias=torch.randn(4))
    case("layer_norm", lambda x, weight, bias: F.layer_norm(x, [5], weight, bias), x=torch.randn(3, 5), weight=torch.randn(5),
         bias=torch.randn(5))

    logits, target = torch.randn(4, 5), torch.tensor([0, 4, 2, 1])
    weights = torch.rand(5) + 0.5
    case("cross_entropy", lambda x, target: F.cross_entropy(x, target), x=logits, target=target)
    case("cross_entropy_smooth", lambda x, target: F.cross_entropy(x, target, label_smoothing=0.1), x=logits, target=target)
    tensors["weights"] = weights
    case("cross_entropy_weight", lambda x, target: F.cross_entropy(x, target, weights, label_smoothing=0.1), x=logits,
         target=target)
    case("cross_entropy_sum", lambda x, target: F.cross_entropy(x, target, ignore_index=2, reduction="sum"), x=logits,
         target=target)
    case("cross_entropy_none", lambda x, target: F.cross_entropy(x, target, reduction="none"), x=logits, target=target)
    case("cross_entropy_soft", lambda x, target: F.cross_entropy(x, target), x=logits, target=torch.rand(4, 5).softmax(1))
    case("nll_loss", lambda x, target: F.nll_loss(x, target, weights), x=logits.log_softmax(1), target=target)
    case("bce", lambda x, target: F.binary_cross_entropy_with_logits(x, target), x=logits, target=torch.rand(4, 5))
    case("bce_weight", lambda x, target: F.binary_cross_entropy_with_logits(
        x, target, torch.full((5,), 0.5), pos_weight=weights), x=logits, target=torch.rand(4, 5))
    case("mse_loss", lambda x, target: F.mse_loss(x, target), x=logits, target=torch.rand(4, 5))
    case("mse_loss_sum", lambda x, target: F.mse_loss(x, target, reduction="sum"), x=logits, target=torch.rand(4, 5))

    case("pad", lambda x: F.pad(x, (1, 2, 0, 1), value=0.5), x=image[:, :2])
    case("pad_reflect", lambda x: F.pad(x, (1, 1, 2, 2), "reflect"), x=image[:, :2])
    case("pad_replicate", lambda x: F.pad(x, (1, 1, 2, 2), "replicate"), x=image[:, :2])
    case("interpolate_nearest", lambda x: F.interpolate(x, (4, 9)), x=image[:, :2])
    case("interpolate_bilinear", lambda x: F.interpolate(x, (4, 9), mode="bilinear", align_corners=False), x=image[:, :2])
    case("interpolate_corners", lambda x: F.interpolate(x, (4, 9), mode="bilinear", align_corners=True), x=image[:, :2])
    case("interpolate_bicubic", lambda x: F.interpolate(x, scale_factor=1.5, mode="bicubic", align_corners=False),
         x=image[:, :2])
    case("interpolate_area", lambda x: F.interpolate(x, (3, 4), mode="area"), x=image[:, :2])
    theta = torch.tensor([[[0.9, 0.2, 0.1], [-0.2, 0.9, -0.1]]]).repeat(2, 1, 1)
    case("affine_grid", lambda theta: F.affine_grid(theta, (2, 2, 5, 5), align_corners=False), theta=theta)
    grid = F.affine_grid(theta, (2, 2, 5, 5), align_corners=False)
    case("grid_sample", lambda x, grid: F.grid_sample(x, grid, align_corners=False), x=image[:, :2], grid=grid)
    case("grid_sample_border", lambda x, grid: F.grid_sample(x, grid, padding_mode="border", align_corners=True),
         x=image[:, :2], grid=grid)
    case("grid_sample_nearest", lambda x, grid: F.grid_sample(x, grid, "nearest", "reflection", False), x=image[:, :2],
         grid=grid)

    mean, var = torch.randn(4), torch.rand(4) + 0.5
    tensors["batch_norm.mean"], tensors["batch_norm.var"] = mean.clone(), var.clone()
    case("batch_norm_eval", lambda x, weight, bias: F.batch_norm(x, mean, var, weight, bias, False), x=image,
         weight=torch.randn(4), bias=torch.randn(4))
    case("batch_norm_train", lambda x, weight, bias: F.batch_norm(x, mean, var, weight, bias, True, 0.2, 1e-3), x=image,
         weight=torch.randn(4), bias=torch.randn(4))
    tensors["batch_norm_train.mean"], tensors["batch_norm_train.var"] = mean, var

    # Mixed precision by hand: float32 master weights, bfloat16 arithmetic.
    case("mixed", lambda x, weight, scale, shift: F.relu(F.batch_norm(
        F.conv2d(x.bfloat16(), weight.bfloat16(), None, 1, 1), None, None, scale, shift, True)).float().mean((2, 3)),
        x=image, weight=torch.randn(3, 4, 3, 3), scale=torch.rand(3) + 0.5, shift=torch.randn(3))
    write("functional", tensors)


def random():
    tensors = {}
    torch.manual_seed(42)
    tensors["rand"] = torch.rand(5)
    tensors["randn"] = torch.randn(5)
    tensors["randint"] = torch.randint(3, 100, (6,))
    tensors["randint_high"] = torch.randint(10, (6,))
    tensors["randperm"] = torch.randperm(10)
    tensors["uniform_"] = torch.empty(4).uniform_(-1, 3)
    tensors["normal_"] = torch.empty(4).normal_(2, 0.5)
    tensors["bernoulli_"] = torch.empty(9).bernoulli_(0.3)
    tensors["bernoulli"] = torch.bernoulli(torch.full((9,), 0.7))
    tensors["multinomial"] = torch.multinomial(torch.tensor([0.1, 0.2, 0.3, 0.4]), 3)
    tensors["dropout"] = F.dropout(torch.ones(9), 0.4)
    generator = torch.Generator().manual_seed(7)
    tensors["generator"] = torch.randn(5, generator=generator)
    write("random", tensors)


pointwise()
reductions()
shapes()
functional()
random()
