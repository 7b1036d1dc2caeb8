# Speaks with the Windows spooler for the certificate printer's driver; helper.ts has the rules.
# Calls and structures: winspool.h. Not run on Windows yet.
$ErrorActionPreference = 'Stop'

Add-Type -TypeDefinition @'
using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Runtime.InteropServices;

public static class Spooler {
  [StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode)]
  struct DocInfo1 { public string DocName; public string OutputFile; public string Datatype; }

  [StructLayout(LayoutKind.Sequential)]
  struct PrinterInfo2 {
    public IntPtr ServerName, PrinterName, ShareName, PortName, DriverName, Comment, Location, DevMode;
    public IntPtr SepFile, PrintProcessor, Datatype, Parameters, SecurityDescriptor;
    public uint Attributes, Priority, DefaultPriority, StartTime, UntilTime, Status, Jobs, AveragePagesPerMinute;
  }

  [StructLayout(LayoutKind.Sequential)]
  struct JobInfo1 {
    public uint JobId;
    public IntPtr PrinterName, MachineName, UserName, Document, Datatype, StatusText;
    public uint Status, Priority, Position, TotalPages, PagesPrinted;
    public ushort Year, Month, DayOfWeek, Day, Hour, Minute, Second, Milliseconds;
  }

  public sealed class Printer { public uint Status; public uint Attributes; public string Driver; }
  public sealed class Job { public uint Id; public string Name; public uint Status; public uint Pages; public bool Mine; }

  [DllImport("winspool.drv", CharSet = CharSet.Unicode, SetLastError = true)]
  static extern bool OpenPrinterW(string name, out IntPtr printer, IntPtr defaults);
  [DllImport("winspool.drv", SetLastError = true)]
  static extern bool ClosePrinter(IntPtr printer);
  [DllImport("winspool.drv", CharSet = CharSet.Unicode, SetLastError = true)]
  static extern uint StartDocPrinterW(IntPtr printer, uint level, ref DocInfo1 info);
  [DllImport("winspool.drv", SetLastError = true)]
  static extern bool StartPagePrinter(IntPtr printer);
  [DllImport("winspool.drv", SetLastError = true)]
  static extern bool WritePrinter(IntPtr printer, IntPtr bytes, uint count, out uint written);
  [DllImport("winspool.drv", SetLastError = true)]
  static extern bool EndPagePrinter(IntPtr printer);
  [DllImport("winspool.drv", SetLastError = true)]
  static extern bool EndDocPrinter(IntPtr printer);
  [DllImport("winspool.drv", SetLastError = true)]
  static extern bool AbortPrinter(IntPtr printer);
  [DllImport("winspool.drv", SetLastError = true)]
  static extern bool GetPrinterW(IntPtr printer, uint level, IntPtr info, uint size, out uint needed);
  [DllImport("winspool.drv", SetLastError = true)]
  static extern bool GetJobW(IntPtr printer, uint job, uint level, IntPtr info, uint size, out uint needed);
  [DllImport("winspool.drv", SetLastError = true)]
  static extern bool EnumJobsW(IntPtr printer, uint first, uint count, uint level, IntPtr info, uint size,
    out uint needed, out uint returned);
  [DllImport("winspool.drv", SetLastError = true)]
  static extern bool SetJobW(IntPtr printer, uint job, uint level, IntPtr info, uint command);

  const uint JobControlDelete = 5, JobControlRetain = 8, JobControlRelease = 9;
  const int InsufficientBuffer = 122, InvalidParameter = 87;

  // Jobs that have been created and wait for their document.
  static readonly Dictionary<uint, IntPtr> created = new Dictionary<uint, IntPtr>();

  delegate T Use<T>(IntPtr printer);
  delegate bool Fill(IntPtr info, uint size, out uint needed);

  static void Must(bool done) {
    if (!done) throw new Win32Exception(Marshal.GetLastWin32Error());
  }

  static IntPtr Open(string name) {
    IntPtr printer;
    Must(OpenPrinterW(name, out printer, IntPtr.Zero));
    return printer;
  }

  static T With<T>(string name, Use<T> use) {
    IntPtr printer = Open(name);
    try { return use(printer); } finally { ClosePrinter(printer); }
  }

  // The spooler says first how much room it needs; that may grow before it is asked again.
  static T Read<T>(Fill fill, Use<T> read) {
    uint size = 0;
    for (;;) {
      IntPtr info = Marshal.AllocHGlobal((int)Math.Max(size, 1));
      try {
        uint needed;
        if (fill(info, size, out needed)) return read(info);
        int error = Marshal.GetLastWin32Error();
        if (error != InsufficientBuffer) throw new Win32Exception(error);
        size = needed;
      } finally { Marshal.FreeHGlobal(info); }
    }
  }

  static Job ToJob(IntPtr info) {
    JobInfo1 job = (JobInfo1)Marshal.PtrToStructure(info, typeof(JobInfo1));
    return new Job {
      Id = job.JobId, Name = Marshal.PtrToStringUni(job.Document) ?? "", Status = job.Status, Pages = job.PagesPrinted,
      Mine = string.Equals(Marshal.PtrToStringUni(job.UserName), Environment.UserName, StringComparison.OrdinalIgnoreCase)
    };
  }

  public static Printer GetPrinter(string name) {
    return With(name, printer => Read(
      (IntPtr info, uint size, out uint needed) => GetPrinterW(printer, 2, info, size, out needed),
      info => {
        PrinterInfo2 told = (PrinterInfo2)Marshal.PtrToStructure(info, typeof(PrinterInfo2));
        return new Printer {
          Status = told.Status, Attributes = told.Attributes, Driver = Marshal.PtrToStringUni(told.DriverName) ?? ""
        };
      }));
  }

  public static Job GetJob(string name, uint id) {
    return With(name, printer => Read(
      (IntPtr info, uint size, out uint needed) => GetJobW(printer, id, 1, info, size, out needed), ToJob));
  }

  public static Job[] GetJobs(string name) {
    return With(name, printer => {
      uint count = 0;
      return Read(
        (IntPtr info, uint size, out uint needed) =>
          EnumJobsW(printer, 0, 10000, 1, info, size, out needed, out count),
        info => {
          Job[] jobs = new Job[count];
          int step = Marshal.SizeOf(typeof(JobInfo1));
          for (int i = 0; i < count; i++) jobs[i] = ToJob(IntPtr.Add(info, i * step));
          return jobs;
        });
    });
  }

  public static uint Create(string name, string document) {
    IntPtr printer = Open(name);
    DocInfo1 info = new DocInfo1 { DocName = document, OutputFile = null, Datatype = "RAW" };
    uint id = StartDocPrinterW(printer, 1, ref info);
    if (id == 0) {
      int error = Marshal.GetLastWin32Error();
      ClosePrinter(printer);
      throw new Win32Exception(error);
    }
    SetJobW(printer, id, 0, IntPtr.Zero, JobControlRetain);
    created[id] = printer;
    return id;
  }

  // All or nothing: a document that could not be written to its end is taken back.
  public static void Send(uint id, byte[] document) {
    IntPtr printer;
    if (!created.TryGetValue(id, out printer)) throw new Win32Exception(InvalidParameter);
    created.Remove(id);
    GCHandle pinned = GCHandle.Alloc(document, GCHandleType.Pinned);
    bool ended = false;
    try {
      Must(StartPagePrinter(printer));
      int at = 0;
      while (at < document.Length) {
        uint written;
        Must(WritePrinter(printer, IntPtr.Add(pinned.AddrOfPinnedObject(), at), (uint)(document.Length - at), out written));
        at += (int)written;
      }
      Must(EndPagePrinter(printer));
      Must(EndDocPrinter(printer));
      ended = true;
    } finally {
      pinned.Free();
      if (!ended) AbortPrinter(printer);
      ClosePrinter(printer);
      Array.Clear(document, 0, document.Length);
    }
  }

  static void Drop(uint id) {
    IntPtr printer;
    if (!created.TryGetValue(id, out printer)) return;
    created.Remove(id);
    AbortPrinter(printer);
    ClosePrinter(printer);
  }

  static bool Control(string name, uint id, uint command) {
    return With(name, printer => { Must(SetJobW(printer, id, 0, IntPtr.Zero, command)); return true; });
  }

  public static void Cancel(string name, uint id) {
    bool empty = created.ContainsKey(id);
    Drop(id);
    try { Control(name, id, JobControlDelete); }
    catch (Win32Exception error) { if (!empty || error.NativeErrorCode != InvalidParameter) throw; }
  }

  public static void Release(string name, uint id) { Control(name, id, JobControlRelease); }

  public static void End() { foreach (uint id in new List<uint>(created.Keys)) Drop(id); }
}
'@

$utf8 = New-Object System.Text.UTF8Encoding $false
$in = New-Object System.IO.StreamReader ([Console]::OpenStandardInput()), $utf8
$out = New-Object System.IO.StreamWriter ([Console]::OpenStandardOutput()), $utf8
$out.NewLine = "`n"
$out.AutoFlush = $true

function Get-JobText($job) {
  ConvertTo-Json -Compress -InputObject @{
    id = $job.Id; name = $job.Name; status = $job.Status; pages = $job.Pages; mine = $job.Mine
  }
}

$out.WriteLine('{"ready":1}')
while ($null -ne ($line = $in.ReadLine())) {
  $request = ConvertFrom-Json -InputObject $line
  $printer = $request.printer
  try {
    $value = 'null'
    switch ($request.op) {
      'printer' {
        $told = [Spooler]::GetPrinter($printer)
        $value = ConvertTo-Json -Compress -InputObject @{
          status = $told.Status; attributes = $told.Attributes; driver = $told.Driver
        }
      }
      'jobs' { $value = '[' + (@([Spooler]::GetJobs($printer) | ForEach-Object { Get-JobText $_ }) -join ',') + ']' }
      'job' { $value = Get-JobText ([Spooler]::GetJob($printer, $request.job)) }
      'create' {
        $value = ConvertTo-Json -Compress -InputObject @{ job = [Spooler]::Create($printer, $request.name) }
      }
      'send' { [Spooler]::Send($request.job, [Convert]::FromBase64String($in.ReadLine())) }
      'cancel' { [Spooler]::Cancel($printer, $request.job) }
      'release' { [Spooler]::Release($printer, $request.job) }
      default { throw "unknown request" }
    }
    $out.WriteLine('{"id":' + $request.id + ',"value":' + $value + '}')
  } catch {
    $cause = $_.Exception
    while ($cause.InnerException) { $cause = $cause.InnerException }
    # ERROR_INTERNAL_ERROR for whatever Windows has no number for.
    $number = if ($cause -is [System.ComponentModel.Win32Exception]) { $cause.NativeErrorCode } else { 1359 }
    $out.WriteLine('{"id":' + $request.id + ',"error":' + $number + '}')
  }
}
[Spooler]::End()
