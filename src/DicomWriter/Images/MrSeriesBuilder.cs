using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using SoftSeg.Dicom;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Images;

/// <summary>A volume as a classic series, MR Image Storage, PS3.3 A.4: what a scanner would send of a phantom.</summary>
/// <remarks>A function of its arguments: the same volume and description give the same bytes and UIDs.</remarks>
public static class MrSeriesBuilder
{
    /// <summary>Largest stored value: 12 bits, as most scanners have.</summary>
    const int MaximumStored = 4095;

    /// <summary>One instance per slice, in the order of the volume; the intensities are kept by the rescale slope and intercept.</summary>
    /// <param name="volume">Intensities <c>[slice, row, column]</c>, finite; at most 65535 rows and columns.</param>
    /// <exception cref="ArgumentException">A voxel is not finite, or the rows and columns of the grid are not at right angles.</exception>
    public static IReadOnlyList<DicomFile> Build(Volume volume, MrSeriesDescription? description = null)
    {
        description ??= new MrSeriesDescription();
        var (row, column) = (volume.Affine.RowStep.Normalize(), volume.Affine.ColumnStep.Normalize());
        if (Math.Abs(row.Dot(column)) > 1e-4)
            throw new ArgumentException("DICOM planes have rows and columns at right angles; those of the volume are not.", nameof(volume));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(volume.Rows, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(volume.Columns, ushort.MaxValue);

        var intensities = Rescale.Of(volume);
        var uids = SeriesUids.Of(volume, description);
        return [.. Enumerable.Range(0, volume.Slices).Select(slice => Instance(volume, slice, description, intensities, uids))];
    }

    static DicomFile Instance(Volume volume, int slice, MrSeriesDescription description, Rescale intensities, SeriesUids uids)
    {
        var dataset = new DicomDataset();
        // First: it decides how the texts below are encoded.
        if (description.SpecificCharacterSet.Count > 0)
            dataset.AddOrUpdate(DicomTag.SpecificCharacterSet, [.. description.SpecificCharacterSet]);
        dataset.AddOrUpdate(DicomTag.SOPClassUID, DicomUID.MRImageStorage.Value);
        dataset.AddOrUpdate(DicomTag.SOPInstanceUID, uids.Instance(slice));
        Patient(dataset, description);
        Study(dataset, description, uids);
        Series(dataset, description, uids);
        Plane(dataset, volume, slice, description);
        Acquisition(dataset, description);
        Pixels(dataset, volume, slice, intensities);
        return new DicomFile(dataset, DicomTransferSyntax.ExplicitVRLittleEndian);
    }

    static void Patient(DicomDataset dataset, MrSeriesDescription description) => dataset
        .AddOrUpdate(DicomTag.PatientName, description.PatientName)
        .AddOrUpdate(DicomTag.PatientID, description.PatientId)
        .AddOrUpdate(DicomTag.PatientBirthDate, description.PatientBirthDate)
        .AddOrUpdate(DicomTag.PatientSex, description.PatientSex);

    static void Study(DicomDataset dataset, MrSeriesDescription description, SeriesUids uids) => dataset
        .AddOrUpdate(DicomTag.StudyInstanceUID, uids.Study)
        .AddOrUpdate(DicomTag.StudyDate, description.Date)
        .AddOrUpdate(DicomTag.StudyTime, description.Time)
        .AddOrUpdate(DicomTag.ReferringPhysicianName, "")
        .AddOrUpdate(DicomTag.StudyID, description.StudyId)
        .AddOrUpdate(DicomTag.AccessionNumber, description.AccessionNumber)
        .AddOrUpdate(DicomTag.StudyDescription, description.StudyDescription);

    /// <summary>General Series, C.7.3.1, Frame of Reference, C.7.4.1, and General Equipment, C.7.5.1.</summary>
    static void Series(DicomDataset dataset, MrSeriesDescription description, SeriesUids uids) => dataset
        .AddOrUpdate(DicomTag.Modality, "MR")
        .AddOrUpdate(DicomTag.SeriesInstanceUID, uids.Series)
        .AddOrUpdate(DicomTag.SeriesNumber, description.SeriesNumber.ToString(CultureInfo.InvariantCulture))
        .AddOrUpdate(DicomTag.SeriesDate, description.Date)
        .AddOrUpdate(DicomTag.SeriesTime, description.Time)
        .AddOrUpdate(DicomTag.SeriesDescription, description.SeriesDescription)
        .AddOrUpdate(DicomTag.BodyPartExamined, description.BodyPartExamined)
        .AddOrUpdate(DicomTag.PatientPosition, "HFS")
        .AddOrUpdate(DicomTag.FrameOfReferenceUID, uids.FrameOfReference)
        .AddOrUpdate(DicomTag.PositionReferenceIndicator, "")
        .AddOrUpdate(DicomTag.Manufacturer, "SoftSeg")
        .AddOrUpdate(DicomTag.ManufacturerModelName, "PHANTOM");

    /// <summary>General Image, C.7.6.1, and Image Plane, C.7.6.2.</summary>
    static void Plane(DicomDataset dataset, Volume volume, int slice, MrSeriesDescription description)
    {
        var affine = volume.Affine;
        var (sliceSpacing, rowSpacing, columnSpacing) = affine.Spacing;
        var position = affine.ToPatient(slice, 0, 0);
        var normal = affine.ColumnStep.Cross(affine.RowStep).Normalize();
        dataset
            .AddOrUpdate(DicomTag.InstanceNumber, (slice + 1).ToString(CultureInfo.InvariantCulture))
            .AddOrUpdate(DicomTag.ImageType, "ORIGINAL", "PRIMARY", "OTHER")
            .AddOrUpdate(DicomTag.AcquisitionNumber, "1")
            .AddOrUpdate(DicomTag.AcquisitionDate, description.Date)
            .AddOrUpdate(DicomTag.AcquisitionTime, description.Time)
            .AddOrUpdate(DicomTag.ContentDate, description.Date)
            .AddOrUpdate(DicomTag.ContentTime, description.Time)
            .AddOrUpdate(DicomTag.ImagePositionPatient, Strings(position))
            .AddOrUpdate(DicomTag.ImageOrientationPatient, [.. Strings(affine.ColumnStep.Normalize()), .. Strings(affine.RowStep.Normalize())])
            .AddOrUpdate(DicomTag.SliceLocation, DecimalString.Format(position.Dot(normal), 6))
            .AddOrUpdate(DicomTag.PixelSpacing, DecimalString.Format(rowSpacing), DecimalString.Format(columnSpacing))
            .AddOrUpdate(DicomTag.SliceThickness, DecimalString.Format(description.SliceThickness ?? sliceSpacing));
        if (volume.Slices > 1)
            dataset.AddOrUpdate(DicomTag.SpacingBetweenSlices, DecimalString.Format(sliceSpacing));
    }

    /// <summary>MR Image, C.8.3.1: a T2-weighted spin echo.</summary>
    static void Acquisition(DicomDataset dataset, MrSeriesDescription description) => dataset
        .AddOrUpdate(DicomTag.ScanningSequence, "SE")
        .AddOrUpdate(DicomTag.SequenceVariant, "NONE")
        .AddOrUpdate(DicomTag.ScanOptions, "")
        .AddOrUpdate(DicomTag.MRAcquisitionType, "3D")
        .AddOrUpdate(DicomTag.RepetitionTime, DecimalString.Format(description.RepetitionTime))
        .AddOrUpdate(DicomTag.EchoTime, DecimalString.Format(description.EchoTime))
        .AddOrUpdate(DicomTag.EchoTrainLength, "15")
        .AddOrUpdate(DicomTag.MagneticFieldStrength, "3");

    /// <summary>Image Pixel, C.7.6.3: 12 of 16 bits, unsigned.</summary>
    static void Pixels(DicomDataset dataset, Volume volume, int slice, Rescale intensities)
    {
        var pixels = volume.Slice(slice);
        var value = new byte[pixels.Length * 2];
        for (var i = 0; i < pixels.Length; i++)
            BitConverter.TryWriteBytes(value.AsSpan(2 * i), intensities.Stored(pixels[i]));
        dataset
            .AddOrUpdate(DicomTag.SamplesPerPixel, (ushort)1)
            .AddOrUpdate(DicomTag.PhotometricInterpretation, "MONOCHROME2")
            .AddOrUpdate(DicomTag.Rows, (ushort)volume.Rows)
            .AddOrUpdate(DicomTag.Columns, (ushort)volume.Columns)
            .AddOrUpdate(DicomTag.BitsAllocated, (ushort)16)
            .AddOrUpdate(DicomTag.BitsStored, (ushort)12)
            .AddOrUpdate(DicomTag.HighBit, (ushort)11)
            .AddOrUpdate(DicomTag.PixelRepresentation, (ushort)0)
            .AddOrUpdate(DicomTag.RescaleIntercept, intensities.InterceptText)
            .AddOrUpdate(DicomTag.RescaleSlope, intensities.SlopeText)
            .AddOrUpdate(DicomTag.WindowCenter, DecimalString.Format(intensities.Middle, 3))
            .AddOrUpdate(DicomTag.WindowWidth, DecimalString.Format(Math.Max(1, intensities.Width), 3))
            .AddOrUpdate(DicomVR.OW, DicomTag.PixelData, value);
    }

    static string[] Strings(Vector3 v) => [DecimalString.Format(v.X), DecimalString.Format(v.Y), DecimalString.Format(v.Z)];

    /// <summary>Stored value x slope + intercept = intensity, with slope and intercept as their strings say.</summary>
    sealed record Rescale(string SlopeText, string InterceptText)
    {
        readonly double _slope = double.Parse(SlopeText, CultureInfo.InvariantCulture);
        readonly double _intercept = double.Parse(InterceptText, CultureInfo.InvariantCulture);

        public double Width => _slope * MaximumStored;

        public double Middle => _intercept + (Width / 2);

        public ushort Stored(float intensity) => (ushort)Math.Clamp(Math.Round((intensity - _intercept) / _slope), 0, MaximumStored);

        public static Rescale Of(Volume volume)
        {
            float minimum = float.PositiveInfinity, maximum = float.NegativeInfinity;
            foreach (var value in volume.Voxels)
            {
                if (!float.IsFinite(value))
                    throw new ArgumentException($"The volume has a voxel of {value}.", nameof(volume));
                (minimum, maximum) = (Math.Min(minimum, value), Math.Max(maximum, value));
            }
            var slope = maximum > minimum ? ((double)maximum - minimum) / MaximumStored : 1;
            return new Rescale(DecimalString.Format(slope), DecimalString.Format(minimum));
        }
    }

    sealed record SeriesUids(string Study, string Series, string FrameOfReference)
    {
        public string Instance(int slice) => DicomUID.Derive("instance", Series, slice.ToString(CultureInfo.InvariantCulture)).Value;

        public static SeriesUids Of(Volume volume, MrSeriesDescription description)
        {
            var key = $"{description with { SpecificCharacterSet = [] }}|{volume.Slices}x{volume.Rows}x{volume.Columns}|{volume.Affine}|"
                + Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(volume.Voxels.AsSpan())));
            return new SeriesUids(
                description.StudyInstanceUid ?? DicomUID.Derive("study", key).Value,
                description.SeriesInstanceUid ?? DicomUID.Derive("series", key).Value,
                description.FrameOfReferenceUid ?? DicomUID.Derive("frame of reference", key).Value);
        }
    }
}
