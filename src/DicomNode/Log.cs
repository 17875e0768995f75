namespace SoftSeg.DicomNode;

/// <summary>What the node logs, in one place. Patient names never appear; UIDs and AE titles do.</summary>
static partial class Log
{
    [LoggerMessage(1001, LogLevel.Information, "SoftSeg {Version} listens as {AeTitle} on port {Port}; data in {DataDirectory}")]
    public static partial void Listening(this ILogger logger, string version, string aeTitle, int port, string dataDirectory);

    [LoggerMessage(1002, LogLevel.Information, "Model {Model} ({Sha256}) on {Provider}")]
    public static partial void ModelLoaded(this ILogger logger, string model, string sha256, string provider);

    [LoggerMessage(1003, LogLevel.Warning, "{Problem} It is used all the same: Engine:AllowModelWithoutGate is true")]
    public static partial void ModelWithoutGate(this ILogger logger, string problem);

    [LoggerMessage(1011, LogLevel.Information, "Configuration read again; {What}")]
    public static partial void ConfigurationReloaded(this ILogger logger, string what);

    [LoggerMessage(1012, LogLevel.Warning, "Configuration: {Setting} changed in the file and takes effect when the node is restarted")]
    public static partial void RestartNeeded(this ILogger logger, string setting);

    [LoggerMessage(1013, LogLevel.Error, "Configuration not taken over, the node goes on with the one it has: {Problem}")]
    public static partial void ConfigurationWrong(this ILogger logger, string problem);

    [LoggerMessage(1014, LogLevel.Error, "The state can't be used now: {Problem}")]
    public static partial void StateUnavailable(this ILogger logger, string problem);

    [LoggerMessage(1015, LogLevel.Information, "Series {SeriesUid}: retry asked for: {Now}")]
    public static partial void RetryRequested(this ILogger logger, string seriesUid, string now);

    [LoggerMessage(1016, LogLevel.Error, "Audit message not kept: {Problem}")]
    public static partial void AuditFailed(this ILogger logger, string problem);

    [LoggerMessage(1017, LogLevel.Error, "Self-test failed, the service manager will restart the node: {Problem}")]
    public static partial void SelfTestFailed(this ILogger logger, string problem);

    [LoggerMessage(1018, LogLevel.Information, "Series {SeriesUid}: resend asked for, to {Peer}: {Now}")]
    public static partial void ResendRequested(this ILogger logger, string seriesUid, string peer, string now);

    [LoggerMessage(1019, LogLevel.Warning, "The state answers again after steps could not use it: {Series} series under way are taken up")]
    public static partial void StateAnswers(this ILogger logger, int series);

    [LoggerMessage(1406, LogLevel.Information, "Series {SeriesUid}: {Detail}")]
    public static partial void CommitmentAnswered(this ILogger logger, string seriesUid, string detail);

    [LoggerMessage(1407, LogLevel.Warning, "Storage commitment: {Peer} answered transaction {TransactionUid}, which nobody asked for")]
    public static partial void CommitmentUnknown(this ILogger logger, string peer, string transactionUid);

    [LoggerMessage(1408, LogLevel.Warning, "Series {SeriesUid}: {Detail}")]
    public static partial void CommitmentOverdue(this ILogger logger, string seriesUid, string detail);

    [LoggerMessage(1501, LogLevel.Information, "Series {SeriesUid} purged: {What}")]
    public static partial void SeriesPurged(this ILogger logger, string seriesUid, string what);

    [LoggerMessage(1203, LogLevel.Warning, "The state was damaged: it is put aside as {File} and made anew from the spool; results that were delivered go out once more")]
    public static partial void StateDamaged(this ILogger logger, string file);

    [LoggerMessage(1201, LogLevel.Information, "Series {SeriesUid} is {What}")]
    public static partial void SeriesComplete(this ILogger logger, string seriesUid, string what);

    [LoggerMessage(1204, LogLevel.Information, "Series {SeriesUid} {What}")]
    public static partial void SeriesWaits(this ILogger logger, string seriesUid, string what);

    [LoggerMessage(1202, LogLevel.Information, "Series {SeriesUid} in the spool is not as the state knows it: taken up again")]
    public static partial void SeriesRecovered(this ILogger logger, string seriesUid);

    [LoggerMessage(1301, LogLevel.Information, "Series {SeriesUid} of study {StudyUid} segmented in {Seconds:0.0} s: {Summary}; model {Model} ({Sha256}) on {Provider}; {Steps}; wrote {Outputs}; for {Peers}")]
    public static partial void SeriesSegmented(this ILogger logger, string seriesUid, string studyUid, double seconds, string summary, string model, string sha256, string provider,
        string steps, string outputs, string peers);

    [LoggerMessage(1302, LogLevel.Information, "Series {SeriesUid} skipped: {Reason}")]
    public static partial void SeriesSkipped(this ILogger logger, string seriesUid, string reason);

    [LoggerMessage(1303, LogLevel.Warning, "Series {SeriesUid} refused: {Reason}")]
    public static partial void SeriesRefused(this ILogger logger, string seriesUid, string reason);

    [LoggerMessage(1304, LogLevel.Error, "Series {SeriesUid} failed in {Step}, attempt {Attempt}")]
    public static partial void SeriesFailed(this ILogger logger, Exception error, string seriesUid, string step, long attempt);

    [LoggerMessage(1305, LogLevel.Information, "Series {SeriesUid}: {Note}")]
    public static partial void SeriesNote(this ILogger logger, string seriesUid, string note);

    [LoggerMessage(1401, LogLevel.Information, "Series {SeriesUid}: {Detail}")]
    public static partial void Delivered(this ILogger logger, string seriesUid, string detail);

    [LoggerMessage(1402, LogLevel.Warning, "Series {SeriesUid}: {Detail}; next attempt in {Seconds} s")]
    public static partial void DeliveryPostponed(this ILogger logger, string seriesUid, string detail, double seconds);

    [LoggerMessage(1403, LogLevel.Error, "Series {SeriesUid}: {Detail}; results are kept in {Folder}")]
    public static partial void DeliveryFailed(this ILogger logger, string seriesUid, string detail, string folder);

    [LoggerMessage(1405, LogLevel.Warning, "Peer {Peer} does not take everything as it is (told once; softseg probe {Peer} shows all): {Detail}")]
    public static partial void PeerTakesLess(this ILogger logger, string peer, string detail);

    [LoggerMessage(1404, LogLevel.Error, "Series {SeriesUid}: {Reason}")]
    public static partial void NoDestination(this ILogger logger, string seriesUid, string reason);
}
