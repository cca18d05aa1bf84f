/** Words of the numbers that devices measure, or that are read of their light. */

export const vitalTexts = {
  names: {
    hr: "Heart rate of the device",
    "hr light": "Pulse by light",
    spo2: "Oxygen",
    temp: "Temperature",
    resp: "Breathing rate",
  } as Readonly<Record<string, string>>,
  from: (device: string, age: string) => `${device}, ${age} old`,
  without: {
    absent: "No value: the sensor has none now",
    implausible: "No value: what the sensor sends cannot be",
    unsure: "No value: the pulse cannot be read reliably now",
  } as Readonly<Record<string, string>>,
};
