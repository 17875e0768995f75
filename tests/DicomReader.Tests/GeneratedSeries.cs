using System.Buffers.Binary;
using System.Globalization;
using SoftSeg.Dicom;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomReader.Tests;

/// <summary>An MR series with a known place and known voxels: slice i of the stack, row and column give the stored value.</summary>
sealed record GeneratedSeries
{
    public int Slices { get; init; } = 6;
    public int Rows { get; init; } = 5;
    public int Columns { get; init; } = 4;
    public double SliceSpacing { get; init; } = 3.3;
    public double RowSpacing { get; init; } = 0.75;
    public double ColumnSpacing { get; init; } = 0.5;
    public Vector3 Origin { get; init; } = new(-40, 12.5, 100);
    public Vector3 RowDirection { get; init; } = new(0, 1, 0);
    public Vector3 ColumnDirection { get; init; } = new(0, 0, -1);
    public string Seed { get; init; } = "1";

    public Vector3 Normal => RowDirection.Cross(ColumnDirection);

    public Affine Affine => new(Origin, Normal * SliceSpacing, ColumnDirection * RowSpacing, RowDirection * ColumnSpacing);

    /// <summary>Axial, turned by 20 degrees about the left axis and 10 degrees about the new head axis.</summary>
    public static GeneratedSeries Oblique()
    {
        var (c, s) = (Math.Cos(20 * Math.PI / 180), Math.Sin(20 * Math.PI / 180));
        var (d, t) = (Math.Cos(10 * Math.PI / 180), Math.Sin(10 * Math.PI / 180));
        return new() { RowDirection = new(d, t * c, t * s), ColumnDirection = new(-t, d * c, d * s), Seed = "oblique" };
    }

    public static int Stored(int slice, int row, int column) => ((slice * 400) + (row * 20) + column) % 4096;

    public List<DicomDataset> All(Action<DicomDataset, int>? change = null) => [.. Enumerable.Range(0, Slices).Select(i => Slice(i, change))];

    /// <summary>The instance of slice i, counted along the normal; InstanceNumber runs against it.</summary>
    public DicomDataset Slice(int index, Action<DicomDataset, int>? change = null)
    {
        var pixels = new byte[Rows * Columns * 2];
        for (var i = 0; i < Rows * Columns; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(pixels.AsSpan(2 * i), (ushort)Stored(index, i / Columns, i % Columns));
        var dataset = Common()
            .AddOrUpdate(DicomTag.SOPClassUID, DicomUID.MRImageStorage)
            .AddOrUpdate(DicomTag.SOPInstanceUID, DicomUID.Derive(Seed, index.ToString()))
            .AddOrUpdate(DicomTag.ImageType, "ORIGINAL", "PRIMARY", "M", "ND")
            .AddOrUpdate(DicomTag.EchoTime, "90")
            .AddOrUpdate(DicomTag.AcquisitionNumber, "1")
            .AddOrUpdate(DicomTag.InstanceNumber, Text(Slices - index))
            .AddOrUpdate(DicomTag.SliceThickness, "3")
            .AddOrUpdate(DicomTag.SpacingBetweenSlices, Text(SliceSpacing))
            .AddOrUpdate(DicomTag.ImagePositionPatient, Texts(Origin + (Normal * (SliceSpacing * index))))
            .AddOrUpdate(DicomTag.ImageOrientationPatient, Orientation)
            .AddOrUpdate(DicomTag.PixelSpacing, Text(RowSpacing), Text(ColumnSpacing))
            .AddOrUpdate(DicomTag.PixelData, pixels);
        change?.Invoke(dataset, index);
        return dataset;
    }

    /// <summary>All that an instance has whatever its class.</summary>
    public DicomDataset Common() => new DicomDataset()
        .AddOrUpdate(DicomTag.Modality, "MR")
        .AddOrUpdate(DicomTag.SeriesDescription, "t2_tse")
        .AddOrUpdate(DicomTag.StudyInstanceUID, DicomUID.Derive("study"))
        .AddOrUpdate(DicomTag.SeriesInstanceUID, DicomUID.Derive("series"))
        .AddOrUpdate(DicomTag.SeriesNumber, "3")
        .AddOrUpdate(DicomTag.FrameOfReferenceUID, DicomUID.Derive("frame of reference"))
        .AddOrUpdate(DicomTag.SamplesPerPixel, (ushort)1)
        .AddOrUpdate(DicomTag.PhotometricInterpretation, "MONOCHROME2")
        .AddOrUpdate(DicomTag.Rows, (ushort)Rows)
        .AddOrUpdate(DicomTag.Columns, (ushort)Columns)
        .AddOrUpdate(DicomTag.BitsAllocated, (ushort)16)
        .AddOrUpdate(DicomTag.BitsStored, (ushort)12)
        .AddOrUpdate(DicomTag.HighBit, (ushort)11)
        .AddOrUpdate(DicomTag.PixelRepresentation, (ushort)0);

    public string[] Orientation => [.. Texts(RowDirection), .. Texts(ColumnDirection)];

    public static string[] Texts(Vector3 v) => [Text(v.X), Text(v.Y), Text(v.Z)];

    public static string Text(double value) => value.ToString("0.##########", CultureInfo.InvariantCulture);

    /// <summary>Writes instances as files with names that say nothing about their order.</summary>
    public static string Save(IEnumerable<DicomDataset> instances, DicomTransferSyntax? syntax = null)
    {
        var folder = Directory.CreateTempSubdirectory("softseg-reader-").FullName;
        foreach (var instance in instances)
        {
            var name = $"{Guid.NewGuid():N}.dcm";
            new DicomFile(instance, syntax ?? DicomTransferSyntax.ExplicitVRLittleEndian).Save(Path.Combine(folder, name));
        }
        return folder;
    }
}
