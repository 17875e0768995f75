using System.Text;
using SoftSeg.Dicom;

namespace SoftSeg.DicomReader.Tests;

/// <summary>Whatever stands in an attribute, the reader answers with stacks or refusals and throws nothing.</summary>
public sealed class RobustnessTests
{
    static readonly Dictionary<string, Func<DicomTag, DicomVR, DicomItem?>> changes = new()
    {
        ["removed"] = (_, _) => null,
        ["empty"] = (tag, vr) => Element(tag, vr, []),
        ["words"] = (tag, vr) => Element(tag, vr, Encoding.ASCII.GetBytes("abc\\d e")),
        ["a huge number"] = (tag, vr) => Element(tag, vr, "1e308\\1e30"u8.ToArray()),
        ["a number beyond all"] = (tag, vr) => Element(tag, vr, "9e99999 "u8.ToArray()),
        ["a tiny number"] = (tag, vr) => Element(tag, vr, "1e-300\\1e-300 "u8.ToArray()),
        ["a negative number"] = (tag, vr) => Element(tag, vr, "-1\\-1\\-1 "u8.ToArray()),
        ["zeros"] = (tag, vr) => Element(tag, vr, "0\\0\\0\\0\\0\\0 "u8.ToArray()),
        ["one byte"] = (tag, vr) => Element(tag, vr, [0x7F]),
        ["ones in every bit"] = (tag, vr) => Element(tag, vr, [.. Enumerable.Repeat((byte)0xFF, 16)]),
        ["an unknown VR"] = (tag, _) => new DicomElement(tag, DicomVR.UN, new byte[] { 0x31, 0x00 }),
        ["a sequence"] = (tag, _) => new DicomSequence(tag, new DicomDataset()),
        ["a sequence without items"] = (tag, _) => new DicomSequence(tag),
    };

    public static TheoryData<string, string> Changes
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var change in changes.Keys)
            {
                data.Add("classic", change);
                data.Add("enhanced, shared", change);
                data.Add("enhanced, per frame", change);
            }
            return data;
        }
    }

    [Theory, MemberData(nameof(Changes))]
    public void No_content_of_any_attribute_is_a_crash(string kind, string change)
    {
        var tried = 0;
        foreach (var path in Paths(Instances(kind)[0]).ToArray())
        {
            var instances = Instances(kind);
            var holder = instances[0];
            foreach (var sequence in path.Sequences)
                holder = holder.GetSequence(sequence)[0];
            holder.TryGetItem(path.Tag, out var old);
            holder.Remove(path.Tag);
            if (changes[change](path.Tag, old!.ValueRepresentation) is { } changed)
                holder.AddOrUpdate(changed);

            var reading = SeriesReader.Read(instances);

            tried++;
            Assert.True(reading.Stacks.Count + reading.Refusals.Count > 0);
            Assert.All(reading.Stacks, s => Assert.True(double.IsFinite(s.Volume.Affine.VoxelVolume) && s.Frames.Count == s.Volume.Slices));
            Assert.All(reading.Refusals, r => Assert.True(r.Reason.Length > 10 && r.Images.Length > 0));
        }
        Assert.True(tried > 20);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused_and_never_a_crash()
    {
        var folder = GeneratedSeries.Save([new GeneratedSeries().Slice(0)]);
        try
        {
            var path = Assert.Single(Directory.GetFiles(folder));
            var whole = File.ReadAllBytes(path);
            for (var length = 0; length < whole.Length; length += 3)
            {
                File.WriteAllBytes(path, whole[..length]);
                var scan = SeriesFolder.Scan(folder);
                Assert.True(scan.Series.Count + scan.Notes.Count > 0);
                var reading = SeriesReader.Read([path]);
                Assert.Empty(reading.Stacks);
                Assert.NotEmpty(Assert.Single(reading.Refusals).Reason);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static List<DicomDataset> Instances(string kind)
    {
        var series = new GeneratedSeries { Slices = 3 };
        return kind == "classic"
            ? series.All((d, _) => d.AddOrUpdate(DicomTag.RescaleSlope, "1").AddOrUpdate(DicomTag.RescaleIntercept, "0").AddOrUpdate(DicomTag.TriggerTime, "3")
                .AddOrUpdate(DicomTag.InversionTime, "3").AddOrUpdate(DicomTag.FlipAngle, "3").AddOrUpdate(DicomTag.EchoNumbers, "1").AddOrUpdate(DicomTag.DiffusionBValue, "3")
                .AddOrUpdate(DicomTag.ProtocolName, "t2").AddOrUpdate(DicomTag.NumberOfFrames, "1").AddOrUpdate(DicomTag.TemporalPositionIdentifier, "1")
                .AddOrUpdate(DicomVR.IS, d.ReservePrivateTag("SIEMENS MR HEADER", 0x0019, 0x0A), "1"))
            : [EnhancedSeries.Instance(series, [.. Enumerable.Range(0, 3).Select(s => new EnhancedSeries.Frame(s, Groups))], kind.EndsWith("shared", StringComparison.Ordinal))];

        static void Groups(DicomDataset groups) => groups
            .AddOrUpdate(DicomTag.FrameContentSequence, new DicomDataset().AddOrUpdate(DicomTag.StackID, "1").AddOrUpdate(DicomTag.TemporalPositionIndex, "1").AddOrUpdate(DicomTag.DimensionIndexValues, "1", "2"))
            .AddOrUpdate(DicomTag.MREchoSequence, new DicomDataset().AddOrUpdate(DicomTag.EffectiveEchoTime, "9"))
            .AddOrUpdate(DicomTag.PixelValueTransformationSequence, new DicomDataset().AddOrUpdate(DicomTag.RescaleSlope, "2").AddOrUpdate(DicomTag.RescaleIntercept, "1"));
    }

    static IEnumerable<(DicomTag[] Sequences, DicomTag Tag)> Paths(DicomDataset dataset, params DicomTag[] within)
    {
        foreach (var item in dataset)
        {
            yield return (within, item.Tag);
            if (item is DicomSequence { Items: [var first, ..] })
            {
                foreach (var path in Paths(first, [.. within, item.Tag]))
                    yield return path;
            }
        }
    }

    /// <summary>Sequences become an element too: then it is an element where a sequence is expected.</summary>
    static DicomElement Element(DicomTag tag, DicomVR vr, byte[] bytes) => new(tag, vr == DicomVR.SQ ? DicomVR.UN : vr, bytes);
}
