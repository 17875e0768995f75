using SoftSeg.Dicom;

namespace SoftSeg.EndToEnd.Tests.Sources;

/// <summary>Makes another series out of one.</summary>
static class SeriesEdit
{
    /// <summary>A copy in which <paramref name="change"/> may change each data set; it gets the slice's index in ascending position.</summary>
    public static SourceSeries Copy(SourceSeries source, string folder, Action<DicomDataset, int>? change = null)
    {
        for (var slice = 0; slice < source.Slices.Count; slice++)
        {
            var file = DicomFile.Open(source.Slices[slice].File);
            change?.Invoke(file.Dataset, slice);
            file.Save(Path.Combine(folder, Path.GetFileName(source.Slices[slice].File)));
        }
        return SourceSeries.Read(folder);
    }

    /// <summary>The same images as a series of its own: other UIDs, which <paramref name="name"/> decides.</summary>
    public static SourceSeries AsNewSeries(SourceSeries source, string folder, string name, Action<DicomDataset, int>? change = null) =>
        Copy(source, folder, (dataset, slice) =>
        {
            dataset.AddOrUpdate(DicomTag.StudyInstanceUID, DicomUID.Derive(name, source.StudyUid).Value);
            dataset.AddOrUpdate(DicomTag.SeriesInstanceUID, DicomUID.Derive(name, source.SeriesUid).Value);
            dataset.AddOrUpdate(DicomTag.SOPInstanceUID, DicomUID.Derive(name, source.Slices[slice].SopInstanceUid).Value);
            change?.Invoke(dataset, slice);
        });

    /// <summary>A series of its own with only the rows <paramref name="first"/> .. <paramref name="first"/> + <paramref name="count"/> - 1 of each image.</summary>
    public static SourceSeries CropRows(SourceSeries source, string folder, int first, int count) =>
        AsNewSeries(source, folder, $"rows {first} {count}", (dataset, _) =>
        {
            var bytesPerRow = source.Columns * dataset.GetInt32(DicomTag.BitsAllocated) / 8;
            dataset.AddOrUpdate(DicomTag.PixelData, dataset.GetBytes(DicomTag.PixelData).Slice(first * bytesPerRow, count * bytesPerRow).ToArray());
            dataset.AddOrUpdate(DicomTag.Rows, (ushort)count);
            // PS3.3 C.7.6.2.1.1: the second triplet of the orientation is the direction of a column, along which the rows follow.
            var (position, orientation) = (dataset.GetDoubles(DicomTag.ImagePositionPatient), dataset.GetDoubles(DicomTag.ImageOrientationPatient));
            var distance = first * source.PixelSpacing[0];
            dataset.AddOrUpdate(DicomTag.ImagePositionPatient, Enumerable.Range(0, 3).Select(i => Math.Round(position[i] + (orientation[3 + i] * distance), 8)).ToArray());
        });
}
