import { expect, it } from "vitest";
import { withDevices } from "../../../daemon/executor/device-environment.ts";

it("shows an attempt the devices it was given, whatever its submitter had in sight", () => {
  const submitted = { CUDA_VISIBLE_DEVICES: "7", PATH: "/bin", ROCR_VISIBLE_DEVICES: "3" };
  expect(withDevices(submitted, [0, 2])).toEqual({
    CUDA_DEVICE_ORDER: "PCI_BUS_ID",
    CUDA_VISIBLE_DEVICES: "0,2",
    HIP_VISIBLE_DEVICES: "0,2",
    PATH: "/bin",
  });
});

it("leaves the environment of one that claims none alone", () => {
  const submitted = { CUDA_VISIBLE_DEVICES: "7", ROCR_VISIBLE_DEVICES: "3" };
  expect(withDevices(submitted, [])).toEqual(submitted);
});
