using System;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Sets VER_FLG_WEAK on one needed symbol version of a 64-bit little-endian ELF library (section .gnu.version_r),
/// unless the system's libstdc++ defines that version. The file keeps its time stamp, so that incremental builds see no change.
/// </summary>
public sealed class WeakenSymbolVersion : Task
{
    const uint SHT_GNU_verneed = 0x6ffffffe;
    const ushort VER_FLG_WEAK = 0x2;

    public string Library { get; set; }

    public string SymbolVersion { get; set; }

    public override bool Execute()
    {
        if (SystemDefinesVersion())
            return true;
        var image = File.ReadAllBytes(Library);
        var flags = FindFlags(image);
        if (flags < 0)
        {
            Log.LogWarning("{0} asks for no {1}: nothing to weaken.", Library, SymbolVersion);
            return true;
        }

        if ((BitConverter.ToUInt16(image, flags) & VER_FLG_WEAK) != 0)
            return true;
        var stamp = File.GetLastWriteTimeUtc(Library);
        using (var file = new FileStream(Library, FileMode.Open, FileAccess.Write))
        {
            file.Position = flags;
            file.WriteByte((byte)(image[flags] | VER_FLG_WEAK));
        }

        File.SetLastWriteTimeUtc(Library, stamp);
        Log.LogMessage(MessageImportance.Normal, "{0}: {1} is now weak.", Library, SymbolVersion);
        return true;
    }

    bool SystemDefinesVersion()
    {
        var folders = new[] { "/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib64", "/lib64", "/usr/lib" };
        var library = folders.Select(folder => Path.Combine(folder, "libstdc++.so.6")).FirstOrDefault(File.Exists);
        return library != null
            && Encoding.GetEncoding("iso-8859-1").GetString(File.ReadAllBytes(library)).Contains("\0" + SymbolVersion + "\0");
    }

    /// <summary>Offset of vna_flags of the version in the file; -1 when the library does not ask for it.</summary>
    int FindFlags(byte[] image)
    {
        var sections = (int)BitConverter.ToInt64(image, 0x28);
        var sectionSize = BitConverter.ToUInt16(image, 0x3a);
        var sectionCount = BitConverter.ToUInt16(image, 0x3c);
        for (var i = 0; i < sectionCount; i++)
        {
            var section = sections + (i * sectionSize);
            if (BitConverter.ToUInt32(image, section + 4) != SHT_GNU_verneed)
                continue;
            var names = (int)BitConverter.ToInt64(image, sections + (BitConverter.ToInt32(image, section + 0x28) * sectionSize) + 0x18);
            var need = (int)BitConverter.ToInt64(image, section + 0x18);
            while (true)
            {
                var entry = need + BitConverter.ToInt32(image, need + 8);
                for (var left = BitConverter.ToUInt16(image, need + 2); left > 0; left--)
                {
                    if (NameAt(image, names + BitConverter.ToInt32(image, entry + 8)) == SymbolVersion)
                        return entry + 4;
                    entry += BitConverter.ToInt32(image, entry + 12);
                }

                var next = BitConverter.ToInt32(image, need + 12);
                if (next == 0)
                    break;
                need += next;
            }
        }

        return -1;
    }

    static string NameAt(byte[] image, int offset) =>
        Encoding.ASCII.GetString(image, offset, Array.IndexOf(image, (byte)0, offset) - offset);
}
