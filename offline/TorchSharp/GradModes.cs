using System;
using static TorchSharp.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    public static IDisposable no_grad() => new GradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

    public static bool is_grad_enabled() => torch_grad_enabled() != 0;

    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    public static bool is_inference_mode_enabled() => torch_inference_mode_enabled() != 0;

    /// <summary>Sets this thread's gradient mode until disposed.</summary>
    private sealed class GradMode : IDisposable
    {
        private readonly bool before = is_grad_enabled();

        public GradMode(bool enabled) => torch_set_grad_enabled(enabled ? 1 : 0);

        public void Dispose() => torch_set_grad_enabled(before ? 1 : 0);
    }

    private sealed class InferenceMode : IDisposable
    {
        private IntPtr guard;

        public InferenceMode(bool enabled) => guard = torch_enter_inference_mode(enabled ? 1 : 0);

        public void Dispose()
        {
            torch_leave_inference_mode(guard);
            guard = IntPtr.Zero;
        }
    }
}
