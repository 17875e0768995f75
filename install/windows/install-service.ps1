# Installs SoftSeg as a Windows service that starts with the machine. Run it in an elevated PowerShell, in the published folder:
#   dotnet publish src/DicomNode -c Release -r win-x64 --self-contained -o C:\SoftSeg
#   C:\SoftSeg\install-service.ps1 -Configuration C:\ProgramData\SoftSeg\softseg.json
# Remove it with -Remove; configuration and data stay.
param(
    [string] $Configuration = "$env:ProgramData\SoftSeg\softseg.json",
    [string] $Program = "$PSScriptRoot\softseg.exe",
    [switch] $Remove
)
$ErrorActionPreference = 'Stop'
$name = 'SoftSeg'

if ($Remove) {
    Stop-Service $name -ErrorAction SilentlyContinue
    sc.exe delete $name | Out-Null
    Write-Host "$name is removed. Configuration and data in $(Split-Path $Configuration) stay."
    return
}

& $Program check-config --config $Configuration
if ($LASTEXITCODE -ne 0) { throw "The configuration is not right; the service was not installed." }

# A virtual account of its own: no password, and only what is granted here.
New-Service -Name $name -DisplayName 'SoftSeg DICOM node' -Description 'Soft segmentation of the spinal cord' -StartupType Automatic `
    -BinaryPathName "`"$Program`" serve --config `"$Configuration`"" | Out-Null
sc.exe config $name obj= "NT SERVICE\$name" | Out-Null
sc.exe failure $name reset= 86400 actions= restart/5000/restart/30000/restart/60000 | Out-Null
# Configuration and data: the service and the administrators, nobody else. Node:DataDirectory should lie in this folder.
$folder = Split-Path $Configuration
icacls $folder /inheritance:r /grant "NT SERVICE\${name}:(OI)(CI)M" 'BUILTIN\Administrators:(OI)(CI)F' 'NT AUTHORITY\SYSTEM:(OI)(CI)F' | Out-Null
$port = (& $Program check-config --config $Configuration | Select-String 'on port (\d+)').Matches[0].Groups[1].Value
New-NetFirewallRule -DisplayName "$name DICOM" -Direction Inbound -Protocol TCP -LocalPort $port -Action Allow -Program $Program | Out-Null
Start-Service $name
Get-Service $name
