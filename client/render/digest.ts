/** Digits of a digest that tell one from others for a person. */
export const digestDigits = 12;
