using System.Collections.Frozen;

namespace SoftSeg.Dicom;

/// <summary>How a data set is written as bytes (PS3.5 10 and Annex A).</summary>
public sealed class DicomTransferSyntax
{
    public static readonly DicomTransferSyntax ImplicitVRLittleEndian = new(DicomUID.ImplicitVRLittleEndian) { IsExplicitVR = false };
    public static readonly DicomTransferSyntax ExplicitVRLittleEndian = new(DicomUID.ExplicitVRLittleEndian);
    public static readonly DicomTransferSyntax DeflatedExplicitVRLittleEndian = new(DicomUID.DeflatedExplicitVRLittleEndian) { IsDeflated = true };
    public static readonly DicomTransferSyntax ExplicitVRBigEndian = new(DicomUID.ExplicitVRBigEndian) { IsBigEndian = true };
    public static readonly DicomTransferSyntax EncapsulatedUncompressedExplicitVRLittleEndian = Encapsulated(DicomUID.EncapsulatedUncompressedExplicitVRLittleEndian);
    public static readonly DicomTransferSyntax JPEGBaseline8Bit = Encapsulated(DicomUID.JPEGBaseline8Bit, lossy: "ISO_10918_1");
    public static readonly DicomTransferSyntax JPEGExtended12Bit = Encapsulated(DicomUID.JPEGExtended12Bit, lossy: "ISO_10918_1");
    public static readonly DicomTransferSyntax JPEGLossless = Encapsulated(DicomUID.JPEGLossless);
    public static readonly DicomTransferSyntax JPEGLosslessSV1 = Encapsulated(DicomUID.JPEGLosslessSV1);
    public static readonly DicomTransferSyntax JPEGLSLossless = Encapsulated(DicomUID.JPEGLSLossless);
    public static readonly DicomTransferSyntax JPEGLSNearLossless = Encapsulated(DicomUID.JPEGLSNearLossless, lossy: "ISO_14495_1");
    public static readonly DicomTransferSyntax JPEG2000Lossless = Encapsulated(DicomUID.JPEG2000Lossless);
    public static readonly DicomTransferSyntax JPEG2000 = Encapsulated(DicomUID.JPEG2000, lossy: "ISO_15444_1");
    public static readonly DicomTransferSyntax HTJ2KLossless = Encapsulated(DicomUID.HTJ2KLossless);
    public static readonly DicomTransferSyntax HTJ2KLosslessRPCL = Encapsulated(DicomUID.HTJ2KLosslessRPCL);
    public static readonly DicomTransferSyntax HTJ2K = Encapsulated(DicomUID.HTJ2K, lossy: "ISO_15444_15");
    public static readonly DicomTransferSyntax RLELossless = Encapsulated(DicomUID.RLELossless);

    static readonly FrozenDictionary<string, DicomTransferSyntax> known = new[]
    {
        ImplicitVRLittleEndian, ExplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, EncapsulatedUncompressedExplicitVRLittleEndian,
        JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLossless, JPEGLosslessSV1, JPEGLSLossless, JPEGLSNearLossless,
        JPEG2000Lossless, JPEG2000, HTJ2KLossless, HTJ2KLosslessRPCL, HTJ2K, RLELossless,
    }.ToFrozenDictionary(syntax => syntax.UID.Value);

    DicomTransferSyntax(DicomUID uid) => UID = uid;

    public DicomUID UID { get; }

    public bool IsExplicitVR { get; private init; } = true;

    public bool IsBigEndian { get; private init; }

    /// <summary>Pixel Data is a sequence of fragments (PS3.5 A.4).</summary>
    public bool IsEncapsulated { get; private init; }

    /// <summary>The data set's bytes are a deflate stream (RFC 1951; PS3.5 A.5).</summary>
    public bool IsDeflated { get; private init; }

    /// <summary>The codec may lose information.</summary>
    public bool IsLossy => LossyMethod is not null;

    /// <summary>The defined term of Lossy Image Compression Method (0028,2114) of a codec that may lose information, PS3.3 C.7.6.1.1.5.1; null where it loses none.</summary>
    public string? LossyMethod { get; private init; }

    /// <summary>The syntax with this UID, or null when it is none that this library knows.</summary>
    public static DicomTransferSyntax? Lookup(string uid) => known.GetValueOrDefault(uid);

    /// <summary>As <see cref="Lookup"/>; an unknown syntax is read as PS3.5 A.4 says of all compressed ones: explicit VR, little endian, encapsulated.</summary>
    internal static DicomTransferSyntax ForReading(string uid) => Lookup(uid) ?? Encapsulated(new DicomUID(uid));

    public override string ToString() => UID.Name;

    static DicomTransferSyntax Encapsulated(DicomUID uid, string? lossy = null) => new(uid) { IsEncapsulated = true, LossyMethod = lossy };
}
