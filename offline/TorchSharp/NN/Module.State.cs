using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            public virtual Dictionary<string, Tensor> state_dict(
                Dictionary<string, Tensor>? destination = null, string? prefix = null)
            {
                destination ??= [];
                var start = string.IsNullOrEmpty(prefix) ? "" : prefix + ".";
                foreach (var (name, parameter) in named_parameters())
                    destination.TryAdd(start + name, parameter);
                foreach (var (name, buffer) in named_buffers(include_nonpersistent: false))
                    destination.TryAdd(start + name, buffer);
                return destination;
            }

            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(
                Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
            {
                skip ??= [];
                var destination = state_dict();
                var missing = destination.Keys.Where(key => !skip.Contains(key) && !source.ContainsKey(key)).ToList();
                var unexpected = source.Keys.Where(key => !skip.Contains(key) && !destination.ContainsKey(key)).ToList();
                if (strict && missing.Count + unexpected.Count > 0)
                {
                    throw new InvalidOperationException(
                        $"The state dictionary does not fit {_name}: missing [{string.Join(", ", missing)}], "
                        + $"unexpected [{string.Join(", ", unexpected)}].");
                }

                using var _ = no_grad();
                foreach (var (key, tensor) in source)
                {
                    if (!skip.Contains(key) && destination.TryGetValue(key, out var target))
                        target.copy_(tensor);
                }
                return (missing, unexpected);
            }

            public Module save(string location, IList<string>? skip = null)
            {
                using var stream = File.Create(location);
                return save(stream, skip);
            }

            /// <remarks>The stream is closed, as in the real package.</remarks>
            public Module save(Stream stream, IList<string>? skip = null)
            {
                using var writer = new BinaryWriter(stream);
                return save(writer, skip);
            }

            public Module save(BinaryWriter writer, IList<string>? skip = null)
            {
                var entries = state_dict().Where(entry => skip is null || !skip.Contains(entry.Key)).ToList();
                writer.Encode(entries.Count);
                foreach (var (key, tensor) in entries)
                {
                    writer.Write(key);
                    tensor.Save(writer);
                }
                return this;
            }

            public virtual Module load(
                string location, bool strict = true, IList<string>? skip = null,
                Dictionary<string, bool>? loadedParameters = null)
            {
                using var stream = File.OpenRead(location);
                return load(stream, strict, skip, loadedParameters);
            }

            /// <remarks>The stream is closed, as in the real package.</remarks>
            public Module load(
                Stream stream, bool strict = true, IList<string>? skip = null,
                Dictionary<string, bool>? loadedParameters = null)
            {
                using var reader = new BinaryReader(stream);
                return load(reader, strict, skip, loadedParameters);
            }

            /// <remarks>
            /// Entries are written into the module as they are read; what came before a damaged entry stays loaded. A
            /// module on a GPU visits the CPU meanwhile, so its parameters are new objects afterwards.
            /// </remarks>
            public virtual Module load(
                BinaryReader reader, bool strict = true, IList<string>? skip = null,
                Dictionary<string, bool>? loadedParameters = null)
            {
                var device = _device;
                if (device is { type: not DeviceType.CPU })
                    MoveTo(CPU, null);
                try
                {
                    ReadEntries(reader, strict, skip ?? [], loadedParameters);
                }
                finally
                {
                    if (device is { type: not DeviceType.CPU })
                        MoveTo(device, null);
                }
                return this;
            }

            private void ReadEntries(
                BinaryReader reader, bool strict, IList<string> skip, Dictionary<string, bool>? loadedParameters)
            {
                var destination = state_dict();
                var count = reader.Decode();
                if (strict && count != destination.Count)
                {
                    throw new ArgumentException(
                        $"The file holds {count} entries; the state dictionary of {_name} has {destination.Count}.");
                }
                for (long i = 0; i < count; i++)
                {
                    var key = reader.ReadString();
                    var known = destination.TryGetValue(key, out var target);
                    if (!known && strict)
                        throw new ArgumentException($"The file holds '{key}', which {_name} does not have.");
                    if (known && !skip.Contains(key))
                        target.Load(reader);
                    else
                        SavedTensor.Skip(reader);
                    loadedParameters?.Add(key, known);
                }
            }
        }
    }
}
