using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using SoftSeg.Dicom.Network;
using SoftSeg.Dicom.Tests.Network;
using SoftSeg.Dicom.Tests.Support;

namespace SoftSeg.Dicom.Tests;

/// <summary>The code of docs/dicom-library.md, run; and the page, held against the code here.</summary>
public sealed partial class LibraryPageTests
{
    [Fact]
    public async Task The_storage_SCP_the_sender_and_the_rest_of_the_page_work()
    {
        using var temporary = new TemporaryDirectory();
        string folder = temporary.File("spool");
        string[] files = [TestInstance.MR(1).Save(temporary.Path), TestInstance.MR(2).Save(temporary.Path)];
        int port = DcmtkPeer.FreePort();

        var builder = WebApplication.CreateSlimBuilder();
        var service = new DicomService(new Archive(new InstanceSpool(folder, DicomLimits.Default, NullLogger.Instance)));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenAnyIP(port, listen => listen.Run(c => service.RunAsync(c.Transport, c.RemoteEndPoint, c.ConnectionClosed))));
        await using var app = builder.Build();
        await app.StartAsync();

        await SendAsync("127.0.0.1", port, files);
        Assert.Equal(2, Directory.EnumerateFiles(folder, "*.dcm", SearchOption.AllDirectories).Count());
    }

    static async Task SendAsync(string host, int port, string[] files)
    {
        await using var client = await DicomClient.ConnectAsync(new() { Host = host, Port = port, CalledAeTitle = "PACS", CallingAeTitle = "ME" }, files);
        await foreach (var result in client.StoreAllAsync(files)) Console.WriteLine($"{result.Path}: {result.Status?.ToString() ?? result.Problem}");
        await client.ReleaseAsync();
    }

    [Fact]
    public async Task Asking_and_fetching_works()
    {
        using var temporary = new TemporaryDirectory();
        await using var scp = await QueryRetrieveScp.StartAsync();
        await SendAsync("127.0.0.1", scp.Port, [TestInstance.MR(1).Save(temporary.Path)], "ARCHIVE");
        var (options, study) = (scp.Client, "1.2.826.0.1.3680043.2.1125.7");
        var spool = new InstanceSpool(temporary.File("spool"), DicomLimits.Default, NullLogger.Instance);
        List<string> wanted = [];
        RetrieveProgress? outcome = null;

        await using var archive = await DicomClient.ConnectAsync(options, new AssociationProposal().AddFind().AddGet([DicomUID.MRImageStorage.Value]));
        await foreach (var series in archive.FindAsync(QueryRetrieve.SeriesOf(study)))
            if (series.GetStringOrNull(DicomTag.Modality) == "MR")
                wanted.Add(series.GetString(DicomTag.SeriesInstanceUID));
        foreach (string series in wanted)
            outcome = await archive.GetAsync(QueryRetrieve.Series(study, series), (context, _) => new(spool.Begin(context))).LastAsync();

        Assert.True(outcome is { Completed: 1, Status.IsSuccess: true });
    }

    static async Task SendAsync(string host, int port, string[] files, string called)
    {
        await using var client = await DicomClient.ConnectAsync(new() { Host = host, Port = port, CalledAeTitle = called, CallingAeTitle = "ME" }, files);
        await foreach (var result in client.StoreAllAsync(files))
            Assert.True(result.IsStored, result.Problem);
        await client.ReleaseAsync();
    }

    [Fact]
    public async Task Asking_for_commitment_works()
    {
        await using var host = await StorageHost.StartAsync(services: new AcceptedServices { CommitmentRequests = true });
        var (options, sopClass, sopInstance) = (host.Client(), TestInstance.MRImageStorage, "1.2.3");

        await using var asking = await DicomClient.ConnectAsync(options, new AssociationProposal().AddCommitmentRequest());
        await asking.RequestCommitmentAsync(CommitmentRequest.For([new SopReference(sopClass, sopInstance)]));
        CommitmentResult? result = await asking.WaitForCommitmentAsync(TimeSpan.FromSeconds(2));

        Assert.Null(result);
        Assert.Equal("1.2.3", Assert.Single(Assert.Single(host.CommitmentRequests).Instances).SopInstanceUid);
    }

    [Fact]
    public void Every_line_of_code_on_the_page_is_compiled_here()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "SoftSeg.sln")))
            root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("no SoftSeg.sln above the tests");
        var compiled = File.ReadLines(Path.Combine(root, "tests", "Dicom.Tests", "LibraryPageTests.cs")).Select(line => line.Trim()).ToHashSet(StringComparer.Ordinal);
        string[] shown = [.. Code().Matches(File.ReadAllText(Path.Combine(root, "docs", "dicom-library.md"))).SelectMany(block => block.Groups[1].Value.Split('\n')).Select(line => line.Trim())];
        Assert.True(shown.Length > 20);
        Assert.DoesNotContain(shown, line => !compiled.Contains(line));
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Code();
}

sealed class Archive(InstanceSpool spool) : IDicomServiceHandler
{
    public AssociationAnswer AcceptAssociation(AssociationRequest request) => AssociationAnswer.Accept(AcceptedServices.Default);
    public ValueTask<IInstanceSink> OnStoreBeginAsync(StoreContext context, CancellationToken cancellation) => new(spool.Begin(context));
}
