using System.Reflection;
using Microsoft.ML.Data;

namespace Microsoft.ML;

public sealed partial class DataViewSchema
{
    /// <summary>Named values that describe a column: slot names, key values and the like.</summary>
    public sealed class Annotations
    {
        private readonly Delegate[] _getters;

        private Annotations(DataViewSchema schema, Delegate[] getters)
        {
            Schema = schema;
            _getters = getters;
        }

        public static Annotations Empty { get; } = new(new DataViewSchema([]), []);

        public DataViewSchema Schema { get; }

        public ValueGetter<TValue> GetGetter<TValue>(Column column)
        {
            if (column.Index >= _getters.Length)
                throw new ArgumentException(nameof(column));
            return _getters[column.Index] as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"Invalid call to '{nameof(GetGetter)}'");
        }

        public void GetValue<TValue>(string kind, ref TValue value)
        {
            var column = Schema.GetColumnOrNull(kind)
                ?? throw new InvalidOperationException($"Invalid call to '{nameof(GetValue)}'");
            GetGetter<TValue>(column)(ref value);
        }

        public override string ToString() => string.Join(", ", Schema.Select(column => column.Name));

        public sealed class Builder
        {
            private readonly List<(DetachedColumn Column, Delegate Getter)> _items = [];

            /// <summary>Copies those of <paramref name="annotations"/> whose kind the selector accepts.</summary>
            public void Add(Annotations annotations, Func<string, bool> selector)
            {
                if (annotations is null)
                    return;
                ArgumentNullException.ThrowIfNull(selector);
                foreach (var column in annotations.Schema.Where(column => selector(column.Name)))
                {
                    var copy = new DetachedColumn(column.Name, column.Type, column.Annotations);
                    _items.Add((copy, annotations._getters[column.Index]));
                }
            }

            public void Add<TValue>(
                string name, DataViewType type, ValueGetter<TValue> getter, Annotations annotations = null)
            {
                ThrowIfNamelessOrUntyped(name, type);
                ArgumentNullException.ThrowIfNull(getter);
                if (type.RawType != typeof(TValue))
                    throw new ArgumentException(
                        $"{nameof(type)}.{nameof(type.RawType)} must be of type '{typeof(TValue).FullName}'.",
                        nameof(type));
                _items.Add((new DetachedColumn(name, type, annotations), getter));
            }

            public void Add(string name, DataViewType type, Delegate getter, Annotations annotations = null)
            {
                ThrowIfNamelessOrUntyped(name, type);
                ArgumentNullException.ThrowIfNull(getter);
                var expected = typeof(ValueGetter<>).MakeGenericType(type.RawType);
                if (getter.GetType() != expected)
                    // The real builder checks inside a reflective call, so its complaint arrives wrapped.
                    throw new TargetInvocationException(new ArgumentException(
                        $"{nameof(getter)} must be of type '{expected.FullName}'", nameof(getter)));
                _items.Add((new DetachedColumn(name, type, annotations), getter));
            }

            public Annotations ToAnnotations()
            {
                var builder = new DataViewSchema.Builder();
                builder.AddColumns(_items.Select(item => item.Column));
                return new Annotations(builder.ToSchema(), [.. _items.Select(item => item.Getter)]);
            }
        }
    }
}
