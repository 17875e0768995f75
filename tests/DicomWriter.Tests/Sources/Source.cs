using System.Globalization;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Imaging;
using SoftSeg.DicomWriter.Images;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Tests.Sources;

/// <summary>Result contexts on generated MR sources.</summary>
static class Source
{
    public static readonly AlgorithmIdentification Algorithm = new()
    {
        ModelName = "cord-softseg",
        ModelVersion = "0.1.0",
        ModelSha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        SoftwareVersion = "0.1.0",
        MeasurementVersion = "1",
    };

    /// <summary>A classic series, one single-frame instance per slice.</summary>
    public static ResultContext Classic(Volume mask, MrSeriesDescription? description = null, Action<DicomDataset>? change = null)
    {
        var datasets = MrSeriesBuilder.Build(Phantom.Image(mask), description).Select(f => f.Dataset).ToArray();
        foreach (var dataset in datasets)
            change?.Invoke(dataset);
        return Context(mask, [.. datasets.SelectMany(ImageFrame.Of)]);
    }

    /// <summary>The same frames in one Enhanced MR instance; frame k + 1 of the file is slice <paramref name="order"/>[k].</summary>
    public static ResultContext Enhanced(Volume mask, int[]? order = null)
    {
        var classic = MrSeriesBuilder.Build(Phantom.Image(mask)).Select(f => f.Dataset).ToArray();
        order ??= [.. Enumerable.Range(0, classic.Length)];
        var instance = classic[0].Clone();
        foreach (var tag in new[] { DicomTag.ImagePositionPatient, DicomTag.ImageOrientationPatient, DicomTag.PixelSpacing, DicomTag.SliceThickness,
            DicomTag.SpacingBetweenSlices, DicomTag.SliceLocation, DicomTag.RescaleSlope, DicomTag.RescaleIntercept })
        {
            instance.Remove(tag);
        }
        instance.AddOrUpdate(DicomTag.SOPClassUID, DicomUID.EnhancedMRImageStorage);
        instance.AddOrUpdate(DicomTag.SOPInstanceUID, DicomUID.Derive("enhanced", classic[0].GetString(DicomTag.SOPInstanceUID)));
        instance.AddOrUpdate(DicomTag.NumberOfFrames, order.Length.ToString(CultureInfo.InvariantCulture));
        instance.AddOrUpdate(DicomTag.SharedFunctionalGroupsSequence, new DicomDataset()
            .AddOrUpdate(DicomTag.PixelMeasuresSequence, Copy(classic[0], DicomTag.PixelSpacing, DicomTag.SliceThickness, DicomTag.SpacingBetweenSlices))
            .AddOrUpdate(DicomTag.PlaneOrientationSequence, Copy(classic[0], DicomTag.ImageOrientationPatient)));
        instance.AddOrUpdate(DicomTag.PerFrameFunctionalGroupsSequence, order.Select(slice => new DicomDataset()
            .AddOrUpdate(DicomTag.PlanePositionSequence, Copy(classic[slice], DicomTag.ImagePositionPatient))).ToArray());
        var frames = ImageFrame.Of(instance);
        return Context(mask, [.. Enumerable.Range(0, order.Length).Select(slice => frames[Array.IndexOf(order, slice)])]);
    }

    public static ResultContext Context(Volume mask, IReadOnlyList<ImageFrame> frames) => new()
    {
        Frames = frames,
        SoftMask = mask,
        Algorithm = Algorithm,
        Settings = [KeyValuePair.Create("threshold", "0.5")],
    };

    static DicomDataset Copy(DicomDataset from, params DicomTag[] tags)
    {
        var to = new DicomDataset();
        foreach (var tag in tags)
        {
            if (from.TryGetItem(tag, out var item))
                to.AddOrUpdate(item);
        }
        return to;
    }
}
