using System.Text;

namespace DictionaryGenerator;

static class TagWriter
{
    public static string Write(IReadOnlyList<AttributeLine> attributes)
    {
        var code = new StringBuilder(Source.Header)
            .Append("public readonly partial record struct DicomTag\n{\n");
        var written = new HashSet<string>();
        // A keyword in use goes before a retired one of the same name.
        foreach (var attribute in attributes.OrderBy(a => a.Retired).ThenBy(a => a.Tag))
        {
            if (!written.Add(attribute.Keyword))
                continue;
            var (group, element) = (attribute.Tag >> 16, attribute.Tag & 0xFFFF);
            code.Append($"    /// <summary>({group:X4},{element:X4}) {Source.VRText(attribute.VR)} {attribute.VM}");
            code.Append(attribute.Repeating ? ", first of a repeating group" : "").Append(attribute.Retired ? ", retired" : "");
            code.Append("</summary>\n");
            code.Append($"    public static DicomTag {attribute.Keyword} => new(0x{group:X4}, 0x{element:X4});\n");
        }
        return code.Append("}\n").ToString();
    }
}
