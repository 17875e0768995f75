using System.Globalization;
using SoftSeg.Dicom;

namespace SoftSeg.EndToEnd.Tests.Proof;

/// <summary>Breaks an object on purpose, to show that a proof can fail.</summary>
static class Break
{
    public static void Copy(string file, string target, string fault)
    {
        var opened = DicomFile.Open(file);
        Apply(opened.Dataset, fault);
        opened.Save(target);
    }

    static void Apply(DicomDataset dataset, string fault)
    {
        switch (fault)
        {
            case "a frame is shifted":
                // By one slice: the position of the next frame, and of the last one beyond it.
                var frames = dataset.GetSequence(DicomTag.PerFrameFunctionalGroupsSequence);
                var planes = frames.Select(frame => frame.GetSequence(DicomTag.PlanePositionSequence)[0]).ToArray();
                var (last, before) = (planes[^1].GetDoubles(DicomTag.ImagePositionPatient), planes[^2].GetDoubles(DicomTag.ImagePositionPatient));
                for (var n = 0; n < planes.Length - 1; n++)
                    planes[n].AddOrUpdate(DicomTag.ImagePositionPatient, planes[n + 1].GetStrings(DicomTag.ImagePositionPatient));
                planes[^1].AddOrUpdate(DicomTag.ImagePositionPatient, [.. last.Zip(before, (a, b) => ((2 * a) - b).ToString("0.######", CultureInfo.InvariantCulture))]);
                break;
            case "a row is flipped":
                var (rows, columns) = (dataset.GetInt32(DicomTag.Rows), dataset.GetInt32(DicomTag.Columns));
                var pixels = dataset.GetBytes(DicomTag.PixelData).ToArray();
                for (var start = 0; start + (rows * columns) <= pixels.Length; start += columns)
                    pixels.AsSpan(start, columns).Reverse();
                dataset.AddOrUpdate(DicomVR.OB, DicomTag.PixelData, pixels);
                break;
            case "Referenced Series is missing":
                dataset.Remove(DicomTag.ReferencedSeriesSequence);
                break;
            default:
                throw new ArgumentException($"There is no fault '{fault}'.");
        }
    }
}
