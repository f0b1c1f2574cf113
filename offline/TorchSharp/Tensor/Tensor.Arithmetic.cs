using System;
using static TorchSharp.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Element-wise arithmetic and comparison. A name ending in an underscore changes this tensor and returns it.</summary>
    public partial class Tensor
    {
        private static readonly NativeNumber One = NativeNumber.Of(1L);

        public static Tensor operator +(Tensor left, Tensor right) => left.add(right);
        public static Tensor operator +(Tensor left, Scalar right) => left.add(right);
        public static Tensor operator +(Scalar left, Tensor right) => right.add(left);
        public static Tensor operator -(Tensor left, Tensor right) => left.sub(right);
        public static Tensor operator -(Tensor left, Scalar right) => left.sub(right);
        public static Tensor operator -(Scalar left, Tensor right) => Own(tensor_rsub_number(right.Handle, left.Number), right);
        public static Tensor operator -(Tensor tensor) => tensor.neg();
        public static Tensor operator *(Tensor left, Tensor right) => left.mul(right);
        public static Tensor operator *(Tensor left, Scalar right) => left.mul(right);
        public static Tensor operator *(Scalar left, Tensor right) => right.mul(left);
        public static Tensor operator /(Tensor left, Tensor right) => left.div(right);
        public static Tensor operator /(Tensor left, Scalar right) => left.div(right);
        public static Tensor operator ==(Tensor left, Tensor right) => left.eq(right);
        public static Tensor operator ==(Tensor left, Scalar right) => left.eq(right);
        public static Tensor operator !=(Tensor left, Tensor right) => left.ne(right);
        public static Tensor operator !=(Tensor left, Scalar right) => left.ne(right);
        public static Tensor operator <(Tensor left, Tensor right) => left.lt(right);
        public static Tensor operator <(Tensor left, Scalar right) => left.lt(right);
        public static Tensor operator <=(Tensor left, Tensor right) => left.le(right);
        public static Tensor operator <=(Tensor left, Scalar right) => left.le(right);
        public static Tensor operator >(Tensor left, Tensor right) => left.gt(right);
        public static Tensor operator >(Tensor left, Scalar right) => left.gt(right);
        public static Tensor operator >=(Tensor left, Tensor right) => left.ge(right);
        public static Tensor operator >=(Tensor left, Scalar right) => left.ge(right);

        public override bool Equals(object? obj) => obj is Tensor other && Equals(other);

        public override int GetHashCode() => base.GetHashCode();

        public bool Equals(Tensor target)
        {
            int result = tensor_equal(Handle, target.Handle);
            Check(result + 1, this, target);
            return result != 0;
        }

        public bool allclose(Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false)
        {
            int result = tensor_allclose(Handle, target.Handle, rtol, atol, equal_nan ? 1 : 0);
            Check(result + 1, this, target);
            return result != 0;
        }

        public Tensor add(Tensor target) => Own(tensor_add(Handle, target.Handle, One), this, target);
        public Tensor add(Tensor target, Scalar alpha) => Own(tensor_add(Handle, target.Handle, alpha.Number), this, target);
        public Tensor add(Scalar scalar) => Own(tensor_add_number(Handle, scalar.Number, One), this);
        public Tensor add_(Tensor target) => this.Done(tensor_add_(Handle, target.Handle, One), target);
        public Tensor add_(Tensor target, Scalar alpha) => this.Done(tensor_add_(Handle, target.Handle, alpha.Number), target);
        public Tensor add_(Scalar scalar) => this.Done(tensor_add_number_(Handle, scalar.Number, One));
        public Tensor sub(Tensor target) => Own(tensor_sub(Handle, target.Handle, One), this, target);
        public Tensor sub(Scalar target) => Own(tensor_sub_number(Handle, target.Number, One), this);
        public Tensor sub_(Tensor target) => this.Done(tensor_sub_(Handle, target.Handle, One), target);
        public Tensor sub_(Scalar target) => this.Done(tensor_sub_number_(Handle, target.Number, One));
        public Tensor mul(Tensor target) => Own(tensor_mul(Handle, target.Handle), this, target);
        public Tensor mul(Scalar target) => Own(tensor_mul_number(Handle, target.Number), this);
        public Tensor mul_(Tensor target) => this.Done(tensor_mul_(Handle, target.Handle), target);
        public Tensor mul_(Scalar target) => this.Done(tensor_mul_number_(Handle, target.Number));
        public Tensor div(Tensor target) => Own(tensor_div(Handle, target.Handle), this, target);
        public Tensor div(Scalar target) => Own(tensor_div_number(Handle, target.Number), this);
        public Tensor div_(Tensor target) => this.Done(tensor_div_(Handle, target.Handle), target);
        public Tensor div_(Scalar target) => this.Done(tensor_div_number_(Handle, target.Number));
        public Tensor pow(Tensor exponent) => Own(tensor_pow(Handle, exponent.Handle), this, exponent);
        public Tensor pow(Scalar exponent) => Own(tensor_pow_number(Handle, exponent.Number), this);
        public Tensor pow_(Scalar exponent) => this.Done(tensor_pow_number_(Handle, exponent.Number));
        public Tensor remainder(Tensor other) => Own(tensor_remainder(Handle, other.Handle), this, other);
        public Tensor remainder(Scalar other) => Own(tensor_remainder_number(Handle, other.Number), this);

        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Own(tensor_addcmul(Handle, tensor1.Handle, tensor2.Handle, value.Number), this, tensor1, tensor2);
        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) =>
            this.Done(tensor_addcmul_(Handle, tensor1.Handle, tensor2.Handle, value.Number), tensor1, tensor2);
        public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Own(tensor_addcdiv(Handle, tensor1.Handle, tensor2.Handle, value.Number), this, tensor1, tensor2);
        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) =>
            this.Done(tensor_addcdiv_(Handle, tensor1.Handle, tensor2.Handle, value.Number), tensor1, tensor2);
        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2) => addcdiv_(tensor1, tensor2, 1);
        public Tensor lerp(Tensor end, Tensor weight) => Own(tensor_lerp(Handle, end.Handle, weight.Handle), this, end, weight);
        public Tensor lerp_(Tensor end, Tensor weight) => this.Done(tensor_lerp_(Handle, end.Handle, weight.Handle), end, weight);

        public Tensor abs() => Own(tensor_abs(Handle), this);
        public Tensor abs_() => this.Done(tensor_abs_(Handle));
        public Tensor neg() => Own(tensor_neg(Handle), this);
        public Tensor neg_() => this.Done(tensor_neg_(Handle));
        public Tensor exp() => Own(tensor_exp(Handle), this);
        public Tensor exp_() => this.Done(tensor_exp_(Handle));
        public Tensor log() => Own(tensor_log(Handle), this);
        public Tensor log_() => this.Done(tensor_log_(Handle));
        public Tensor sqrt() => Own(tensor_sqrt(Handle), this);
        public Tensor sqrt_() => this.Done(tensor_sqrt_(Handle));
        public Tensor rsqrt() => Own(tensor_rsqrt(Handle), this);
        public Tensor square() => Own(tensor_square(Handle), this);
        public Tensor reciprocal() => Own(tensor_reciprocal(Handle), this);
        public Tensor reciprocal_() => this.Done(tensor_reciprocal_(Handle));
        public Tensor sigmoid() => Own(tensor_sigmoid(Handle), this);
        public Tensor sigmoid_() => this.Done(tensor_sigmoid_(Handle));
        public Tensor tanh() => Own(tensor_tanh(Handle), this);
        public Tensor relu() => Own(tensor_relu(Handle), this);
        public Tensor relu_() => this.Done(tensor_relu_(Handle));
        public Tensor floor() => Own(tensor_floor(Handle), this);
        public Tensor floor_() => this.Done(tensor_floor_(Handle));
        public Tensor ceil() => Own(tensor_ceil(Handle), this);
        public Tensor round() => Own(tensor_round(Handle), this);
        public Tensor round_() => this.Done(tensor_round_(Handle));
        public Tensor sign() => Own(tensor_sign(Handle), this);
        public Tensor sin() => Own(tensor_sin(Handle), this);
        public Tensor cos() => Own(tensor_cos(Handle), this);
        public Tensor clamp(Scalar? min = null, Scalar? max = null) =>
            Own(tensor_clamp(Handle, NumberOf(min), NumberOf(max)), this);
        public Tensor clamp_(Scalar? min = null, Scalar? max = null) =>
            this.Done(tensor_clamp_(Handle, NumberOf(min), NumberOf(max)));
        public Tensor clamp(Tensor? min = null, Tensor? max = null) =>
            Own(tensor_clamp_tensor(Handle, HandleOf(min), HandleOf(max)), this, min, max);
        public Tensor clamp_(Tensor? min = null, Tensor? max = null) =>
            this.Done(tensor_clamp_tensor_(Handle, HandleOf(min), HandleOf(max)), min, max);
        public Tensor fill_(Scalar value) => this.Done(tensor_fill_(Handle, value.Number));

        /// <summary>Zeroes the memory and, unlike the others, returns a second handle on it.</summary>
        public Tensor zero_()
        {
            Check(tensor_zero_(Handle), this);
            return alias();
        }

        public Tensor isfinite() => Own(tensor_isfinite(Handle), this);
        public Tensor isnan() => Own(tensor_isnan(Handle), this);
        public Tensor logical_not() => Own(tensor_logical_not(Handle), this);
        public Tensor logical_and(Tensor other) => Own(tensor_logical_and(Handle, other.Handle), this, other);
        public Tensor logical_or(Tensor other) => Own(tensor_logical_or(Handle, other.Handle), this, other);
        public Tensor minimum(Tensor other) => Own(tensor_minimum(Handle, other.Handle), this, other);
        public Tensor maximum(Tensor other) => Own(tensor_maximum(Handle, other.Handle), this, other);
        public Tensor eq(Tensor target) => Own(tensor_eq(Handle, target.Handle), this, target);
        public Tensor eq(Scalar target) => Own(tensor_eq_number(Handle, target.Number), this);
        public Tensor ne(Tensor target) => Own(tensor_ne(Handle, target.Handle), this, target);
        public Tensor ne(Scalar target) => Own(tensor_ne_number(Handle, target.Number), this);
        public Tensor lt(Tensor target) => Own(tensor_lt(Handle, target.Handle), this, target);
        public Tensor lt(Scalar target) => Own(tensor_lt_number(Handle, target.Number), this);
        public Tensor le(Tensor target) => Own(tensor_le(Handle, target.Handle), this, target);
        public Tensor le(Scalar target) => Own(tensor_le_number(Handle, target.Number), this);
        public Tensor gt(Tensor target) => Own(tensor_gt(Handle, target.Handle), this, target);
        public Tensor gt(Scalar target) => Own(tensor_gt_number(Handle, target.Number), this);
        public Tensor ge(Tensor target) => Own(tensor_ge(Handle, target.Handle), this, target);
        public Tensor ge(Scalar target) => Own(tensor_ge_number(Handle, target.Number), this);
        public Tensor where(Tensor condition, Tensor y) =>
            Own(tensor_where(condition.Handle, Handle, y.Handle), this, condition, y);

        public Tensor matmul(Tensor target) => Own(tensor_matmul(Handle, target.Handle), this, target);
        public Tensor mm(Tensor target) => Own(tensor_mm(Handle, target.Handle), this, target);
        public Tensor bmm(Tensor batch2) => Own(tensor_bmm(Handle, batch2.Handle), this, batch2);

        public Tensor uniform_(double from, double to, Generator? generator = null) =>
            this.Done(tensor_uniform_(Handle, from, to, HandleOf(generator)), generator);
        public Tensor normal_(double mean = 0.0, double std = 1.0, Generator? generator = null) =>
            this.Done(tensor_normal_(Handle, mean, std, HandleOf(generator)), generator);
        public Tensor bernoulli_(double p = 0.5, Generator? generator = null) =>
            this.Done(tensor_bernoulli_(Handle, p, HandleOf(generator)), generator);
    }
}
