using System.Text;

namespace DictionaryGenerator;

static class UidWriter
{
    public static string Write(IReadOnlyList<UidLine> uids)
    {
        var code = new StringBuilder(Source.Header).Append("public sealed partial class DicomUID\n{\n");
        foreach (var (uid, index) in uids.Select((uid, index) => (uid, index)))
        {
            code.Append($"    /// <summary>{uid.Value}, {Escape(uid.Name)}{(uid.Retired ? ", retired" : "")}</summary>\n");
            code.Append($"    public static DicomUID {Identifier(uid.Keyword)} => Standard({index});\n");
        }
        code.Append("\n    /// <summary>A line a UID: value, type, keyword, name; the lines in the order of the properties' numbers.</summary>\n");
        code.Append("    static ReadOnlySpan<byte> StandardTable =>\n");
        foreach (var (uid, i) in uids.Select((uid, i) => (uid, i)))
            code.Append(i == 0 ? "        \"" : " +\n        \"")
                .Append($"{uid.Value}\\t{uid.Type}\\t{uid.Keyword}\\t{uid.Name}\\n\"u8");
        code.Append($";\n\n    const int StandardCount = {uids.Count};\n");
        return code.Append("}\n").ToString();
    }

    static string Identifier(string keyword) => char.IsAsciiDigit(keyword[0]) ? "_" + keyword : keyword;

    static string Escape(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;");
}
