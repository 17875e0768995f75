using System.Text.Json.Nodes;
using SoftSeg.Dicom.Imaging;
using SoftSeg.Dicom.Network;
using SoftSeg.Dicom.Tests.Support;

namespace SoftSeg.Dicom.Tests.Network;

/// <summary>Every transfer syntax, to and from DCMTK and Orthanc, byte for byte. The instances are written by other programs.</summary>
public sealed class TransferSyntaxMatrixTests(TransferSyntaxMatrixTests.Instances instances) : IClassFixture<TransferSyntaxMatrixTests.Instances>
{
    /// <summary>The syntax, the program that writes it, its options, and storescu's option that proposes it.</summary>
    static readonly Dictionary<string, (string Uid, string Tool, string[] Options, string Propose)> s_syntaxes = new()
    {
        ["Implicit VR Little Endian"] = ("1.2.840.10008.1.2", "dcmconv", ["+ti"], "-xi"),
        ["Explicit VR Little Endian"] = ("1.2.840.10008.1.2.1", "dcmconv", ["+te"], "-xe"),
        ["Explicit VR Big Endian"] = ("1.2.840.10008.1.2.2", "dcmconv", ["+tb"], "-xb"),
        ["Deflated Explicit VR Little Endian"] = ("1.2.840.10008.1.2.1.99", "dcmconv", ["+td"], "-xd"),
        ["RLE"] = ("1.2.840.10008.1.2.5", "dcmcrle", [], "-xr"),
        ["JPEG Baseline"] = ("1.2.840.10008.1.2.4.50", "dcmcjpeg", ["+eb"], "-xy"),
        ["JPEG Extended"] = ("1.2.840.10008.1.2.4.51", "dcmcjpeg", ["+ee"], "-xx"),
        ["JPEG Lossless"] = ("1.2.840.10008.1.2.4.57", "dcmcjpeg", ["+el"], ""),
        ["JPEG Lossless SV1"] = ("1.2.840.10008.1.2.4.70", "dcmcjpeg", ["+e1"], "-xs"),
        ["JPEG-LS lossless"] = ("1.2.840.10008.1.2.4.80", "dcmcjpls", ["+el"], "-xt"),
        ["JPEG-LS near-lossless"] = ("1.2.840.10008.1.2.4.81", "dcmcjpls", ["+en"], "-xu"),
        ["JPEG 2000 lossless"] = ("1.2.840.10008.1.2.4.90", "gdcmconv", ["--j2k"], "-xv"),
        ["JPEG 2000"] = ("1.2.840.10008.1.2.4.91", "gdcmconv", ["--j2k", "--lossy"], "-xw"),
    };

    public static TheoryData<string> Syntaxes => [.. s_syntaxes.Keys];

    public static TheoryData<string> SyntaxesWithOption => [.. s_syntaxes.Where(s => s.Value.Propose.Length > 0).Select(s => s.Key)];

    public static TheoryData<string, string> SyntaxesAndModes
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string syntax in s_syntaxes.Keys)
            {
                data.Add(syntax, "+B");
                data.Add(syntax, "-B");
            }
            return data;
        }
    }

    static AcceptedServices Every => new(s_syntaxes.Values.Select(s => s.Uid));

    /// <summary>One MR image, converted once into each syntax.</summary>
    public sealed class Instances : IDisposable
    {
        readonly string _folder = Directory.CreateTempSubdirectory("softseg-syntaxes-").FullName;

        public Instances()
        {
            // Smooth 12-bit pixels: every coder can take them.
            var image = Phantom.MRImage();
            image.AddOrUpdate(DicomTag.Rows, 64).AddOrUpdate(DicomTag.Columns, 48).AddOrUpdate(DicomTag.PixelRepresentation, 0).AddOrUpdate(DicomTag.BitsStored, 12).AddOrUpdate(DicomTag.HighBit, 11)
                .AddOrUpdate(DicomTag.SmallestImagePixelValue, 0)
                .AddOrUpdate(DicomTag.PhotometricInterpretation, "MONOCHROME2").AddOrUpdate(DicomTag.PixelData, Enumerable.Range(0, 64 * 48).Select(i => (ushort)(i % 48 * 40 + i / 48 * 30)).ToArray());
            new DicomFile(image).Save(Path.Combine(_folder, "source.dcm"));
            image.AddOrUpdate(DicomTag.BitsAllocated, 8).AddOrUpdate(DicomTag.BitsStored, 8).AddOrUpdate(DicomTag.HighBit, 7)
                .AddOrUpdate(DicomVR.OB, DicomTag.PixelData, Enumerable.Range(0, 64 * 48).Select(i => (byte)(i % 48 * 2 + i / 48)).ToArray());
            new DicomFile(image).Save(Path.Combine(_folder, "source8.dcm"));
            foreach (var (name, (uid, tool, options, _)) in s_syntaxes)
            {
                try
                {
                    Dcmtk.Run(tool, [.. options, Path.Combine(_folder, name == "JPEG Baseline" ? "source8.dcm" : "source.dcm"), PathOf(name)]);
                    // GDCM writes sequences of undefined length; DCMTK would send them with a defined one.
                    if (tool == "gdcmconv")
                        Dcmtk.Run("dcmconv", "+t=", PathOf(name), PathOf(name));
                }
                catch (InvalidOperationException e) when (tool == "gdcmconv")
                {
                    throw new InvalidOperationException("gdcmconv is missing. Install it: apt-get install libgdcm-tools", e);
                }
                Assert.Equal(uid, DicomFile.Open(PathOf(name), DicomReadOptions.UntilPixelData).TransferSyntax.UID.Value);
            }
        }

        public string PathOf(string syntax) => Path.Combine(_folder, $"{syntax}.dcm");

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }

    [Theory, MemberData(nameof(Syntaxes))]
    public async Task Storescu_sends_it(string syntax)
    {
        string option = s_syntaxes[syntax].Propose;
        await using var host = await StorageHost.StartAsync(services: Every);
        string path = instances.PathOf(syntax);
        // Without an option of its own (process 14 with another predictor) the file goes with a configuration that proposes it.
        string[] options = option.Length > 0 ? [option] : ["-xf", Configuration(s_syntaxes[syntax].Uid), "Own"];
        var (exitCode, output) = await DcmtkPeer.RunAsync("storescu", ["-aec", "SOFTSEG", .. options, "127.0.0.1", $"{host.Port}", path]);
        Assert.True(exitCode == 0, output);
        var stored = host.Stored.Single();
        Assert.Equal(s_syntaxes[syntax].Uid, stored.Context.TransferSyntaxUid);
        AssertSame(path, stored.Path);
    }

    /// <summary>storescp writes what it hears (+B), or reads it and writes it again.</summary>
    [Theory, MemberData(nameof(SyntaxesAndModes))]
    public async Task Storescp_receives_it(string syntax, string mode)
    {
        await using var scp = await StoreScp.StartAsync(mode, "-xf", Configuration(s_syntaxes[syntax].Uid), "Own");
        string path = instances.PathOf(syntax);
        await SendAsync(new DicomClientOptions { Host = "127.0.0.1", Port = scp.Port, CalledAeTitle = "STORESCP", CallingAeTitle = "SOFTSEG" }, path);
        string received = Assert.Single(Directory.GetFiles(scp.Folder));
        if (mode == "+B")
            Assert.Equal(Even(TestInstance.DataSetOf(path)), TestInstance.DataSetOf(received));
        else
            AssertSame(path, received);
        Assert.Equal(s_syntaxes[syntax].Uid, DicomFile.Open(received, DicomReadOptions.UntilPixelData).TransferSyntax.UID.Value);
    }

    /// <summary>The program that decompresses each, and by how much its pixels may differ from ours: the filters of lossy ones leave the last bit open.</summary>
    static (string Tool, string[] Options, int Most) Decoder(string syntax) => syntax switch
    {
        "RLE" => ("dcmdrle", [], 0),
        "JPEG Lossless" or "JPEG Lossless SV1" => ("dcmdjpeg", [], 0),
        "JPEG Baseline" or "JPEG Extended" => ("dcmdjpeg", [], 1),
        "JPEG-LS lossless" or "JPEG-LS near-lossless" => ("dcmdjpls", [], 0),
        "JPEG 2000 lossless" => ("gdcmconv", ["--raw"], 0),
        "JPEG 2000" => ("gdcmconv", ["--raw"], 1),
        _ => ("dcmconv", ["+te"], 0),
    };

    /// <summary>What a peer does not take as it is goes converted, and is said; all but the pixels stays as it was.</summary>
    [Theory, MemberData(nameof(Syntaxes))]
    public async Task Storescp_that_takes_uncompressed_syntaxes_only_gets_what_DCMTK_or_GDCM_decompress(string syntax)
    {
        // Without +xa it takes no compressed syntax.
        await using var scp = await StoreScp.StartAsync("+xe");
        string path = instances.PathOf(syntax);
        await using var client = await DicomClient.ConnectAsync(new DicomClientOptions { Host = "127.0.0.1", Port = scp.Port, CalledAeTitle = "STORESCP", CallingAeTitle = "SOFTSEG" }, [path]);
        var result = await client.StoreAllAsync([path]).SingleAsync();
        Assert.True(result.IsStored, result.Problem);
        Assert.Equal(
            DicomTransferSyntax.Lookup(s_syntaxes[syntax].Uid)!.IsEncapsulated || syntax.StartsWith("Deflated", StringComparison.Ordinal) ? $"{new DicomUID(s_syntaxes[syntax].Uid).Name} ({s_syntaxes[syntax].Uid}) into Explicit VR Little Endian (1.2.840.10008.1.2.1)" : null,
            result.Conversion);
        string received = Assert.Single(Directory.GetFiles(scp.Folder));
        Assert.Equal(Others(path), Others(received));
        AssertSamePixels(path, received, syntax);
    }

    [Theory, MemberData(nameof(Syntaxes))]
    public async Task A_peer_that_takes_implicit_only_gets_every_syntax(string syntax)
    {
        await using var host = await StorageHost.StartAsync(services: new AcceptedServices([TestInstance.ImplicitLittle]));
        string path = instances.PathOf(syntax);
        await SendAsync(host.Client(), path);
        string received = host.Stored.Single().Path;
        Assert.Equal(DicomTransferSyntax.ImplicitVRLittleEndian, DicomFile.Open(received).TransferSyntax);
        AssertSamePixels(path, received, syntax);
    }

    [Fact]
    public async Task Orthanc_that_takes_uncompressed_syntaxes_only_gets_every_one()
    {
        await using var archive = await OrthancArchive.StartAsync(1, new JsonObject { ["AcceptedTransferSyntaxes"] = new JsonArray(TestInstance.ExplicitLittle, TestInstance.ImplicitLittle) });
        foreach (string syntax in s_syntaxes.Keys)
        {
            string path = instances.PathOf(syntax);
            await SendAsync(archive.Client, path);
            string id = (await archive.GetAsync("instances")).EnumerateArray().Single().GetString()!;
            using var folder = new TemporaryDirectory();
            string received = folder.Write("kept.dcm", await archive.GetBytesAsync($"instances/{id}/file"));
            Assert.False(DicomFile.Open(received).TransferSyntax.IsEncapsulated);
            AssertSamePixels(path, received, syntax);
            await archive.DeleteAsync($"instances/{id}");
        }
    }

    [Theory]
    [InlineData("JPEG Extended", "ISO_10918_1")]
    [InlineData("JPEG-LS near-lossless", "ISO_14495_1")]
    [InlineData("JPEG 2000", "ISO_15444_1")]
    public async Task A_loss_stays_marked_also_where_the_header_was_silent(string syntax, string method)
    {
        using var folder = new TemporaryDirectory();
        var silent = DicomFile.Open(instances.PathOf(syntax));
        foreach (var tag in (DicomTag[])[DicomTag.LossyImageCompression, DicomTag.LossyImageCompressionMethod, DicomTag.LossyImageCompressionRatio])
            silent.Dataset.Remove(tag);
        string path = folder.File("silent.dcm");
        silent.Save(path);
        await using var host = await StorageHost.StartAsync(services: new AcceptedServices([TestInstance.ExplicitLittle]));
        await SendAsync(host.Client(), path);
        var received = DicomFile.Open(host.Stored.Single().Path).Dataset;
        Assert.Equal(("01", method), (received.GetString(DicomTag.LossyImageCompression), received.GetString(DicomTag.LossyImageCompressionMethod)));
        Assert.InRange(received.GetDoubleOrNull(DicomTag.LossyImageCompressionRatio) ?? 0, 0.9, 100);
    }

    [Fact]
    public async Task What_can_not_be_decompressed_is_said_and_the_others_go()
    {
        using var folder = new TemporaryDirectory();
        string colour = folder.File("colour.dcm"), damaged = folder.File("damaged.dcm"), good = instances.PathOf("JPEG Lossless SV1");
        var file = DicomFile.Open(good);
        file.Dataset.AddOrUpdate(DicomTag.SamplesPerPixel, 3);
        file.Save(colour);
        file = DicomFile.Open(good);
        var fragments = (DicomFragmentSequence)file.Dataset.Single(item => item.Tag == DicomTag.PixelData);
        fragments.Fragments[0] = fragments.Fragments[0][..(fragments.Fragments[0].Length / 4 * 2)];
        file.Save(damaged);
        await using var host = await StorageHost.StartAsync(services: new AcceptedServices([TestInstance.ExplicitLittle]));
        await using var client = await DicomClient.ConnectAsync(host.Client(), [colour, damaged, good]);
        var results = await client.StoreAllAsync([colour, damaged, good]).ToListAsync();
        Assert.Equal([false, false, true], results.Select(r => r.IsStored));
        Assert.All(results.Take(2), r => Assert.Contains("does not accept MR Image Storage (1.2.840.10008.5.1.4.1.1.4) in JPEG Lossless", r.Problem, StringComparison.Ordinal));
        Assert.Contains("can't be decompressed: SamplesPerPixel (0028,0002) is 3", results[0].Problem, StringComparison.Ordinal);
        Assert.Contains("can't be decompressed: PixelData (7FE0,0010) is not valid JPEG Lossless: it ends in row", results[1].Problem, StringComparison.Ordinal);
        Assert.Single(host.Stored);
    }

    /// <summary>Every element but the pixel data, as DCMTK prints it.</summary>
    static string Others(string path) => string.Join('\n', Dcmtk.Run("dcmdump", "+L", "-Un", path).Split("# Dicom-Data-Set")[1].Split('\n')
        .Where(line => line.TrimStart() is ['(', ..] element && !element.StartsWith("(7fe0", StringComparison.Ordinal) && !element.StartsWith("(fffe", StringComparison.Ordinal))
        .Select(line => line.Split('#')[0].TrimEnd()));

    static void AssertSamePixels(string sent, string received, string syntax)
    {
        using var folder = new TemporaryDirectory();
        var (tool, options, most) = Decoder(syntax);
        Dcmtk.Run(tool, [.. options, sent, folder.File("plain.dcm")]);
        float[] expected = Pixels(folder.File("plain.dcm")), got = Pixels(received);
        for (int n = 0; n < expected.Length; n++)
            Assert.InRange(got[n] - expected[n], -most, most);

        static float[] Pixels(string path)
        {
            var file = DicomFile.Open(path);
            Assert.IsType<DicomElement>(file.Dataset.Single(item => item.Tag == DicomTag.PixelData));
            var reader = new PixelReader(file.Dataset);
            var stored = new float[reader.Format.PixelsPerFrame];
            reader.Read(0, stored);
            return stored;
        }
    }

    /// <summary>dcmqrscp has an option for each syntax but process 14 with another predictor.</summary>
    [Theory, MemberData(nameof(SyntaxesWithOption))]
    public async Task Dcmqrscp_receives_it_and_sends_it_back_by_C_MOVE(string syntax)
    {
        string propose = s_syntaxes[syntax].Propose;
        // It proposes uncompressed syntaxes in the same context and can't decompress.
        await using var host = await StorageHost.StartAsync(services: new AcceptedServices([s_syntaxes[syntax].Uid]));
        await using var archive = await QueryRetrieveScp.StartAsync("SOFTSEG", host.Port, "+" + propose[1..], propose);
        string path = instances.PathOf(syntax);
        await SendAsync(archive.Client, path);
        await using var client = await DicomClient.ConnectAsync(archive.Client, new AssociationProposal().AddMove());
        var moved = await client.MoveAsync(QueryRetrieve.Study(DicomFile.Open(path).Dataset.GetString(DicomTag.StudyInstanceUID)), "SOFTSEG").LastAsync();
        Assert.Equal((1, 0), (moved.Completed, moved.Failed));
        var stored = Assert.Single(host.Stored);
        Assert.Equal(s_syntaxes[syntax].Uid, stored.Context.TransferSyntaxUid);
        AssertSame(path, stored.Path);
    }

    [Fact]
    public async Task Orthanc_receives_and_sends_every_one()
    {
        await using var host = await StorageHost.StartAsync(services: Every);
        await using var archive = await OrthancArchive.StartAsync(host.Port);
        foreach (var (syntax, (uid, _, _, _)) in s_syntaxes)
        {
            // One at a time: all are the same instance but for the lossy ones.
            string path = instances.PathOf(syntax);
            await SendAsync(archive.Client, path);
            string id = (await archive.GetAsync("instances")).EnumerateArray().Last().GetString()!;
            using var folder = new TemporaryDirectory();
            AssertSame(path, folder.Write("kept.dcm", await archive.GetBytesAsync($"instances/{id}/file")));

            host.Stored.Clear();
            await archive.PostAsync("modalities/us/store", new JsonObject { ["Resources"] = new JsonArray(id) });
            var stored = host.Stored.Single();
            Assert.Equal(uid, stored.Context.TransferSyntaxUid);
            AssertSame(path, stored.Path);
            await archive.DeleteAsync($"instances/{id}");
        }
    }

    /// <summary>dcmconv leaves a deflated data set odd; on the wire it must be even.</summary>
    static byte[] Even(byte[] dataSet) => dataSet.Length % 2 == 0 ? dataSet : [.. dataSet, 0];

    /// <summary>The same bytes; where they are deflated the same elements, since DCMTK, also inside Orthanc, deflates again what it sends and pads what it keeps.</summary>
    static void AssertSame(string sent, string received)
    {
        if (DicomFile.Open(sent, DicomReadOptions.UntilPixelData).TransferSyntax.IsDeflated)
            Assert.Equal(Elements(sent), Elements(received));
        else
            Assert.Equal(TestInstance.DataSetOf(sent), TestInstance.DataSetOf(received));
    }

    static string Elements(string path) => Dcmtk.Run("dcmdump", path).Split("# Dicom-Data-Set")[1];

    static async Task SendAsync(DicomClientOptions options, string path)
    {
        await using var client = await DicomClient.ConnectAsync(options, [path]);
        var status = await client.StoreAsync(path);
        Assert.True(status.IsSuccess, status.ToString());
        await client.ReleaseAsync();
    }

    /// <summary>An association profile for DCMTK with one transfer syntax.</summary>
    static string Configuration(string syntax)
    {
        string path = Path.Combine(Path.GetTempPath(), $"softseg-{syntax}-{Environment.ProcessId}.cfg");
        lock (s_syntaxes)
        {
            File.WriteAllText(path, $"""
                [[TransferSyntaxes]]
                [Own]
                TransferSyntax1 = {syntax}
                [[PresentationContexts]]
                [Own]
                PresentationContext1 = {TestInstance.MRImageStorage}\Own
                [[Profiles]]
                [Own]
                PresentationContexts = Own

                """);
        }
        return path;
    }
}
