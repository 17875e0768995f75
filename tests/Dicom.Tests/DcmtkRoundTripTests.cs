using System.Buffers.Binary;
using System.Text.RegularExpressions;
using SoftSeg.Dicom.Tests.Support;

namespace SoftSeg.Dicom.Tests;

/// <summary>The same data set written by DCMTK and by this library, in every syntax and with both kinds of lengths.</summary>
public sealed partial class DcmtkRoundTripTests : IDisposable
{
    /// <summary>A value of every representation, odd lengths, several values, empty values, nesting, private blocks, a UN.</summary>
    const string EveryRepresentation = """
        (0008,0005) CS [ISO_IR 100]
        (0008,0008) CS [ORIGINAL\PRIMARY\M]
        (0008,0016) UI [1.2.840.10008.5.1.4.1.1.4]
        (0008,0018) UI [1.2.3.4.5]
        (0008,0020) DA [20240229]
        (0008,002a) DT [20240229101112.123456+0100]
        (0008,0030) TM [101112.5]
        (0008,0050) SH []
        (0008,0055) AE [STATION]
        (0008,0081) ST [Some street 1\ no value separator]
        (0008,0119) UC [a long code value]
        (0008,0120) UR [http://example.org/x]
        (0008,1032) SQ (Sequence with explicit length)
        (fffe,e000) na (Item with explicit length)
        (0008,0100) SH [P5-09051]
        (0008,0104) LO [Spinal cord]
        (0040,a730) SQ (Sequence with explicit length)
        (fffe,e000) na (Item with explicit length)
        (0040,a160) UT [deep]
        (fffe,e00d) na (ItemDelimitationItem for re-encoding)
        (fffe,e0dd) na (SequenceDelimitationItem for re-encoding)
        (fffe,e00d) na (ItemDelimitationItem for re-encoding)
        (fffe,e000) na (Item with explicit length)
        (fffe,e00d) na (ItemDelimitationItem for re-encoding)
        (fffe,e0dd) na (SequenceDelimitationItem for re-encoding)
        (0008,1111) SQ (Sequence with explicit length)
        (fffe,e0dd) na (SequenceDelimitationItem for re-encoding)
        (0008,1161) UL 1\2\4294967295
        (0010,0010) PN [Doe^Jane]
        (0010,0020) LO [P1]
        (0010,1010) AS [042Y]
        (0010,21b0) LT [A history.]
        (0010,9431) FL 1.5
        (0018,6020) SL -5
        (0018,9087) FD 1000.25
        (0019,0010) LO [SOFTSEG TEST]
        (0019,1001) DS [1.5\-2]
        (0019,1002) OB 00\01\02\03
        (0020,0013) IS [7]
        (0020,0032) DS [-1.5\0\33.25]
        (0020,9165) AT (0020,9056)\(0020,9057)
        (0028,0010) US 2
        (0028,0011) US 2
        (0028,0103) US 1
        (0028,0106) SS -7
        (0066,0129) OL 1\2\3
        (0072,006d) UN 01\02\03\04
        (0072,0082) SV -5\9000000000
        (0072,0083) UV 18446744073709551615
        (7fe0,0001) OV 1\2
        (7fe0,0008) OF 1.5\-2.25
        (7fe0,0009) OD 1.5\-2.25
        (7fe0,0010) OW 0001\0002\fffe\1234
        """;

    readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData("+te", "+e")]
    [InlineData("+te", "-e")]
    [InlineData("+ti", "+e")]
    [InlineData("+ti", "-e")]
    [InlineData("+tb", "+e")]
    [InlineData("+tb", "-e")]
    [InlineData("+td", "+e")]
    [InlineData("+td", "-e")]
    public void What_DCMTK_wrote_in_any_syntax_comes_back_as_its_own_bytes(string syntax, string lengths)
    {
        var explicitFile = MadeByDcmtk();
        var converted = directory.File("converted.dcm");
        Dcmtk.Run("dcmconv", syntax, lengths, explicitFile, converted);

        var file = DicomFile.Open(converted);
        Assert.Equal(syntax == "+tb", file.TransferSyntax.IsBigEndian);

        // Private elements, the UN, and the type of (0028,0106) survive implicit VR too, but as UN where no dictionary has them.
        var expected = syntax == "+ti" ? Converted(explicitFile, "+ti") : explicitFile;
        file.TransferSyntax = syntax == "+ti" ? DicomTransferSyntax.ImplicitVRLittleEndian : DicomTransferSyntax.ExplicitVRLittleEndian;
        var saved = directory.File("saved.dcm");
        file.Save(saved);
        Assert.Equal(Convert.ToHexString(DataSetOf(expected)), Convert.ToHexString(DataSetOf(saved)));
    }

    [Fact]
    public void Values_of_every_representation_are_read()
    {
        foreach (var syntax in new[] { "+te", "+tb", "+td" })
        {
            var dataset = DicomFile.Open(Converted(MadeByDcmtk(), syntax)).Dataset;
            Assert.Equal(["ORIGINAL", "PRIMARY", "M"], dataset.GetStrings(DicomTag.ImageType));
            Assert.Equal("", dataset.GetString(DicomTag.AccessionNumber));
            Assert.Null(dataset.GetStringOrNull(DicomTag.AccessionNumber));
            Assert.Equal([@"Some street 1\ no value separator"], dataset.GetStrings(DicomTag.InstitutionAddress));
            Assert.Equal("http://example.org/x", dataset.GetString(DicomTag.URNCodeValue));
            Assert.Equal([1, 2, 4294967295], dataset.GetDoubles(DicomTag.SimpleFrameList));
            Assert.Equal(@"1\2\4294967295", dataset.GetString(DicomTag.SimpleFrameList));
            Assert.Equal(1.5, dataset.GetDouble(DicomTag.ExaminedBodyThickness));
            Assert.Equal(-5, dataset.GetInt32(DicomTag.ReferencePixelX0));
            Assert.Equal(1000.25, dataset.GetDouble(DicomTag.DiffusionBValue));
            Assert.Equal(7, dataset.GetInt32(DicomTag.InstanceNumber));
            Assert.Equal([-1.5, 0, 33.25], dataset.GetDoubles(DicomTag.ImagePositionPatient));
            Assert.Equal([new DicomTag(0x0020, 0x9056), new DicomTag(0x0020, 0x9057)], dataset.GetTags(DicomTag.DimensionIndexPointer));
            Assert.Equal("(0020,9056)\\(0020,9057)", dataset.GetString(DicomTag.DimensionIndexPointer));
            Assert.Equal(-7, dataset.GetInt32(DicomTag.SmallestImagePixelValue));
            Assert.Equal([1, 2, 3], dataset.GetInt32s(DicomTag.TrackPointIndexList));
            Assert.Equal(9000000000, dataset.GetInt64(DicomTag.SelectorSVValue, 1));
            Assert.Equal("18446744073709551615", dataset.GetString(DicomTag.SelectorUVValue));
            Assert.Equal([1.5, -2.25], dataset.GetDoubles(DicomTag.FloatPixelData));
            Assert.Equal([1.5, -2.25], dataset.GetDoubles(DicomTag.DoubleFloatPixelData));
            Assert.Equal([1, 2, 65534, 4660], dataset.GetInt32s(DicomTag.PixelData));
            Assert.Equal([1, 2, 3, 4], dataset.GetBytes(DicomTag.SelectorUNValue).ToArray());
            var procedure = dataset.GetSequence(DicomTag.ProcedureCodeSequence);
            Assert.Equal(2, procedure.Count);
            Assert.Empty(procedure[1]);
            Assert.Equal("deep", procedure[0].GetSequence(DicomTag.ContentSequence)[0].GetString(DicomTag.TextValue));
            Assert.Empty(dataset.GetSequence(DicomTag.ReferencedPerformedProcedureStepSequence));
            var priv = dataset.PrivateTag("SOFTSEG TEST", 0x0019, 0x01)!.Value;
            Assert.Equal([1.5, -2], dataset.GetDoubles(priv));
            Assert.Equal("SOFTSEG TEST", dataset.PrivateCreatorOf(priv));
        }
    }

    [Fact]
    public void Real_files_saved_again_look_the_same_to_dcmdump()
    {
        // One file of each folder: dcmdump takes its time.
        foreach (var path in RealFiles.All.GroupBy(Path.GetDirectoryName).Select(folder => folder.First()))
        {
            var (exitCode, before, _) = Dcmtk.TryRun("dcmdump", "-q", "+L", path);
            if (exitCode != 0)
                continue; // damaged: dcmdump refuses it, so that there is nothing to compare with
            var file = DicomFile.Open(path);
            var saved = directory.File("saved.dcm");
            file.Save(saved);
            var after = Dcmtk.Run("dcmdump", "-q", "+L", saved);
            Assert.Equal(Comparable(before), Comparable(after));
        }
    }

    [Fact]
    public void Text_of_real_files_is_what_dcmdump_shows()
    {
        var compared = 0;
        foreach (var path in RealFiles.All.GroupBy(Path.GetDirectoryName).Select(folder => folder.First()))
        {
            var dataset = DicomFile.Open(path, new DicomReadOptions { StopBefore = DicomTag.PixelData }).Dataset;
            foreach (Match line in TextLine().Matches(Dcmtk.TryRun("dcmdump", "-q", "+L", "-Un", path).Output))
            {
                var tag = DicomTag.Parse(line.Groups["tag"].Value);
                if (tag.Group == 2)
                    continue;
                Assert.Equal(line.Groups["text"].Value.Trim(' '), dataset.GetString(tag).Trim(' '));
                compared++;
            }
        }
        Assert.InRange(compared, 10, int.MaxValue);
    }

    /// <summary>An element of the top level with text in ASCII.</summary>
    [GeneratedRegex(@"^(?<tag>\([0-9a-f]{4},[0-9a-f]{4}\)) (AE|AS|CS|DA|DS|DT|IS|LO|PN|SH|TM|UI|LT|ST|UT) \[(?<text>[ -~]*)\] +#.*$", RegexOptions.Multiline)]
    private static partial Regex TextLine();

    /// <summary>The data set's lines without lengths, which may be written in two ways, and without group lengths, which are not written.</summary>
    static IEnumerable<string> Comparable(string dump) =>
        from line in dump[dump.IndexOf("# Dicom-Data-Set", StringComparison.Ordinal)..].Split('\n')
        let text = LengthText().Replace(line, "").TrimEnd()
        where text.Length > 0 && text[0] != '#' && !GroupLengthLine().IsMatch(text)
        select text;

    [GeneratedRegex(@" with (explicit|undefined) length #=\d+| for re-encod(ing|\.)| *#[ u/l0-9]+, *\d+ \w+$| # *\d+,.*$| *#  .*$| *# u/l.*$")]
    private static partial Regex LengthText();

    [GeneratedRegex(@"^ *\([0-9a-f]{4},0000\)")]
    private static partial Regex GroupLengthLine();

    string MadeByDcmtk()
    {
        var dump = directory.File("every.dump");
        File.WriteAllText(dump, EveryRepresentation.Replace("\r", "", StringComparison.Ordinal));
        var path = directory.File("every.dcm");
        Dcmtk.Run("dump2dcm", "-q", "+te", dump, path);
        return path;
    }

    string Converted(string path, string syntax)
    {
        var converted = directory.File($"converted{syntax}.dcm");
        Dcmtk.Run("dcmconv", syntax, path, converted);
        return converted;
    }

    static byte[] DataSetOf(string path)
    {
        var bytes = File.ReadAllBytes(path);
        return bytes[(144 + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(140)))..];
    }
}
