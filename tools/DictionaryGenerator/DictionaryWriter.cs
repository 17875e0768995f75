using System.Text;

namespace DictionaryGenerator;

static class DictionaryWriter
{
    /// <summary>Marks an attribute whose VR depends on others (OB or OW, US or SS).</summary>
    const int Ambiguous = 0x40;

    const int Retired = 0x80;

    public static string Write(IReadOnlyList<AttributeLine> attributes)
    {
        var vms = attributes.Select(a => a.VM).Distinct().Order(StringComparer.Ordinal).ToList();
        var offsets = new List<int> { 0 };
        foreach (var attribute in attributes)
            offsets.Add(offsets[^1] + attribute.Keyword.Length);
        var order = Enumerable.Range(0, attributes.Count)
            .OrderBy(i => attributes[i].Keyword, StringComparer.Ordinal)
            .ThenBy(i => attributes[i].Retired);

        var code = new StringBuilder(Source.Header).Append("public static partial class DicomDictionary\n{\n");
        code.AppendTable("uint", "Tags", attributes.Select(a => $"0x{a.Tag:X8}"));
        code.AppendTable("byte", "VRs", attributes.Select(a => $"{VRCode(a)}"));
        code.AppendTable("byte", "VMs", attributes.Select(a => $"{vms.IndexOf(a.VM)}"));
        code.AppendTable("int", "KeywordOffsets", offsets.Select(o => $"{o}"));
        code.AppendTable("ushort", "KeywordOrder", order.Select(i => $"{i}"));
        code.Append("    static readonly string[] MultiplicityNames = [")
            .AppendJoin(", ", vms.Select(vm => $"\"{vm}\"")).Append("];\n\n");
        code.Append("    static ReadOnlySpan<byte> Keywords =>\n");
        foreach (var (line, i) in attributes.Chunk(8).Select((line, i) => (line, i)))
            code.Append(i == 0 ? "        \"" : " +\n        \"").AppendJoin("", line.Select(a => a.Keyword)).Append("\"u8");
        return code.Append(";\n}\n").ToString();
    }

    static int VRCode(AttributeLine attribute)
    {
        var vr = attribute.VR switch
        {
            "ox" or "px" or "lt" => "OW",
            "xs" => "US",
            "up" => "UL",
            "na" => "UN",
            var known => known,
        };
        return Array.IndexOf(DictionarySource.VRs, vr)
            | (attribute.VR is "ox" or "px" or "lt" or "xs" ? Ambiguous : 0)
            | (attribute.Retired ? Retired : 0);
    }
}
