using System.Collections;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using Serilog.Core;
using Serilog.Events;

namespace SoftSeg.DicomNode.Configuration;

/// <summary>The file that the configuration came from; null for a node that a program configured.</summary>
sealed record ConfigurationSource(string? File);

/// <summary>
/// Takes over what changed in the configuration file, when it is saved and at SIGHUP: all settings but those that <see cref="NeedsRestartAttribute"/>
/// marks, for which the log says so. A file with errors changes nothing.
/// </summary>
sealed class ConfigurationReload(ConfigurationSource source, NodeConfiguration configuration, LoggingLevelSwitch level, TimeProvider time, ILogger<ConfigurationReload> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (source.File is not { } file)
            return;
        var hangUps = 0;
        using var hangUp = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            Interlocked.Increment(ref hangUps);
        });
        // Looked at each second rather than watched: that works on every file system. A file is read once it stands still, as editors write in steps.
        var (loaded, before) = (Stamp(file), Stamp(file));
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var now = Stamp(file);
            if (Interlocked.Exchange(ref hangUps, 0) > 0 || (now != loaded && now == before))
            {
                Reload(file);
                loaded = now;
            }
            before = now;
        }
    }

    static (DateTime, long) Stamp(string file)
    {
        var info = new FileInfo(file);
        return info.Exists ? (info.LastWriteTimeUtc, info.Length) : default;
    }

    void Reload(string file)
    {
        try
        {
            var (changed, waiting) = TakeOver(configuration, ConfigurationFile.Load(file));
            level.MinimumLevel = Enum.Parse<LogEventLevel>(configuration.Log.Level);
            logger.ConfigurationReloaded(changed.Count == 0 ? "nothing changed" : $"changed: {string.Join(", ", changed)}");
            foreach (var setting in waiting)
                logger.RestartNeeded(setting);
        }
        catch (ConfigurationException error)
        {
            foreach (var line in error.Errors)
                logger.ConfigurationWrong(line);
        }
    }

    /// <summary>Sets in <paramref name="live"/> what differs in <paramref name="fresh"/> and may change while the node runs.</summary>
    /// <returns>The keys that changed, and those that wait for a restart.</returns>
    internal static (List<string> Changed, List<string> Waiting) TakeOver(object live, object fresh, string prefix = "", bool needsRestart = false)
    {
        var (changed, waiting) = (new List<string>(), new List<string>());
        foreach (var property in live.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite))
        {
            var (old, value) = (property.GetValue(live)!, property.GetValue(fresh)!);
            var restart = needsRestart || property.IsDefined(typeof(NeedsRestartAttribute));
            var key = prefix + property.Name;
            if (property.PropertyType.IsClass && property.PropertyType != typeof(string) && value is not IList)
            {
                var (inner, innerWaiting) = TakeOver(old, value, key + ":", restart);
                changed.AddRange(inner);
                waiting.AddRange(innerWaiting);
            }
            else if (JsonSerializer.Serialize(old) != JsonSerializer.Serialize(value))
            {
                (restart ? waiting : changed).Add(key);
                if (!restart)
                    property.SetValue(live, value);
            }
        }
        return (changed, waiting);
    }
}
