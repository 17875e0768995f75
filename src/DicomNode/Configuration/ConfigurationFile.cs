using System.Collections;
using System.Text;
using System.Text.Json;

namespace SoftSeg.DicomNode.Configuration;

/// <summary>
/// Reads <c>softseg.json</c> (comments and trailing commas are allowed) and the environment (<c>SOFTSEG_Node__Port</c>), and tells
/// everything that is wrong with it at once, each with its line.
/// </summary>
public static class ConfigurationFile
{
    const string EnvironmentPrefix = "SOFTSEG_";

    /// <exception cref="ConfigurationException">Something is wrong; holds one line per error.</exception>
    public static NodeConfiguration Load(string path)
    {
        if (!File.Exists(path))
            throw new ConfigurationException([$"{path}: no such file. Name the configuration with --config FILE; conf/softseg.json is an example."]);

        IConfiguration source;
        IReadOnlyDictionary<string, int> lines;
        try
        {
            lines = FindLines(File.ReadAllBytes(path));
            source = new ConfigurationBuilder()
                .AddJsonFile(Path.GetFullPath(path), optional: false, reloadOnChange: false)
                .AddInMemoryCollection(FromEnvironment())
                .Build();
        }
        catch (JsonException error)
        {
            throw new ConfigurationException([$"{path}:{error.LineNumber + 1}: not valid JSON: {error.Message.Split(" LineNumber:")[0]}"]);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException or FormatException)
        {
            throw new ConfigurationException([$"{path}: {error.InnerException?.Message ?? error.Message}"]);
        }

        var configuration = new NodeConfiguration();
        var errors = SettingsBinder.Bind(source, configuration);
        // What a setting says by itself is wrong is not told a second time by the rules between settings.
        var wrong = errors.Select(error => error.Key).ToHashSet();
        errors.AddRange(ConfigurationRules.Check(configuration).Concat(Secrets.CheckFile(path, configuration)).Where(error => !wrong.Contains(error.Key)));
        if (errors.Count > 0)
        {
            throw new ConfigurationException([.. errors
                .Select(error => (error, line: LineOf(lines, error.Key)))
                .OrderBy(e => e.line ?? int.MaxValue)
                .Select(e => $"{path}{(e.line is { } line ? $":{line}" : "")}: {e.error.Key}: {e.error.Message}")]);
        }
        return configuration;
    }

    /// <summary>The variables that name a setting in a section; others that begin like them, such as a path of a tool, are none of ours.</summary>
    static IEnumerable<KeyValuePair<string, string?>> FromEnvironment() =>
        from DictionaryEntry variable in Environment.GetEnvironmentVariables()
        let name = (string)variable.Key
        where name.StartsWith(EnvironmentPrefix, StringComparison.OrdinalIgnoreCase) && name.Contains("__", StringComparison.Ordinal)
        select KeyValuePair.Create(name[EnvironmentPrefix.Length..].Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal), (string?)variable.Value);

    /// <summary>The line of the key, or of the nearest object around it.</summary>
    static int? LineOf(IReadOnlyDictionary<string, int> lines, string key)
    {
        while (true)
        {
            if (lines.TryGetValue(key, out var line))
                return line;
            var colon = key.LastIndexOf(':');
            if (colon < 0)
                return null;
            key = key[..colon];
        }
    }

    /// <summary>Line (from 1) of each configuration key, <c>Peers:0:Port</c>.</summary>
    static Dictionary<string, int> FindLines(byte[] json)
    {
        var content = json.AsSpan();
        if (content.StartsWith(Encoding.UTF8.Preamble))
            content = content[Encoding.UTF8.Preamble.Length..];
        var reader = new Utf8JsonReader(content, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        var lines = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        // One entry per open object or array: its key, and the next index if it is an array.
        var open = new Stack<(string Key, int Next)>();
        var name = "";
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    var parent = open.Count > 0 ? open.Peek().Key : "";
                    name = parent.Length > 0 ? $"{parent}:{reader.GetString()}" : reader.GetString()!;
                    var line = LineAt(content, reader.TokenStartIndex);
                    if (!lines.TryAdd(name, line))
                        throw new FormatException($"{name} stands there twice, in line {lines[name]} and in line {line}");
                    break;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    var key = KeyOfValue(content, ref reader);
                    open.Push((key, reader.TokenType == JsonTokenType.StartArray ? 0 : -1));
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    open.Pop();
                    break;
                default:
                    KeyOfValue(content, ref reader);
                    break;
            }
        }
        return lines;

        string KeyOfValue(ReadOnlySpan<byte> text, ref Utf8JsonReader at)
        {
            if (open.Count == 0)
                return "";
            var (parent, next) = open.Peek();
            if (next < 0)
                return name;
            open.Pop();
            open.Push((parent, next + 1));
            var key = $"{parent}:{next}";
            lines[key] = LineAt(text, at.TokenStartIndex);
            return key;
        }

        static int LineAt(ReadOnlySpan<byte> text, long offset) => text[..(int)offset].Count((byte)'\n') + 1;
    }
}

/// <summary>The configuration can't be used; <see cref="Errors"/> has one line for each thing to mend.</summary>
public sealed class ConfigurationException(IReadOnlyList<string> errors) : Exception(string.Join(Environment.NewLine, errors))
{
    public IReadOnlyList<string> Errors { get; } = errors;
}

/// <summary>One thing that is wrong: the setting's key (<c>Peers:0:Port</c>) and what was got and expected.</summary>
public sealed record ConfigurationError(string Key, string Message);
