using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class utils
        {
            public static unsafe double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2.0)
            {
                Tensor[] parameters = tensors.ToArray<Tensor>();
                IntPtr[] handles = HandlesOf(parameters);
                fixed (IntPtr* pointer = handles)
                {
                    double norm = NativeMethods.nn_clip_grad_norm_(pointer, handles.Length, max_norm, norm_type);
                    GC.KeepAlive(parameters);
                    CheckForErrors();
                    return norm;
                }
            }
        }
    }
}
