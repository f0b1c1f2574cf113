using System;
using System.Collections.Generic;
using static TorchSharp.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public bool requires_grad
        {
            get
            {
                int result = tensor_requires_grad(Handle);
                GC.KeepAlive(this);
                return result != 0;
            }
            set => Check(tensor_set_requires_grad(Handle, value ? 1 : 0), this);
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public bool is_leaf
        {
            get
            {
                int result = tensor_is_leaf(Handle);
                GC.KeepAlive(this);
                return result != 0;
            }
        }

        /// <summary>A new handle on the gradient; null where there is none yet.</summary>
        public Tensor? grad
        {
            get
            {
                IntPtr result = tensor_grad(Handle);
                GC.KeepAlive(this);
                return result == IntPtr.Zero ? null : new Tensor(result);
            }
            set => Check(tensor_set_grad(Handle, HandleOf(value)), this, value);
        }

        public void retain_grad() => Check(tensor_retain_grad(Handle), this);

        public Tensor detach() => Own(tensor_detach(Handle), this);

        public Tensor detach_() => this.Done(tensor_detach_(Handle));

        public void backward() => autograd.backward(new[] { this });

        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null) =>
            autograd.backward(new[] { this }, grad_tensors, retain_graph, create_graph, inputs);
    }

    public static class autograd
    {
        public static unsafe void backward(IList<Tensor> tensors, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null)
        {
            IntPtr[] roots = HandlesOf(tensors), grads = HandlesOf(grad_tensors), targets = HandlesOf(inputs);
            fixed (IntPtr* root = roots, grad = grads, target = targets)
            {
                Check(
                    autograd_backward(
                        root, roots.Length, grad, grads.Length, retain_graph ?? create_graph ? 1 : 0, create_graph ? 1 : 0,
                        target, targets.Length),
                    tensors, grad_tensors, inputs);
            }
        }

        public static unsafe IList<Tensor> grad(IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? grad_outputs = null, bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            IntPtr[] roots = HandlesOf(outputs), targets = HandlesOf(inputs), grads = HandlesOf(grad_outputs);
            var results = new IntPtr[targets.Length];
            fixed (IntPtr* root = roots, target = targets, grad = grads, result = results)
            {
                Check(
                    autograd_grad(
                        root, roots.Length, target, targets.Length, grad, grads.Length, retain_graph ? 1 : 0,
                        create_graph ? 1 : 0, allow_unused ? 1 : 0, result),
                    outputs, inputs, grad_outputs);
            }
            return Array.ConvertAll(results, handle => new Tensor(handle));
        }
    }
}
