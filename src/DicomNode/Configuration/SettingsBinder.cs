using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace SoftSeg.DicomNode.Configuration;

/// <summary>
/// Sets a settings object's properties from configuration. The framework's binder stops at the first value that does not
/// convert and passes over keys that nobody reads; an administrator wants all of both at once.
/// </summary>
static class SettingsBinder
{
    public static List<ConfigurationError> Bind(IConfiguration source, object settings)
    {
        var errors = new List<ConfigurationError>();
        BindObject(source, settings, "", errors);
        return errors;
    }

    static void BindObject(IConfiguration source, object settings, string prefix, List<ConfigurationError> errors)
    {
        var properties = settings.GetType().GetProperties().Where(p => p.CanWrite).ToArray();
        foreach (var child in source.GetChildren())
        {
            var key = prefix + child.Key;
            var property = Array.Find(properties, p => p.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
                errors.Add(new(key, $"no such setting; expected {string.Join(", ", properties.Select(p => p.Name))}"));
            else
                BindProperty(child, settings, property, key, errors);
        }

        foreach (var property in properties.Where(p => !errors.Exists(e => e.Key == prefix + p.Name)))
            Validate(settings, property, prefix + property.Name, errors);
    }

    static void BindProperty(IConfigurationSection section, object settings, PropertyInfo property, string key, List<ConfigurationError> errors)
    {
        if (property.GetValue(settings) is IList list)
        {
            BindList(section, list, key, errors);
        }
        else if (property.PropertyType.IsClass && property.PropertyType != typeof(string))
        {
            if (section.Value is { Length: > 0 } value)
                errors.Add(new(key, $"got {Quote(value)}, expected an object {{ ... }}"));
            else
                BindObject(section, property.GetValue(settings)!, key + ":", errors);
        }
        else if (TryConvert(section, property.PropertyType, key, errors, out var value))
        {
            property.SetValue(settings, value);
        }
    }

    static void BindList(IConfigurationSection section, IList list, string key, List<ConfigurationError> errors)
    {
        if (section.Value is { Length: > 0 } single)
        {
            errors.Add(new(key, $"got {Quote(single)}, expected a list [ ... ]"));
            return;
        }
        if (section.GetChildren().FirstOrDefault(child => !int.TryParse(child.Key, CultureInfo.InvariantCulture, out _)) is { } named)
        {
            errors.Add(new(key, $"got an object with {Quote(named.Key)}, expected a list [ ... ]"));
            return;
        }
        // What the file says replaces the default; it does not add to it.
        list.Clear();
        var type = list.GetType().GetGenericArguments()[0];
        foreach (var child in section.GetChildren())
        {
            var childKey = $"{key}:{child.Key}";
            if (type.IsClass && type != typeof(string))
            {
                var item = Activator.CreateInstance(type)!;
                BindObject(child, item, childKey + ":", errors);
                list.Add(item);
            }
            else if (TryConvert(child, type, childKey, errors, out var value))
            {
                list.Add(value);
            }
        }
    }

    static bool TryConvert(IConfigurationSection section, Type type, string key, List<ConfigurationError> errors, out object? value)
    {
        var text = section.Value;
        value = text switch
        {
            null => null,
            _ when type == typeof(string) => text,
            _ when type == typeof(bool) && bool.TryParse(text, out var flag) => flag,
            _ when type == typeof(int) && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
            _ when (type == typeof(double) || type == typeof(double?)) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
            _ => null,
        };
        if (value is null)
        {
            var expected = type == typeof(bool) ? "true or false" : type == typeof(int) ? "a whole number" : type == typeof(double) || type == typeof(double?) ? "a number" : "text";
            errors.Add(new(key, $"got {(text is not null ? Quote(text) : section.GetChildren().Any() ? "an object or a list" : "null")}, expected {expected}"));
        }
        return value is not null;
    }

    static void Validate(object settings, PropertyInfo property, string key, List<ConfigurationError> errors)
    {
        var value = property.GetValue(settings);
        foreach (var rule in property.GetCustomAttributes<ValidationAttribute>().Where(rule => !rule.IsValid(value)))
        {
            errors.Add(new(key, rule switch
            {
                RequiredAttribute => "is missing or empty",
                RangeAttribute range => string.Create(CultureInfo.InvariantCulture, $"got {value}, expected {range.Minimum} to {range.Maximum}"),
                _ when value is IList => rule.ErrorMessage!,
                _ => $"got {Quote(value?.ToString() ?? "")}, {rule.ErrorMessage ?? rule.FormatErrorMessage(property.Name)}",
            }));
        }
    }

    static string Quote(string value) => $"\"{value}\"";
}
