using System.Text;
using SoftSeg.EndToEnd.Tests.Fixtures;
using SoftSeg.EndToEnd.Tests.Peers;

namespace SoftSeg.EndToEnd.Tests;

/// <summary>What comes to the DICOM port and is no association that the node serves: refused with the reason, closed, and the node goes on.</summary>
[Collection(BadInputNode.Collection)]
public sealed class StrangersAtThePortTests(BadInputNode bad)
{
    [Fact]
    public async Task An_HTTP_request_is_refused_and_logged_with_its_address()
    {
        await using var browser = await ScriptedSender.ConnectAsync(bad.Node.Port);
        var address = browser.LocalEndPoint;

        await browser.SendAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        await browser.WaitForCloseAsync(TimeSpan.FromSeconds(10));

        await bad.Node.Logged(PortOf(address), "HTTP");
        await bad.AssertStillServing("an HTTP request");
    }

    [Fact]
    public async Task Random_bytes_are_refused_and_logged_with_their_address()
    {
        // All at once: the node gives each of them time to close the connection after its A-ABORT (PS3.8 9.2, ARTIM).
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async seed =>
        {
            var random = new Random(seed);
            var bytes = new byte[random.Next(1, 5000)];
            random.NextBytes(bytes);
            // Never a PDU type of PS3.8 9.3: what begins like one is another test's matter.
            bytes[0] = (byte)(8 + (bytes[0] % 248));
            await using var scanner = await ScriptedSender.ConnectAsync(bad.Node.Port);
            var address = scanner.LocalEndPoint;
            await scanner.SendAsync(bytes);
            await scanner.WaitForCloseAsync(TimeSpan.FromSeconds(20));
            await bad.Node.Logged(PortOf(address), "not a DICOM peer");
        }));

        await bad.AssertStillServing("random bytes");
    }

    [Fact]
    public async Task A_silent_client_hinders_nobody_and_is_closed_by_the_ARTIM_timer()
    {
        await bad.AssertStillServing("a client connected and said nothing");

        await bad.Silent.WaitForCloseAsync(TimeSpan.FromSeconds(45));
        await bad.Node.Logged(PortOf(bad.SilentAddress));
    }

    [Fact]
    public async Task A_wrong_called_title_is_rejected_and_the_log_names_both_titles()
    {
        var result = await Dcmtk.Send(bad.Node.Port, "WRONGNAME", bad.Pacs.AeTitle, bad.Sources.NewPhantom("wrong called title").Files);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("Called AE Title Not Recognized", result.Output + result.Error, StringComparison.OrdinalIgnoreCase);
        await bad.Node.Logged("rejected", "WRONGNAME", bad.Node.AeTitle);
        await bad.AssertStillServing("a wrong called title");
    }

    [Fact]
    public async Task An_unknown_calling_title_is_rejected_and_the_log_gives_the_line_to_add()
    {
        var result = await bad.Node.Send("STRANGER", bad.Sources.NewPhantom("unknown calling title").Files);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("Calling AE Title Not Recognized", result.Output + result.Error, StringComparison.OrdinalIgnoreCase);
        await bad.Node.Logged("rejected", "STRANGER", "\"AeTitle\": \"STRANGER\"");
        await bad.AssertStillServing("an unknown calling title");
    }

    static string PortOf(string endPoint) => endPoint[(endPoint.LastIndexOf(':') + 1)..];
}
