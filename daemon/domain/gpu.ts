/** A device that may be claimed, by the index that the drivers know it by. */
export interface GpuDevice {
  readonly index: number;
  readonly name: string;
  readonly vramBytes: number;
  /** What may be promised of it: a share, because contexts and other programs take some. */
  readonly budgetBytes: number;
}
