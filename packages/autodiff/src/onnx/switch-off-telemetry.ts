/**
 * ONNX Runtime from 1.28 on keeps a device id and a small database in the user's cache folder and sends events to its maker, unless the
 * environment says no before the first session is opened. What people's documents run through tells nobody that it ran. The main
 * thread has to say it: a worker's `process.env` is a copy that native code does not see.
 */
export function switchOffTelemetry(): void {
  process.env["ORT_DISABLE_TELEMETRY"] = "1";
}
