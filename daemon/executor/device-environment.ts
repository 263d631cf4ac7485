/**
 * An attempt's environment with the GPU devices that it was given, and no others, in sight. One that
 * claims none keeps what its submitter said.
 *
 * The order is fixed because CUDA numbers the fastest first otherwise, and nvidia-smi by the bus.
 * `ROCR_VISIBLE_DEVICES` goes: ROCm would count the others' indices among what that leaves.
 */
export function withDevices(
  environment: Readonly<Record<string, string>>,
  devices: readonly number[],
): Record<string, string> {
  const kept: Record<string, string> = { ...environment };
  if (devices.length === 0) return kept;
  delete kept["ROCR_VISIBLE_DEVICES"];
  const seen = devices.join(",");
  return {
    ...kept,
    CUDA_DEVICE_ORDER: "PCI_BUS_ID",
    CUDA_VISIBLE_DEVICES: seen,
    HIP_VISIBLE_DEVICES: seen,
  };
}
