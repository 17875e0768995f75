using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace SoftSeg.DicomNode.Tests;

/// <summary>Holds the import arrows between the rooms: docs/decisions/0000-rooms.md.</summary>
public sealed partial class ArchitectureTests
{
    static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Dicom"] = [],
        ["SegEngine"] = [],
        ["DicomReader"] = ["Dicom", "SegEngine"],
        ["DicomWriter"] = ["Dicom", "SegEngine"],
        ["DicomNode"] = ["Dicom", "DicomReader", "DicomWriter", "SegEngine"],
        ["SegTrainer"] = ["SegEngine"],
    };


    static readonly string Source = Path.Combine(Repository.Root, "src");

    public static TheoryData<string> Rooms => [.. Arrows.Keys];

    [Fact]
    public void Every_project_is_a_known_room() =>
        Assert.Equal(Arrows.Keys.Order(), Directory.GetDirectories(Source).Select(Path.GetFileName).Order()!);

    [Theory, MemberData(nameof(Rooms))]
    public void A_room_references_only_what_the_arrows_allow(string room)
    {
        var project = XDocument.Load(Path.Combine(Source, room, $"{room}.csproj"));
        var references = project.Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!));
        Assert.Empty(references.Except(Arrows[room]));
    }

    [Theory, MemberData(nameof(Rooms))]
    public void A_room_names_no_other_room_in_its_code(string room)
    {
        var forbidden = Arrows.Keys.Except(Arrows[room]).Where(other => other != room).ToHashSet();
        var offences =
            from file in Directory.EnumerateFiles(Path.Combine(Source, room), "*.cs", SearchOption.AllDirectories)
            where !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
            from Match match in NamespaceUse().Matches(File.ReadAllText(file))
            where forbidden.Contains(match.Groups[1].Value)
            select $"{file}: {match.Value}";
        Assert.Empty(offences);
    }

    [Fact]
    public void The_node_knows_no_tag_numbers_PDU_bytes_or_tensors()
    {
        var offences =
            from file in Directory.EnumerateFiles(Path.Combine(Source, "DicomNode"), "*.cs", SearchOption.AllDirectories)
            where !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
            from Match match in ForbiddenInNode().Matches(File.ReadAllText(file))
            select $"{file}: {match.Value}";
        Assert.Empty(offences);
    }

    [GeneratedRegex(@"\bSoftSeg\.(Dicom|SegEngine|DicomReader|DicomWriter|DicomNode|SegTrainer)\b")]
    private static partial Regex NamespaceUse();

    [GeneratedRegex(@"new DicomTag\(|OnnxRuntime|\bDenseTensor\b|PduType")]
    private static partial Regex ForbiddenInNode();
}
